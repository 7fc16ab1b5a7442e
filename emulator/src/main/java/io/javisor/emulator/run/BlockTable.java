package io.javisor.emulator.run;

import io.javisor.core.host.Cleanup;
import io.javisor.emulator.state.LazyMemory;

/**
 * A vCPU's blocks: by guest-physical address and mode, by page, and by who is linked to them; in two halves, as their code is. Outside the heap, for a machine may have hundreds
 * of vCPUs, and what most of them have is little; for the vCPU's thread alone.
 */
final class BlockTable implements AutoCloseable {
    static final int NONE = -1;

    /** Code of which no block is made is begun for ever. */
    private static final int MOST_COUNTED = 1 << 20;

    /** What is above would not find room among the code either. */
    static final int MAX_BLOCKS = 1 << 20;

    private static final int HALF = MAX_BLOCKS / 2;

    private static final int FIRST_CAPACITY = 1 << 12;
    private static final int MAX_KEYS = 1 << 21;
    private static final int MODE_SHIFT = 56;
    private static final long PAGE_MASK = (1L << MODE_SHIFT) - 4096;
    private static final long MIX = 0x9e37_79b9_7f4a_7c15L;

    private static final int KEY_SIZE = 8;
    private static final int VALUE_SIZE = 4;

    // A block.
    private static final int BLOCK_SIZE = 32;
    private static final int ENTRY_SAVED_OFFSET = 8;
    private static final int ENTRY_HOST_OFFSET = 12;
    private static final int NEXT_IN_PAGE_OFFSET = 16;
    private static final int INCOMING_OFFSET = 20;
    private static final int VALID_OFFSET = 24;
    private static final int TARGET_OFFSET = 28;
    private static final int NO_TARGET = 0;
    private static final int MANY_TARGETS = -1;

    // Open addressing: keys, and behind them values. A value above 0 is a block's number and 1, one below how often
    // code there was begun.
    private LazyMemory table;
    private int capacity = FIRST_CAPACITY;
    private int keyCount;

    private final LazyMemory blocks;
    private final int[] counts = new int[2];
    private int half;

    private final LazyMemory nextIncoming;
    private final PageMap pages;

    BlockTable() {
        Cleanup opened = new Cleanup();
        try {
            table = opened.add(new LazyMemory(tableSize(FIRST_CAPACITY)));
            blocks = opened.add(new LazyMemory((long) MAX_BLOCKS * BLOCK_SIZE));
            nextIncoming = opened.add(new LazyMemory(RunCode.SLOTS * 4L));
            pages = opened.add(new PageMap());
        } catch (RuntimeException | Error e) {
            opened.closeAfter(e);
            throw e;
        }
    }

    private static long tableSize(int capacity) {
        return (long) capacity * (KEY_SIZE + VALUE_SIZE);
    }

    /** The key of code at a guest-physical address: never 0. */
    static long key(long gpa, int mode) {
        return gpa | (long) (mode | 1) << MODE_SHIFT;
    }

    /** The place of a key; it is made if there is none. */
    int place(long key) {
        if (keyCount * 2 > capacity) {
            rehash();
        }
        int at = find(key);
        if (key(at) == 0) {
            putKey(at, key);
            keyCount++;
        }
        return at;
    }

    private int find(long key) {
        int mask = capacity - 1;
        int at = (int) ((key * MIX) >>> 40) & mask;
        for (long there = key(at); there != 0 && there != key; there = key(at)) {
            at = at + 1 & mask;
        }
        return at;
    }

    private long key(int place) {
        return table.getLong((long) place * KEY_SIZE);
    }

    private void putKey(int place, long key) {
        table.putLong((long) place * KEY_SIZE, key);
    }

    private int value(int place) {
        return table.getInt((long) capacity * KEY_SIZE + (long) place * VALUE_SIZE);
    }

    private void putValue(int place, int value) {
        table.putInt((long) capacity * KEY_SIZE + (long) place * VALUE_SIZE, value);
    }

    private void rehash() {
        LazyMemory old = table;
        int oldCapacity = capacity;
        capacity = oldCapacity * 2;
        table = new LazyMemory(tableSize(capacity));
        for (int i = 0; i < oldCapacity; i++) {
            long key = old.getLong((long) i * KEY_SIZE);
            if (key != 0) {
                int at = find(key);
                putKey(at, key);
                putValue(at, old.getInt((long) oldCapacity * KEY_SIZE + (long) i * VALUE_SIZE));
            }
        }
        old.close();
    }

