package io.javisor.devices.ioapic;

import static io.javisor.devices.ioapic.IoApicRegisters.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.javisor.core.irq.DeliveryMode;
import io.javisor.core.irq.InterruptMessage;
import io.javisor.core.irq.MsiSink;
import io.javisor.testkit.FuzzBytes;
import java.util.BitSet;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any sequence of accesses, lines and ends. Each message is one that its entry allows, for a line that is asserted; an unmasked level whose
 * line is asserted is in service, unless nobody took it; a masked one sends nothing; an entry in service sends nothing until its end.
 */
class IoApicFuzzTest {
    static Stream<byte[]> seeds() {
        Random random = new Random(82093);
        Stream<byte[]> programs = Stream.generate(() -> {
                    byte[] program = new byte[800];
                    random.nextBytes(program);
                    return program;
                })
                .limit(30);
        byte[] level = FuzzBytes.of(0, 9, 0x31, 0x80, 0, 3, 2, 9, 4, 0x31, 3, 9, 4, 0x31, 0, 9, 0x31, 0x80, 1, 3, 2, 9);
        return Stream.concat(Stream.of(level), programs);
    }

    @MethodSource("seeds")
    @FuzzTest
    void keepsItsInvariants(byte[] bytes) {
        Chip chip = new Chip();
        FuzzBytes input = new FuzzBytes(bytes);
        while (input.more()) {
            chip.step(input);
            chip.check();
        }
    }

    private static final class Chip implements MsiSink {
        private IoApic ioApic = new IoApic(VERSION_20, this);
        private boolean takes = true;
        private final BitSet refused = new BitSet(); // vectors of messages that nobody took
        private int lines;
        private int raised = -1; // the pin whose line rises now

        void step(FuzzBytes input) {
            raised = -1;
            switch (input.u8() % 8) {
                case 0 -> {
                    int pin = input.u8() % PIN_COUNT;
                    long low = input.u32();
                    set(IOREDTBL + 2 * pin, low);
                }
                case 1 -> {
                    int offset = input.u8() * 4;
                    int size = input.size();
                    ioApic.write(offset, size, input.value(size));
                }
                case 2 -> {
                    int pin = input.u8() % PIN_COUNT;
                    raised = (lines >>> pin & 1) == 0 ? pin : -1;
                    lines |= 1 << pin;
                    ioApic.setLine(pin, true);
                }
                case 3 -> {
                    int pin = input.u8() % PIN_COUNT;
                    lines &= ~(1 << pin);
                    ioApic.setLine(pin, false);
                }
                case 4 -> ioApic.endOfInterrupt(input.u8());
                case 5 -> takes = input.u8() % 4 != 0;
                case 6 -> {
                    int offset = input.u8() * 4;
                    int size = input.size();
                    assertEquals(0, ioApic.read(offset, size) >>> (8 * size), "bits above the access");
                }
                default -> {
                    IoApicState state = ioApic.save();
                    ioApic = new IoApic(VERSION_20, this);
                    ioApic.restore(state);
                    assertEquals(state, ioApic.save());
                }
            }
        }

        @Override
        public boolean send(long addressGpa, int data) {
            IoApicState now = ioApic.save();
            assertEquals(0xFEE, addressGpa >>> 20);
            DeliveryMode mode = InterruptMessage.mode(data);
            int vector = InterruptMessage.vector(data);
            boolean level = InterruptMessage.isLevel(data);
            boolean found = false;
            for (int pin = 0; pin < PIN_COUNT; pin++) {
                long entry = now.redirections().get(pin);
                boolean fits = (entry & 0xFF) == vector
                        && DeliveryMode.of((int) entry >>> DELIVERY_MODE_SHIFT) == mode
                        && (entry & MASKED) == 0
                        && (entry & LOGICAL) != 0 == InterruptMessage.isLogical(addressGpa)
                        && entry >>> 56 == InterruptMessage.destination(addressGpa)
                        && (lines >>> pin & 1) != 0
                        && (level ? (entry & (LEVEL | REMOTE_IRR)) == LEVEL : pin == raised);
                found |= fits;
            }
            assertTrue(found, "a message without a reason");
            assertFalse(mode == DeliveryMode.RESERVED || mode == DeliveryMode.STARTUP);
            if (!takes) {
                refused.set(vector);
            }
            return takes;
        }

        void check() {
            IoApicState now = ioApic.save();
            assertEquals(lines, now.lines());
            for (int pin = 0; pin < PIN_COUNT; pin++) {
                long entry = now.redirections().get(pin);
                boolean level = (entry & LEVEL) != 0 && (entry >>> 8 & 7) <= 1;
                boolean asserted = (lines >>> pin & 1) != 0;
                if (!level) {
                    assertEquals(0, entry & REMOTE_IRR, "an edge in service");
                } else if (asserted && (entry & MASKED) == 0 && (entry & REMOTE_IRR) == 0) {
                    assertTrue(refused.get((int) entry & 0xFF), "a level that waits for nothing");
                }
            }
        }

        private void set(int index, long value) {
            ioApic.write(IOREGSEL_OFFSET, 4, index);
            ioApic.write(IOWIN_OFFSET, 4, value);
        }
    }
}
