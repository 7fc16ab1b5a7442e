package io.javisor.devices.serial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.javisor.testkit.FuzzBytes;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any sequence of accesses and arrivals, of two bytes each or more: UART and reference agree on every value, on the pin and on what was sent. */
class UartModelFuzzTest {
    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int RECEIVE = 2;
    private static final int RECEIVE_WITH_ERRORS = 3;
    private static final int IDLE = 4;
    private static final int PINS = 5;
    private static final int COPY = 6;

    static Stream<byte[]> seeds() {
        return Stream.of(
                // Linux's way: probe, divisor, FIFOs, interrupts, characters in both directions.
                FuzzBytes.of(
                        WRITE, 1, 0x0F, READ, 1, WRITE, 3, 0x80, WRITE, 0, 1, WRITE, 1, 0, WRITE, 3, 0x03, WRITE, 2,
                        0xC7, WRITE, 4, 0x0B, WRITE, 1, 0x05, WRITE, 0, 'a', RECEIVE, 'b', IDLE, READ, 2, READ, 5, READ,
                        0),
                FuzzBytes.of(
                        WRITE, 4, 0x1F, WRITE, 0, 'l', READ, 5, READ, 0, READ, 6, WRITE, 4, 0x0B, PINS, 0x40, READ, 6,
                        COPY),
                FuzzBytes.of(
                        WRITE,
                        2,
                        0x41,
                        WRITE,
                        1,
                        0x0F,
                        WRITE,
                        4,
                        8,
                        RECEIVE_WITH_ERRORS,
                        0,
                        0x10,
                        RECEIVE_WITH_ERRORS,
                        1,
                        0x0C,
                        RECEIVE,
                        2,
                        READ,
                        2,
                        READ,
                        5,
                        READ,
                        0,
                        READ,
                        5,
                        READ,
                        0,
                        WRITE,
                        2,
                        3));
    }

    @MethodSource("seeds")
    @FuzzTest
    void agreesWithTheReference(byte[] bytes) {
        FuzzBytes input = new FuzzBytes(bytes);
        RecordingWire wire = new RecordingWire();
        Uart16550 uart = new Uart16550(wire);
        ReferenceUart reference = new ReferenceUart();
        boolean pinBefore = false;
        while (input.more()) {
            switch (input.u8() % 7) {
                case READ -> {
                    int port = input.u8() & 7;
                    assertEquals(reference.read(port), uart.read(port), () -> "port " + port);
                }
                case WRITE -> {
                    int port = input.u8() & 7;
                    int value = input.u8();
                    reference.write(port, value);
                    uart.write(port, value);
                }
                case RECEIVE -> {
                    int value = input.u8();
                    reference.receive(value, 0);
                    uart.receive(value);
                }
                case RECEIVE_WITH_ERRORS -> {
                    int value = input.u8();
                    int errors = input.u8() & UartRegisters.LSR_CHARACTER_ERRORS;
                    reference.receive(value, errors);
                    uart.receive(value, errors);
                }
                case IDLE -> {
                    reference.idle();
                    uart.receiveIdle();
                }
                case PINS -> {
                    int levels = input.u8() & UartRegisters.MSR_LEVELS;
                    reference.pins(levels);
                    uart.setModemInputs(levels);
                }
                default -> {
                    UartState state = uart.save();
                    uart = new Uart16550(wire);
                    uart.restore(state);
                    assertEquals(state, uart.save());
                    // What fell before the copy was made is the adapter's to know.
                    pinBefore = uart.interruptAsserted();
                }
            }
            assertEquals(reference.pin(), uart.interruptAsserted(), "pin");
            boolean fell = uart.takeInterruptFell();
            assertTrue(fell || !pinBefore || uart.interruptAsserted(), "the pin fell unseen");
            pinBefore = uart.interruptAsserted();
        }
        assertEquals(reference.sent.toString(), wire.text());
    }
}
