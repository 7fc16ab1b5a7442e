package io.javisor.devices.rtc;

import static io.javisor.devices.rtc.RtcRegisters.*;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random guests drive the device and a clock that ticks; every register and the interrupt agree at every step. */
class CmosRtcModelTest {
    private static final long SECOND = 1_000_000_000;

    /** The shortest time that is whole in nanoseconds and in ticks. */
    private static final int TICKS_PER_STEP = 64;

    private static final int STEPS_PER_SECOND = ReferenceRtc.TICKS_PER_SECOND / TICKS_PER_STEP;
    private static final long NANOS_PER_STEP = SECOND / STEPS_PER_SECOND;
    private static final int[] INTERRUPTS = {0, UIE, AIE, PIE, AIE | UIE, PIE | AIE | UIE};

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void agrees(long seed) {
        new Run(seed).go();
    }

    private static final class Run {
        private final Random random;
        private final ReferenceRtc reference;
        private CmosRtc rtc;
        private long now;
        private int rate = 6;
        private boolean held;
        private boolean set;
        private int enabled;
        private int modes = H24;

        Run(long seed) {
            random = new Random(seed);
            LocalDateTime start = LocalDateTime.of(1999, 12, 31, 23, 59, 50)
                    .plusDays(random.nextInt(20_000))
                    .plusSeconds(random.nextInt(86_400));
            now = start.toEpochSecond(ZoneOffset.UTC) * SECOND;
            rtc = new CmosRtc(new byte[CMOS_SIZE], now);
            reference = new ReferenceRtc(start);
        }

        void go() {
            for (int i = 0; i < 700; i++) {
                switch (random.nextInt(10)) {
                    case 0, 1, 2 -> passSteps(random.nextInt(700));
                    case 3 -> passSeconds(random.nextInt(20) == 0 ? random.nextInt(100_000) : random.nextInt(100));
                    case 4 -> alarm();
                    case 5 -> rateSelection();
                    case 6 -> modes();
                    case 7 -> time();
                    case 8 -> snapshot();
                    default -> assertEquals(reference.read(REGISTER_C), read(REGISTER_C), "register C");
                }
                check(i);
            }
        }

        private void passSteps(int steps) {
            now += steps * NANOS_PER_STEP;
            reference.advanceTicks((long) steps * TICKS_PER_STEP);
        }

        private void passSeconds(int seconds) {
            now += seconds * SECOND;
            reference.advanceSeconds(seconds);
        }

        private void alarm() {
            int[] values = {
                reference.encode(random.nextInt(60)),
                reference.encode(random.nextInt(60)),
                reference.encodeHour(random.nextInt(24))
            };
            for (int i = 0; i < 3; i++) {
                int value =
                        switch (random.nextInt(4)) {
                            case 0 -> values[i];
                            case 1 -> random.nextInt(256);
                            default -> 0xC0 | random.nextInt(64);
                        };
                write(2 * i + 1, value);
                reference.writeAlarm(2 * i + 1, value);
            }
        }

        /** Letting the divider go with SET clear takes the time from the bytes: they must be one. */
        private void rateSelection() {
            rate = random.nextInt(16);
            boolean hold = random.nextInt(4) == 0;
            if (held && !hold && !set) {
                writeTime();
            }
            held = hold;
            write(REGISTER_A, (hold ? 0x70 : 0x20) | rate);
            reference.writeRate(rate, hold);
        }

        private void modes() {
            boolean newSet = random.nextInt(4) == 0;
            if ((set || held) && !newSet) {
                // The bytes would be read in the mode of this very write.
                writeTime();
            } else if (!set && !held && !newSet) {
                modes = random.nextInt(4) * H24;
            }
            enabled = INTERRUPTS[random.nextInt(INTERRUPTS.length)];
            set = newSet;
            write(REGISTER_B, (newSet ? SET : 0) | enabled | modes);
            reference.writeModes(newSet, enabled, (modes & DM) != 0, (modes & H24) != 0);
        }

        private void time() {
            if (set || held) {
                writeTime();
                return;
            }
            // One byte of a running clock.
            int minute = random.nextInt(60);
            reference.setMinute(minute);
            write(MINUTES, reference.timeByte(MINUTES));
        }

        private void writeTime() {
            LocalDateTime time = LocalDateTime.of(1970, 1, 1, 0, 0)
                    .plusDays(random.nextInt(100_000))
                    .plusSeconds(random.nextBoolean() ? 86_390 : random.nextInt(86_400));
            reference.setTime(time, 1 + random.nextInt(7));
            for (int index : ReferenceRtc.timeIndices()) {
                write(index, reference.timeByte(index));
            }
        }

        private void snapshot() {
            RtcState state = rtc.save(now);
            rtc = new CmosRtc(new byte[CMOS_SIZE], random.nextLong(now));
            rtc.restore(state, now);
            assertEquals(state, rtc.save(now));
        }

        private void check(int step) {
            rtc.elapse(now);
            assertEquals(reference.interrupt(), rtc.interruptAsserted(), () -> "interrupt, step " + step);
            for (int index = 0; index < RAM_START; index++) {
                if (index != REGISTER_C) {
                    check(step, index);
                }
            }
            check(step, CENTURY);
        }

        private void check(int step, int index) {
            int expected = reference.read(index);
            int actual = index == REGISTER_A ? read(index) & ~UIP : read(index);
            assertEquals(expected, actual, () -> "index " + index + ", step " + step);
        }

        private int read(int index) {
            rtc.write(INDEX_OFFSET, index, now);
            return rtc.read(DATA_OFFSET, now);
        }

        private void write(int index, int value) {
            rtc.write(INDEX_OFFSET, index, now);
            rtc.write(DATA_OFFSET, value, now);
        }
    }
}
