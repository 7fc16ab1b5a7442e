package io.javisor.devices.rtc;

import static io.javisor.devices.rtc.RtcRegisters.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.javisor.testkit.FakeTime;
import io.javisor.testkit.FuzzBytes;
import io.javisor.testkit.RecordingLine;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any sequence of port accesses, passing time, and a host whose clock is set. After each step the line shows what the registers say, a running
 * clock shows a time, and a timer is armed if and only if an interrupt is to come; in the end it comes, at its moment.
 */
class RtcFuzzTest {
    private static final int READ_AT = 0;
    private static final int WRITE_AT = 1;
    private static final int READ = 2;
    private static final int WRITE = 3;
    private static final int PASS_TICKS = 4;
    private static final int PASS_SECONDS = 5;
    private static final int SET_HOST_CLOCK = 6;
    private static final int SNAPSHOT = 7;
    private static final int RESET = 8;

    private static final long SECOND = 1_000_000_000;
    /** 2033. */
    private static final long START = 2_000_000_000L * SECOND;

    static Stream<byte[]> seeds() {
        return Stream.of(
                // Linux: periodic interrupt at 64 Hz, acknowledged.
                FuzzBytes.of(
                        WRITE_AT,
                        0x0A,
                        0x2A,
                        WRITE_AT,
                        0x0B,
                        0x42,
                        PASS_TICKS,
                        0,
                        4,
                        READ_AT,
                        0x0C,
                        PASS_TICKS,
                        0,
                        4,
                        READ_AT,
                        0x0C),
                // The time is set, then an alarm.
                FuzzBytes.of(
                        WRITE_AT,
                        0x0B,
                        0x82,
                        WRITE_AT,
                        0,
                        0x59,
                        WRITE_AT,
                        2,
                        0x59,
                        WRITE_AT,
                        4,
                        0x23,
                        WRITE_AT,
                        7,
                        0x28,
                        WRITE_AT,
                        8,
                        2,
                        WRITE_AT,
                        9,
                        0,
                        WRITE_AT,
                        0x0B,
                        0x22,
                        WRITE_AT,
                        1,
                        0xC0,
                        WRITE_AT,
                        3,
                        0,
                        WRITE_AT,
                        5,
                        0,
                        PASS_SECONDS,
                        2,
                        0,
                        READ_AT,
                        0x0C,
                        SNAPSHOT,
                        READ_AT,
                        7),
                FuzzBytes.of(
                        WRITE_AT,
                        0x0B,
                        0x14,
                        PASS_SECONDS,
                        1,
                        0,
                        READ,
                        1,
                        2,
                        WRITE,
                        0,
                        2,
                        0x0A,
                        0x70,
                        0,
                        0,
                        WRITE_AT,
                        0x0A,
                        0x20,
                        SET_HOST_CLOCK,
                        0,
                        0,
                        0,
                        0xFF,
                        RESET,
                        READ_AT,
                        0x32));
    }

    @MethodSource("seeds")
    @FuzzTest
    void keepsItsInvariants(byte[] bytes) {
        FuzzBytes input = new FuzzBytes(bytes);
        Clock clock = new Clock();
        while (input.more()) {
            clock.step(input);
            clock.check();
        }
        clock.awaitInterrupt();
        clock.device.close();
        assertEquals(0, clock.time.armed());
        assertEquals(0, clock.time.open());
    }

    private static final class Clock {
        final FakeTime time = new FakeTime(START);
        private final RecordingLine line = new RecordingLine();
        RtcDevice device = new RtcDevice(new byte[CMOS_SIZE], time, line, time);

        void step(FuzzBytes input) {
            switch (input.u8() % 9) {
                case READ_AT -> {
                    device.write(INDEX_OFFSET, 1, input.u8());
                    long value = device.read(DATA_OFFSET, 1);
                    assertEquals(0, value >>> 8);
                }
                case WRITE_AT -> {
                    device.write(INDEX_OFFSET, 1, input.u8());
                    device.write(DATA_OFFSET, 1, input.u8());
                }
                case READ -> {
                    int offset = input.u8() & 1;
                    int size = input.size();
                    long value = device.read(offset, size);
                    assertEquals(0, value >>> (8 * size), "bits above the access");
                }
                case WRITE -> {
                    int offset = input.u8() & 1;
                    int size = input.size();
                    device.write(offset, size, input.value(size));
                }
                case PASS_TICKS -> time.advance(input.u16() * SECOND / 32_768);
                case PASS_SECONDS -> time.advance(input.u16() * SECOND);
                // From 1970 on: no host's clock is before.
                case SET_HOST_CLOCK -> time.jump(Math.max((int) input.u32() * SECOND, -time.getAsLong()));
                case SNAPSHOT -> snapshot();
                default -> device.reset();
            }
        }

        private void snapshot() {
            RtcState state = device.save();
            device.close();
            device = new RtcDevice(new byte[CMOS_SIZE], time, line, time);
            device.restore(state);
            assertEquals(state, device.save());
        }

        private CmosRtc copy() {
            CmosRtc copy = new CmosRtc(new byte[CMOS_SIZE], time.getAsLong());
            copy.restore(device.save(), time.getAsLong());
            return copy;
        }

        void check() {
            RtcState state = device.save();
            assertEquals((state.flags() & state.registerB() & FLAGS) != 0, line.isHigh(), "line");
            boolean awaits = copy().nanosToInterrupt(time.getAsLong()) != CmosRtc.NEVER;
            assertEquals(awaits ? 1 : 0, time.armed(), "timers armed");
            boolean counts = (state.registerA() & DV_MASK) <= DV_32768_HZ && (state.registerB() & SET) == 0;
            if (counts) {
                checkTime(state.registerB());
            }
        }

        private void checkTime(int registerB) {
            CmosRtc copy = copy();
            checkByte(copy, registerB, SECONDS, 0, 59);
            checkByte(copy, registerB, MINUTES, 0, 59);
            checkByte(copy, registerB, DAY_OF_WEEK, 1, 7);
            checkByte(copy, registerB, DAY_OF_MONTH, 1, 31);
            checkByte(copy, registerB, MONTH, 1, 12);
            checkByte(copy, registerB, YEAR, 0, 99);
            checkByte(copy, registerB, CENTURY, 0, 99);
            int hour = byteAt(copy, HOURS);
            assertEquals(hour, TimeCodec.encodeHour(registerB, TimeCodec.decodeHour(registerB, hour)), "hours");
        }

        private void checkByte(CmosRtc copy, int registerB, int index, int min, int max) {
            int unit = byteAt(copy, index);
            int number = TimeCodec.decode(registerB, unit);
            assertTrue(number >= min && number <= max, () -> "byte " + index + " is " + unit);
            assertEquals(unit, TimeCodec.encode(registerB, number), () -> "byte " + index);
        }

        private int byteAt(CmosRtc copy, int index) {
            copy.write(INDEX_OFFSET, index, time.getAsLong());
            return copy.read(DATA_OFFSET, time.getAsLong());
        }

        void awaitInterrupt() {
            long nanos = copy().nanosToInterrupt(time.getAsLong());
            if (nanos == CmosRtc.NEVER) {
                return;
            }
            assertTrue(nanos > 0 && nanos <= 86_400 * SECOND, () -> "an interrupt in " + nanos + " ns");
            time.advance(nanos - 1);
            assertFalse(line.isHigh(), "an interrupt too early");
            time.advance(1);
            assertTrue(line.isHigh(), "no interrupt at its moment");
        }
    }
}
