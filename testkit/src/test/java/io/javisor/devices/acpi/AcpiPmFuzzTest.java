package io.javisor.devices.acpi;

import static io.javisor.devices.acpi.AcpiPmRegisters.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.javisor.devices.power.PowerControl;
import io.javisor.testkit.FakeTime;
import io.javisor.testkit.FuzzBytes;
import io.javisor.testkit.RecordingLine;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any sequence of port accesses, presses of the power button and passing time, the first byte choosing the timer's width. After each step the SCI
 * shows what the registers say, the timer counts, and S5 alone switches off; in the end the timer's event comes, at its moment.
 */
class AcpiPmFuzzTest {
    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int PRESS = 2;
    private static final int PASS_MICROS = 3;
    private static final int PASS_MILLIS = 4;
    private static final int SNAPSHOT = 5;
    private static final int RESET = 6;

    private static final long MILLI = 1_000_000;
    /** A tick of the timer, rounded up. */
    private static final long TICK_NANOS = 280;

    static Stream<byte[]> seeds() {
        return Stream.of(
                // The power button; then S5.
                FuzzBytes.of(0, WRITE, 2, 1, 0, 1, PRESS, READ, 0, 1, WRITE, 0, 1, 0, 1, WRITE, 4, 1, 0, 0x34),
                // The timer's event, in 24 bits and in 32.
                FuzzBytes.of(0, WRITE, 2, 1, 1, 0, PASS_MILLIS, 0x10, 0x0F, READ, 0, 1, WRITE, 0, 0, 1, READ, 8, 2),
                FuzzBytes.of(1, WRITE, 2, 1, 1, 0, PASS_MILLIS, 0xFF, 0xFF, SNAPSHOT, READ, 8, 2),
                FuzzBytes.of(
                        0, WRITE, 4, 0, 0x02, WRITE, 5, 0, 0x20, READ, 3, 2, READ, 10, 2, WRITE, 6, 2, 1, 2, 3, 4,
                        RESET));
    }

    @MethodSource("seeds")
    @FuzzTest
    void keepsItsInvariants(byte[] bytes) {
        FuzzBytes input = new FuzzBytes(bytes);
        Hardware hardware = new Hardware(input.u8() % 2 == 0 ? 24 : 32);
        while (input.more()) {
            hardware.step(input);
            hardware.check();
        }
        hardware.awaitEvent();
        hardware.device.close();
        assertEquals(0, hardware.time.armed());
        assertEquals(0, hardware.time.open());
    }

    private static final class Hardware implements PowerControl {
        final FakeTime time = new FakeTime(0);
        private final RecordingLine sci = new RecordingLine();
        private final int timerBits;
        AcpiPmDevice device;
        private int powerOffs;
        /** When the timer was 0, or less than a tick later; NOT_KNOWN after a snapshot, which drops parts of a tick. */
        private long zeroNanos;

        private static final long NOT_KNOWN = -1;

        Hardware(int timerBits) {
            this.timerBits = timerBits;
            device = new AcpiPmDevice(timerBits, time, sci, time, this);
        }

        void step(FuzzBytes input) {
            switch (input.u8() % 7) {
                case READ -> {
                    int offset = input.u8() % PORT_COUNT;
                    int size = input.size();
                    long value = device.read(offset, size);
                    assertEquals(0, value >>> (8 * size), "bits above the access");
                    if (offset == PM_TMR_OFFSET && size == 4) {
                        checkTimer(value);
                    }
                }
                case WRITE -> {
                    int offset = input.u8() % PORT_COUNT;
                    int size = input.size();
                    write(offset, size, input.value(size));
                }
                case PRESS -> {
                    boolean enabled = (device.save().pm1Enable() & PWRBTN_STS) != 0;
                    assertEquals(enabled, device.pressPowerButton());
                }
                case PASS_MICROS -> time.advance(input.u16() * 1000L);
                case PASS_MILLIS -> time.advance(input.u16() * MILLI);
                case SNAPSHOT -> snapshot();
                default -> {
                    device.reset();
                    zeroNanos = time.getAsLong();
                }
            }
        }

