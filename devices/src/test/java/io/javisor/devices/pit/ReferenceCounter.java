package io.javisor.devices.pit;

/**
 * A counter that ticks: where the device computes from when it was loaded, this one is clocked, as the data sheet tells it. Counts are
 * plain numbers here.
 */
final class ReferenceCounter {
    int mode = 3;
    boolean bcd;
    int access = 3;
    boolean gate;
    private int register;
    private boolean written;
    boolean nullCount = true;
    private boolean loadNext;
    private boolean loaded;
    private boolean held; // mode 0: between two bytes
    private int element;
    private int wave; // mode 3: what the half began with is the count's even part
    private boolean strobed;
    boolean out = true;
    long rises;
    private boolean secondByte;
    private int firstByte;
    private boolean readHigh;
    private int latched = -1;
    private int latchReads;
    private int latchedStatus = -1;

    ReferenceCounter(boolean gate) {
        this.gate = gate;
    }

    private int modulus() {
        return bcd ? 10_000 : 65_536;
    }

    private int count() {
        int value = register;
        if (bcd) {
            value = 0;
            for (char digit : "%04x".formatted(register).toCharArray()) {
                value = value * 10 + Math.min(Character.digit(digit, 16), 9);
            }
        }
        if (value == 0) {
            value = modulus();
        }
        return (mode == 2 || mode == 3) && value == 1 ? 2 : value;
    }

    private void setOut(boolean high) {
        if (high && !out) {
            rises++;
        }
        out = high;
    }

    /** A falling edge of CLK. */
    void clock() {
        if (loadNext) {
            loadNext = false;
            load();
            loaded = true;
            setOut(mode != 0 && mode != 1);
            strobed = false;
            return;
        }
        boolean enabled = gate || mode == 1 || mode == 5;
        if (!loaded || held || !enabled) {
            return;
        }
        switch (mode) {
            case 0, 1 -> {
                down(1);
                if (element == 0) {
                    setOut(true);
                }
            }
            case 2 -> {
                if (element == 1) {
                    load();
                    setOut(true);
                } else {
                    down(1);
                    setOut(element != 1);
                }
            }
            case 3 -> {
                boolean odd = wave % 2 != 0;
                boolean last = element == (out && odd ? 0 : 2);
                if (last) {
                    load();
                    setOut(!out);
                } else {
                    down(2);
                }
            }
            default -> {
                down(1);
                setOut(strobed || element != 0);
                strobed |= element == 0;
            }
        }
    }

    private void load() {
        wave = count();
        element = mode == 3 ? wave - wave % 2 : wave;
        nullCount = false;
    }

    private void down(int by) {
        element = Math.floorMod(element - by, modulus());
    }

    void control(int word) {
        // The element keeps its number, in whichever base.
        element %= modulus();
        mode = word >> 1 & 7;
        mode = mode > 5 ? mode & 3 : mode;
        bcd = (word & 1) != 0;
        access = word >> 4 & 3;
        written = false;
        nullCount = true;
        loadNext = false;
        loaded = false;
        held = false;
        secondByte = false;
        readHigh = false;
        latched = -1;
        latchedStatus = -1;
        setOut(mode != 0);
    }

    void write(int value) {
        if (access == 3 && !secondByte) {
            secondByte = true;
            firstByte = value;
            if (mode == 0) {
                held = true;
                loadNext = false;
                setOut(false);
            }
            return;
        }
        register = access == 1 ? value : access == 2 ? value * 256 : firstByte + value * 256;
        secondByte = false;
        written = true;
        nullCount = true;
        switch (mode) {
            case 0 -> {
                held = false;
                setOut(false);
                loadNext = true;
            }
            case 4 -> loadNext = true;
            case 2, 3 -> {
                if (!loaded) {
                    loadNext = true;
                }
            }
            default -> {}
        }
    }

    void gate(boolean high) {
        boolean rising = high && !gate;
        gate = high;
        if ((mode == 2 || mode == 3) && !high) {
            setOut(true);
            if (loaded) {
                loadNext = false;
            }
        }
        if (rising && written && mode != 0 && mode != 4) {
            loadNext = true;
        }
    }

    private int shown() {
        int value = element % modulus();
        return bcd ? Integer.parseInt(Integer.toString(value), 16) : value;
    }

    int status() {
        return (out ? 0x80 : 0) | (nullCount ? 0x40 : 0) | access << 4 | mode << 1 | (bcd ? 1 : 0);
    }

    void latchCount() {
        if (latched < 0) {
            latched = shown();
            latchReads = access == 3 ? 2 : 1;
        }
    }

    void latchStatus() {
        if (latchedStatus < 0) {
            latchedStatus = status();
        }
    }

    int read() {
        if (latchedStatus >= 0) {
            int value = latchedStatus;
            latchedStatus = -1;
            return value;
        }
        int value = latched >= 0 ? latched : shown();
        if (latched >= 0 && --latchReads == 0) {
            latched = -1;
        }
        boolean high = access == 2 || (access == 3 && readHigh);
        if (access == 3) {
            readHigh = !readHigh;
        }
        return high ? value / 256 : value % 256;
    }
}