    /** Whether so much is known that it should be forgotten. */
    boolean isFull() {
        return keyCount >= MAX_KEYS;
    }

    /** Whether there is room for a block in the half that blocks go to. */
    boolean hasRoom() {
        return counts[half] < HALF;
    }

    /** The block of a place, or {@link #NONE}. */
    int block(int place) {
        int value = value(place);
        return value > 0 ? value - 1 : NONE;
    }

    /** Counts that code there is begun, how often it was with this time. */
    int count(int place) {
        int value = value(place);
        if (value > -MOST_COUNTED) {
            value--;
            putValue(place, value);
        }
        return -value;
    }

    /** Makes a block, which is found at {@code place} from now on. */
    int add(int place, long pageGpa, int entrySaved, int entryHost) {
        int block = next();
        counts[half]++;
        blocks.putLong(at(block), key(place));
        put(block, ENTRY_SAVED_OFFSET, entrySaved);
        put(block, ENTRY_HOST_OFFSET, entryHost);
        put(block, INCOMING_OFFSET, NONE);
        put(block, VALID_OFFSET, 1);
        put(block, TARGET_OFFSET, NO_TARGET);
        addToPage(block, pageGpa);
        putValue(place, block + 1);
        return block;
    }

    private void addToPage(int block, long pageGpa) {
        put(block, NEXT_IN_PAGE_OFFSET, pages.get(pageGpa, NONE));
        pages.put(pageGpa, block);
    }

    private static long at(int block) {
        return (long) block * BLOCK_SIZE;
    }

    private int get(int block, int field) {
        return blocks.getInt(at(block) + field);
    }

    private void put(int block, int field, int value) {
        blocks.putInt(at(block) + field, value);
    }

    /** The number that the next block gets. */
    int next() {
        return half * HALF + counts[half];
    }

    boolean isValid(int block) {
        return get(block, VALID_OFFSET) != 0;
    }

    /** Whether blocks come from the same page of guest memory. */
    boolean inSamePage(int one, int other) {
        return ((blocks.getLong(at(one)) ^ blocks.getLong(at(other))) & PAGE_MASK) == 0;
    }

    /** Whether a block is of the page that {@code gpa} is in. */
    boolean isIn(int block, long gpa) {
        return ((blocks.getLong(at(block)) ^ gpa) & PAGE_MASK) == 0;
    }

    /** Where in its page a block begins. */
    int offset(int block) {
        return (int) blocks.getLong(at(block)) & 4095;
    }