        private void write(int offset, int size, long value) {
            AcpiPmState before = device.save();
            int powerOffsBefore = powerOffs;
            device.write(offset, size, value);
            int status = before.pm1Status();
            int enable = before.pm1Enable();
            int control = before.pm1Control();
            int sleep = 0;
            for (int i = 0; i < size; i++) {
                int unit = (int) (value >>> (8 * i)) & 0xFF;
                switch (offset + i) {
                    case PM1_STS_OFFSET -> status &= ~unit;
                    case PM1_STS_OFFSET + 1 -> status &= ~(unit << 8);
                    case PM1_EN_OFFSET -> enable = (enable & 0xFF00) | unit;
                    case PM1_EN_OFFSET + 1 -> enable = (enable & 0xFF) | unit << 8;
                    case PM1_CNT_OFFSET -> control = (control & 0xFF00) | unit;
                    case PM1_CNT_OFFSET + 1 -> {
                        control = (control & 0xFF) | unit << 8;
                        sleep = unit << 8 & SLP_EN;
                    }
                    default -> {}
                }
            }
            AcpiPmState after = device.save();
            assertEquals(status, after.pm1Status(), "status");
            assertEquals(enable & 0x0521, after.pm1Enable(), "enable");
            assertEquals(control & 0x1C02, after.pm1Control(), "control");
            boolean s5 = (control & SLP_TYP_MASK) == SLP_TYP_S5 << SLP_TYP_SHIFT;
            assertEquals(sleep != 0 && s5 ? 1 : 0, powerOffs - powerOffsBefore, "power-offs");
        }

        private void checkTimer(long value) {
            if (zeroNanos != NOT_KNOWN) {
                long elapsed = time.getAsLong() - zeroNanos;
                long ticks = Math.floorDiv(elapsed, 1000 * MILLI) * PmTimer.FREQUENCY
                        + Math.floorMod(elapsed, 1000 * MILLI) * PmTimer.FREQUENCY / (1000 * MILLI);
                assertEquals(ticks & ((1L << timerBits) - 1), value, "timer");
            }
        }

        private void snapshot() {
            AcpiPmState state = device.save();
            device.close();
            device = new AcpiPmDevice(timerBits, time, sci, time, this);
            device.restore(state);
            assertEquals(state, device.save());
            zeroNanos = NOT_KNOWN;
        }

        void check() {
            AcpiPmState state = device.save();
            assertEquals((state.pm1Status() & state.pm1Enable()) != 0, sci.isHigh(), "SCI");
            boolean awaits = (state.pm1Enable() & TMR_STS) != 0 && (state.pm1Status() & TMR_STS) == 0;
            assertEquals(awaits ? 1 : 0, time.armed(), "timers armed");
            assertTrue((device.read(PM1_CNT_OFFSET, 2) & SCI_EN) != 0, "legacy mode");
        }

        void awaitEvent() {
            AcpiPmState state = device.save();
            if (time.armed() == 0 || sci.isHigh()) {
                return;
            }
            long half = 1L << (timerBits - 1);
            long ticks = half - (state.timerCount() & (half - 1));
            long nanos = ticks * 1000 * MILLI / PmTimer.FREQUENCY;
            time.advance(Math.max(0, nanos - 2 * TICK_NANOS));
            assertFalse(nanos > 2 * TICK_NANOS && sci.isHigh(), "an event too early");
            time.advance(3 * TICK_NANOS);
            assertTrue(sci.isHigh(), "no event at its moment");
        }

        @Override
        public void powerOff() {
            powerOffs++;
        }

        @Override
        public void reset() {
            throw new AssertionError("a reset");
        }

        @Override
        public void exit(int code) {
            throw new AssertionError("an exit");
        }

        @Override
        public void guestPanicked() {
            throw new AssertionError("a panic");
        }

        @Override
        public void crashLoaded() {
            throw new AssertionError("a panic");
        }
    }
}
