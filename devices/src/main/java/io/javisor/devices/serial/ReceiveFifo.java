package io.javisor.devices.serial;

import static io.javisor.devices.serial.UartRegisters.FIFO_SIZE;

import java.util.ArrayList;
import java.util.List;

/** The receiver's FIFO: characters, each with the LSR error bits it arrived with. Not safe for several threads. */
final class ReceiveFifo {
    private static final int CHARACTER_MASK = 0xFF;
    private static final int ERROR_SHIFT = 8;

    /** Each entry: error bits above the character. */
    private final short[] entries = new short[FIFO_SIZE];

    private int head;
    private int count;
    private int errorCount;

    int count() {
        return count;
    }

    /** Whether an entry carries error bits that {@link #takeHeadErrors} did not yet take. */
    boolean hasErrors() {
        return errorCount != 0;
    }

    /** Adds a character. The caller has seen to it that there is room. */
    void add(int character, int errors) {
        entries[(head + count) % FIFO_SIZE] = (short) ((errors << ERROR_SHIFT) | (character & CHARACTER_MASK));
        count++;
        if (errors != 0) {
            errorCount++;
        }
    }

    /** Removes and returns the oldest character. There must be one. */
    int remove() {
        int _ = takeHeadErrors();
        int character = entries[head] & CHARACTER_MASK;
        head = (head + 1) % FIFO_SIZE;
        count--;
        return character;
    }

    /** The error bits of the oldest character, which keeps them no longer; 0 if there is none. */
    int takeHeadErrors() {
        if (count == 0) {
            return 0;
        }
        int errors = entries[head] >>> ERROR_SHIFT;
        if (errors != 0) {
            errorCount--;
            entries[head] &= CHARACTER_MASK;
        }
        return errors;
    }

    void clear() {
        head = 0;
        count = 0;
        errorCount = 0;
    }

    List<Integer> save() {
        List<Integer> saved = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            saved.add((int) entries[(head + i) % FIFO_SIZE]);
        }
        return List.copyOf(saved);
    }

    void restore(List<Integer> saved) {
        clear();
        for (int entry : saved) {
            add(entry & CHARACTER_MASK, entry >>> ERROR_SHIFT);
        }
    }
}
