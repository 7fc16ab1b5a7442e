package io.javisor.devices.rtc;

import java.time.LocalDateTime;
import java.util.HashMap;
import java.util.Map;

/**
 * A clock that ticks: where the device computes from the host's time, this one counts 32768 Hz and compares bytes, as the chip does. It knows no
 * time that is none.
 */
final class ReferenceRtc {
    static final int TICKS_PER_SECOND = 32_768;

    private static final int[] TIME = {0, 2, 4, 6, 7, 8, 9, 0x32};

    private final Map<Integer, Integer> bytes = new HashMap<>();
    private LocalDateTime time;
    private int weekday;
    private int tick;
    private boolean set;
    private boolean held;
    private int rate = 6;
    private int enabled; // PIE, AIE, UIE at the places of their flags
    private int flags;
    private boolean binary;
    private boolean hours24 = true;

    ReferenceRtc(LocalDateTime time) {
        this.time = time;
        weekday = time.getDayOfWeek().getValue() % 7 + 1;
    }

    void advanceTicks(long ticks) {
        for (long i = 0; i < ticks && !held; i++) {
            tick = (tick + 1) % TICKS_PER_SECOND;
            if (rate != 0 && tick % period() == 0) {
                flags |= 0x40;
            }
            if (tick == 0 && !set) {
                updateTime();
            }
        }
    }

    /** The same for whole seconds, without counting every tick. */
    void advanceSeconds(long seconds) {
        if (held) {
            return;
        }
        if (seconds > 0 && rate != 0) {
            flags |= 0x40;
        }
        for (long i = 0; i < seconds && !set; i++) {
            updateTime();
        }
    }

    int read(int index) {
        return switch (index) {
            case 0x0A -> (held ? 0x70 : 0x20) | rate;
            case 0x0B -> (set ? 0x80 : 0) | enabled | (binary ? 4 : 0) | (hours24 ? 2 : 0);
            case 0x0C -> {
                int value = flags | (interrupt() ? 0x80 : 0);
                flags = 0;
                yield value;
            }
            case 0x0D -> 0x80;
            default -> isTime(index) && !set && !held ? timeByte(index) : bytes.getOrDefault(index, 0);
        };
    }

    void writeAlarm(int index, int value) {
        bytes.put(index, value);
    }

    void writeRate(int newRate, boolean hold) {
        if (hold && !held && !set) {
            freeze();
        }
        if (!hold && held) {
            tick = TICKS_PER_SECOND / 2;
        }
        held = hold;
        rate = newRate;
    }

    void writeModes(boolean newSet, int newEnabled, boolean newBinary, boolean newHours24) {
        if (newSet && !set && !held) {
            freeze();
        }
        enabled = newSet && !set ? newEnabled & ~0x10 : newEnabled;
        set = newSet;
        binary = newBinary;
        hours24 = newHours24;
    }

    /** The guest has written all time bytes, and afterwards lets the clock run. */
    void setTime(LocalDateTime newTime, int newWeekday) {
        time = newTime;
        weekday = newWeekday;
        freeze();
    }

    /** The guest writes the minutes of the running clock. */
    void setMinute(int minute) {
        time = time.withMinute(minute);
    }

    boolean interrupt() {
        return (flags & enabled) != 0;
    }

    /** What the guest must write for this index to make it {@link #setTime}. */
    int timeByte(int index) {
        return switch (index) {
            case 0 -> encode(time.getSecond());
            case 2 -> encode(time.getMinute());
            case 4 -> encodeHour(time.getHour());
            case 6 -> encode(weekday);
            case 7 -> encode(time.getDayOfMonth());
            case 8 -> encode(time.getMonthValue());
            case 9 -> encode(time.getYear() % 100);
            case 0x32 -> encode(time.getYear() / 100);
            default -> throw new AssertionError("index " + index);
        };
    }

    int encode(int number) {
        return binary ? number : Integer.parseInt(Integer.toString(number), 16);
    }

    int encodeHour(int hour) {
        if (hours24) {
            return encode(hour);
        }
        int value = encode(hour == 0 || hour == 12 ? 12 : hour % 12);
        return hour < 12 ? value : value + 0x80;
    }

    static boolean isTime(int index) {
        for (int candidate : TIME) {
            if (candidate == index) {
                return true;
            }
        }
        return false;
    }

    static int[] timeIndices() {
        return TIME.clone();
    }

    private void freeze() {
        for (int index : TIME) {
            bytes.put(index, timeByte(index));
        }
    }

    private void updateTime() {
        LocalDateTime before = time;
        time = time.plusSeconds(1);
        if (!time.toLocalDate().equals(before.toLocalDate())) {
            weekday = weekday == 7 ? 1 : weekday + 1;
        }
        flags |= 0x10;
        if (matches(1, timeByte(0)) && matches(3, timeByte(2)) && matches(5, timeByte(4))) {
            flags |= 0x20;
        }
    }

    private boolean matches(int alarmIndex, int unit) {
        int alarm = bytes.getOrDefault(alarmIndex, 0);
        return alarm == unit || (alarm & 0xC0) == 0xC0;
    }

    private int period() {
        int[] hertz = {0, 256, 128, 8192, 4096, 2048, 1024, 512, 256, 128, 64, 32, 16, 8, 4, 2};
        return TICKS_PER_SECOND / hertz[rate];
    }
}