    /** The block whose code holds {@code offset}, or {@link #NONE}. The blocks of a half lie in the order of their numbers. */
    int holding(int offset) {
        boolean second = counts[1] != 0 && start(HALF) <= offset;
        int low = second ? HALF : 0;
        int high = low + counts[second ? 1 : 0] - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (start(middle) > offset) {
                high = middle - 1;
            } else {
                low = middle + 1;
            }
        }
        return high;
    }

    private int start(int block) {
        return Math.min(entrySaved(block), entryHost(block));
    }

    int entrySaved(int block) {
        return get(block, ENTRY_SAVED_OFFSET);
    }

    int entryHost(int block) {
        return get(block, ENTRY_HOST_OFFSET);
    }

    /** A link goes to a block. Each slot is linked once: what it goes to is dropped, or the half that it belongs to. */
    void link(int slot, int block) {
        nextIncoming.putInt(slot * 4L, get(block, INCOMING_OFFSET));
        put(block, INCOMING_OFFSET, slot);
    }

    /** The jump cache has a block in a set. */
    void noteTarget(int block, int set) {
        int known = get(block, TARGET_OFFSET);
        if (known != set + 1) {
            put(block, TARGET_OFFSET, known == NO_TARGET ? set + 1 : MANY_TARGETS);
        }
    }

    /** Drops the blocks of a page, also out of the jump cache; whether there were any. */
    boolean drop(long pageGpa, RunCode code, JumpCache jumps) {
        int block = pages.get(pageGpa, NONE);
        if (block == NONE) {
            return false;
        }
        pages.put(pageGpa, NONE);
        while (block != NONE) {
            drop(block, code);
            int target = get(block, TARGET_OFFSET);
            if (target == MANY_TARGETS) {
                jumps.flush((blocks.getLong(at(block)) >>> MODE_SHIFT & RunMode.SUPERVISOR) == 0);
            } else if (target != NO_TARGET) {
                jumps.forget(target - 1, entrySaved(block));
            }
            block = get(block, NEXT_IN_PAGE_OFFSET);
        }
        return true;
    }

    private void drop(int block, RunCode code) {
        put(block, VALID_OFFSET, 0);
        int at = find(blocks.getLong(at(block)));
        if (value(at) == block + 1) {
            putValue(at, 0);
        }
        for (int slot = get(block, INCOMING_OFFSET); slot != NONE; slot = nextIncoming.getInt(slot * 4L)) {
            code.resetSlot(slot);
        }
        put(block, INCOMING_OFFSET, NONE);
    }

    /** Drops the blocks of the other half, to which blocks go from now on. {@code code} turns afterwards. */
    void turn(RunCode code) {
        int kept = half * HALF;
        int end = next();
        half = 1 - half;
        for (int block = half * HALF; block < next(); block++) {
            if (isValid(block)) {
                drop(block, code);
            }
        }
        counts[half] = 0;
        pages.clear();
        for (int block = kept; block < end; block++) {
            if (isValid(block)) {
                addToPage(block, blocks.getLong(at(block)) & PAGE_MASK);
                forgetIncoming(block, half);
            }
        }
    }

    /** Forgets the links to a block from one half. */
    private void forgetIncoming(int block, int from) {
        int kept = NONE;
        int next = NONE;
        for (int slot = get(block, INCOMING_OFFSET); slot != NONE; slot = next) {
            next = nextIncoming.getInt(slot * 4L);
            if (RunCode.halfOf(slot) != from) {
                nextIncoming.putInt(slot * 4L, kept);
                kept = slot;
            }
        }
        put(block, INCOMING_OFFSET, kept);
    }

    /** Forgets everything. */
    void clear() {
        table.clear();
        keyCount = 0;
        blocks.clear();
        counts[0] = 0;
        counts[1] = 0;
        half = 0;
        pages.clear();
    }

    @Override
    public void close() {
        table.close();
        blocks.close();
        nextIncoming.close();
        pages.close();
    }

    /** A map from pages to numbers, outside the heap too: a guest chooses how many pages have code. */
    static final class PageMap implements AutoCloseable {
        private static final int FIRST = 1 << 10;

        // Open addressing: keys, and behind them numbers.
        private LazyMemory entries = new LazyMemory(tableSize(FIRST));
        private int room = FIRST;
        private int used;

        int get(long pageGpa, int missing) {
            int at = locate(pageGpa | 1);
            return pageKey(at) == 0 ? missing : number(at);
        }

        void put(long pageGpa, int number) {
            if (used * 2 > room) {
                widen();
            }
            int at = locate(pageGpa | 1);
            if (pageKey(at) == 0) {
                used++;
            }
            set(at, pageGpa | 1, number);
        }

        void clear() {
            entries.clear();
            used = 0;
        }

        private long pageKey(int at) {
            return entries.getLong((long) at * KEY_SIZE);
        }

        private int number(int at) {
            return entries.getInt((long) room * KEY_SIZE + (long) at * VALUE_SIZE);
        }

        private void set(int at, long key, int number) {
            entries.putLong((long) at * KEY_SIZE, key);
            entries.putInt((long) room * KEY_SIZE + (long) at * VALUE_SIZE, number);
        }

        private int locate(long key) {
            int mask = room - 1;
            int at = (int) ((key * MIX) >>> 40) & mask;
            for (long there = pageKey(at); there != 0 && there != key; there = pageKey(at)) {
                at = at + 1 & mask;
            }
            return at;
        }

        private void widen() {
            LazyMemory old = entries;
            int oldRoom = room;
            entries = new LazyMemory(tableSize(oldRoom * 2));
            room = oldRoom * 2;
            for (int i = 0; i < oldRoom; i++) {
                long key = old.getLong((long) i * KEY_SIZE);
                if (key != 0) {
                    set(locate(key), key, old.getInt((long) oldRoom * KEY_SIZE + (long) i * VALUE_SIZE));
                }
            }
            old.close();
        }

        @Override
        public void close() {
            entries.close();
        }
    }
}
