package io.javisor.devices.serial;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random accesses and arrivals: the UART and the reference agree on every value read, on the pin and on what was sent. */
class Uart16550ModelTest {
    private static final int STEPS = 4_000;

    static LongStream seeds() {
        return LongStream.rangeClosed(1, 40);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void agreesWithTheReference(long seed) {
        Random random = new Random(seed);
        RecordingWire wire = new RecordingWire();
        Uart16550 uart = new Uart16550(wire);
        ReferenceUart reference = new ReferenceUart();
        boolean pinBefore = false;
        for (int step = 0; step < STEPS; step++) {
            String what = "seed " + seed + " step " + step + ": ";
            int port = random.nextInt(8);
            int value = value(random, port);
            switch (random.nextInt(10)) {
                case 0, 1, 2, 3 -> {
                    what += "read " + port;
                    assertEquals(reference.read(port), uart.read(port), what);
                }
                case 4, 5, 6 -> {
                    what += "write " + port + " " + value;
                    reference.write(port, value);
                    uart.write(port, value);
                }
                case 7 -> {
                    int errors = random.nextInt(4) == 0 ? random.nextInt(8) << 2 : 0;
                    what += "receive " + value + " errors " + errors;
                    reference.receive(value, errors);
                    uart.receive(value, errors);
                }
                case 8 -> {
                    what += "idle";
                    reference.idle();
                    uart.receiveIdle();
                }
                default -> {
                    what += "pins " + (value & 0xF0);
                    reference.pins(value & 0xF0);
                    uart.setModemInputs(value & 0xF0);
                }
            }
            assertEquals(reference.pin(), uart.interruptAsserted(), what);
            boolean fell = uart.takeInterruptFell();
            if (pinBefore && !uart.interruptAsserted()) {
                assertEquals(true, fell, what);
            }
            pinBefore = uart.interruptAsserted();
            if (random.nextInt(50) == 0) {
                Uart16550 copy = new Uart16550(wire);
                copy.restore(uart.save());
                assertEquals(uart.save(), copy.save(), what);
                assertEquals(uart.interruptAsserted(), copy.interruptAsserted(), what);
                uart = copy;
            }
        }
        assertEquals(reference.sent.toString(), wire.text());
    }

    /** Mostly values that keep the port usable: all bits at random would leave it in loopback or with DLAB set half of the time. */
    private static int value(Random random, int port) {
        int value = random.nextInt(256);
        return switch (port) {
            case 3 -> random.nextInt(4) == 0 ? value : value & 0x7F;
            case 4 -> random.nextInt(4) == 0 ? value : (value & 0x0F) | 0x08;
            case 2 -> random.nextInt(4) == 0 ? value : (value & 0xFD) | 1;
            default -> value;
        };
    }
}
