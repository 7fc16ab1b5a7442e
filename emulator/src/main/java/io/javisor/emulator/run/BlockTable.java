package io.javisor.emulator.run;

import java.util.Arrays;

/**
 * A vCPU's blocks: by guest-physical address and mode, by page, and by who is linked to them. In arrays that grow; for the vCPU's thread
 * alone.
 */
final class BlockTable {
    static final int NONE = -1;

    /** Code of which no block is made is begun for ever. */
    private static final int MOST_COUNTED = 1 << 20;

    private static final int FIRST_CAPACITY = 1 << 14;
    private static final int MAX_KEYS = 1 << 21;
    private static final int MODE_SHIFT = 56;
    private static final long PAGE_MASK = (1L << MODE_SHIFT) - 4096;
    private static final long MIX = 0x9e37_79b9_7f4a_7c15L;

    // Open addressing; a value above 0 is a block's number and 1, one below how often code there was begun.
    private long[] keys = new long[FIRST_CAPACITY];
    private int[] values = new int[FIRST_CAPACITY];
    private int keyCount;

    private long[] blockKeys = new long[FIRST_CAPACITY];
    private int[] entriesSaved = new int[FIRST_CAPACITY];
    private int[] entriesHost = new int[FIRST_CAPACITY];
    private int[] nextInPage = new int[FIRST_CAPACITY];
    private int[] incoming = new int[FIRST_CAPACITY];
    private boolean[] valid = new boolean[FIRST_CAPACITY];
    private int blockCount;

    private final int[] nextIncoming = new int[RunCode.SLOTS];
    private final PageMap pages = new PageMap();

    /** The key of code at a guest-physical address: never 0. */
    static long key(long gpa, int mode) {
        return gpa | (long) (mode | 1) << MODE_SHIFT;
    }

    /** The place of a key; it is made if there is none. */
    int place(long key) {
        if (keyCount * 2 > keys.length) {
            rehash();
        }
        int at = find(key);
        if (keys[at] == 0) {
            keys[at] = key;
            values[at] = 0;
            keyCount++;
        }
        return at;
    }

    private int find(long key) {
        int mask = keys.length - 1;
        int at = (int) ((key * MIX) >>> 40) & mask;
        while (keys[at] != 0 && keys[at] != key) {
            at = at + 1 & mask;
        }
        return at;
    }

    private void rehash() {
        long[] oldKeys = keys;
        int[] oldValues = values;
        keys = new long[oldKeys.length * 2];
        values = new int[oldKeys.length * 2];
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != 0) {
                int at = find(oldKeys[i]);
                keys[at] = oldKeys[i];
                values[at] = oldValues[i];
            }
        }
    }

    /** Whether so many places are known that they should be forgotten. */
    boolean isFull() {
        return keyCount >= MAX_KEYS;
    }

    /** The block of a place, or {@link #NONE}. */
    int block(int place) {
        return values[place] - 1 < 0 ? NONE : values[place] - 1;
    }

    /** Counts that code there is begun, how often it was with this time. */
    int count(int place) {
        if (values[place] > -MOST_COUNTED) {
            values[place]--;
        }
        return -values[place];
    }

    /** Makes a block, which is found at {@code place} from now on. */
    int add(int place, long pageGpa, int entrySaved, int entryHost) {
        int block = blockCount++;
        if (block == blockKeys.length) {
            grow();
        }
        blockKeys[block] = keys[place];
        entriesSaved[block] = entrySaved;
        entriesHost[block] = entryHost;
        incoming[block] = NONE;
        valid[block] = true;
        nextInPage[block] = pages.get(pageGpa, NONE);
        pages.put(pageGpa, block);
        values[place] = block + 1;
        return block;
    }

    /** The number that the next block gets. */
    int next() {
        return blockCount;
    }

    private void grow() {
        int size = blockKeys.length * 2;
        blockKeys = Arrays.copyOf(blockKeys, size);
        entriesSaved = Arrays.copyOf(entriesSaved, size);
        entriesHost = Arrays.copyOf(entriesHost, size);
        nextInPage = Arrays.copyOf(nextInPage, size);
        incoming = Arrays.copyOf(incoming, size);
        valid = Arrays.copyOf(valid, size);
    }

    boolean isValid(int block) {
        return valid[block];
    }

    /** Whether blocks come from the same page of guest memory. */
    boolean inSamePage(int one, int other) {
        return ((blockKeys[one] ^ blockKeys[other]) & PAGE_MASK) == 0;
    }

    int entrySaved(int block) {
        return entriesSaved[block];
    }

    int entryHost(int block) {
        return entriesHost[block];
    }

    /** A link goes to a block. Each slot is linked once: what it goes to is dropped with it, or with all. */
    void link(int slot, int block) {
        nextIncoming[slot] = incoming[block];
        incoming[block] = slot;
    }

    /** Drops the blocks of a page; whether there were any. */
    boolean drop(long pageGpa, RunCode code) {
        int block = pages.get(pageGpa, NONE);
        if (block == NONE) {
            return false;
        }
        pages.put(pageGpa, NONE);
        while (block != NONE) {
            valid[block] = false;
            int at = find(blockKeys[block]);
            if (values[at] == block + 1) {
                values[at] = 0;
            }
            for (int slot = incoming[block]; slot != NONE; slot = nextIncoming[slot]) {
                code.resetSlot(slot);
            }
            incoming[block] = NONE;
            block = nextInPage[block];
        }
        return true;
    }

    /** Forgets everything. */
    void clear() {
        Arrays.fill(keys, 0);
        keyCount = 0;
        blockCount = 0;
        pages.clear();
    }

    int blocks() {
        return blockCount;
    }

    /** A small map from pages to numbers. */
    static final class PageMap {
        private long[] pageKeys = new long[1 << 10];
        private int[] numbers = new int[1 << 10];
        private int used;

        int get(long pageGpa, int missing) {
            int at = locate(pageGpa | 1);
            return pageKeys[at] == 0 ? missing : numbers[at];
        }

        void put(long pageGpa, int number) {
            if (used * 2 > pageKeys.length) {
                widen();
            }
            int at = locate(pageGpa | 1);
            if (pageKeys[at] == 0) {
                pageKeys[at] = pageGpa | 1;
                used++;
            }
            numbers[at] = number;
        }

        void clear() {
            Arrays.fill(pageKeys, 0);
            used = 0;
        }

        private int locate(long key) {
            int mask = pageKeys.length - 1;
            int at = (int) ((key * MIX) >>> 40) & mask;
            while (pageKeys[at] != 0 && pageKeys[at] != key) {
                at = at + 1 & mask;
            }
            return at;
        }

        private void widen() {
            long[] oldKeys = pageKeys;
            int[] oldNumbers = numbers;
            pageKeys = new long[oldKeys.length * 2];
            numbers = new int[oldKeys.length * 2];
            for (int i = 0; i < oldKeys.length; i++) {
                if (oldKeys[i] != 0) {
                    int at = locate(oldKeys[i]);
                    pageKeys[at] = oldKeys[i];
                    numbers[at] = oldNumbers[i];
                }
            }
        }
    }
}
