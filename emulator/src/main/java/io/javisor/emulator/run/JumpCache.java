package io.javisor.emulator.run;

import io.javisor.emulator.mmu.HostMemory;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.LazyMemory;
import io.javisor.emulator.state.StateLayout;

/**
 * Where emitted code finds the block at a linear address: two tables, for CPL 3 and the others, of sets of two entries. The first of a set is what
 * came last; what was there before is the second, where emitted code looks only if the first does not do ({@link TargetCode}). It takes the
 * place of a TLB for fetches: {@link #flush} forgets everything, by a new key that entries must have. For the vCPU's thread alone.
 */
final class JumpCache implements AutoCloseable {
    static final int SETS = 1 << 14;

    /** A set's index is of RIP and RIP shifted by this: functions begin at multiples of 16, and would share one of 16 sets. */
    static final int HASH_SHIFT = 12;

    static final int SET_SHIFT = 5;
    static final int ENTRY_SIZE = 16;

    /** In an entry, 8 bytes. */
    static final int RIP_OFFSET = 0;

    /** In an entry, 4 bytes: from the start of the code memory. */
    static final int CODE_OFFSET = 8;

    /** In an entry, 4 bytes. */
    static final int KEY_OFFSET = 12;

    private static final int VIEW_CACHE = 16;
    private static final int VIEW_KEY = 24;
    private static final long TABLE_SIZE = (long) SETS << SET_SHIFT;

    private final CpuBlock cpu;
    /** All zeros, which is no key. */
    private final LazyMemory memory = new LazyMemory(2 * TABLE_SIZE);

    private final long startHva = memory.hva();
    private final int[] keys = {1, 1};
    private int table;

    /** @param codeHva the start of the code memory, where it is executed */
    JumpCache(CpuBlock cpu, long codeHva) {
        this.cpu = cpu;
        cpu.putLong(StateLayout.JUMP_CODE_OFFSET, codeHva);
        cpu.putLong(StateLayout.SUPERVISOR_VIEW_OFFSET + VIEW_CACHE, startHva);
        cpu.putLong(StateLayout.USER_VIEW_OFFSET + VIEW_CACHE, startHva + TABLE_SIZE);
        select(false);
    }

    /** Has emitted code use the table for user code or the other. */
    void select(boolean user) {
        table = user ? 1 : 0;
        cpu.putLong(StateLayout.JUMP_CACHE_OFFSET, startHva + table * TABLE_SIZE);
        tellKey();
    }

    private void tellKey() {
        cpu.putLong(StateLayout.SUPERVISOR_VIEW_OFFSET + VIEW_KEY, Integer.toUnsignedLong(keys[0]));
        cpu.putLong(StateLayout.USER_VIEW_OFFSET + VIEW_KEY, Integer.toUnsignedLong(keys[1]));
        cpu.putLong(StateLayout.JUMP_KEY_OFFSET, Integer.toUnsignedLong(keys[table]));
    }

    /**
     * From now on code at {@code codeOffset} is what is at {@code rip}, which is canonical.
     *
     * @return the set, for {@link #forget}
     */
    int put(long rip, int codeOffset) {
        int set = table * SETS + ((int) (rip ^ rip >>> HASH_SHIFT) & SETS - 1);
        long first = hva(set);
        if (HostMemory.get(first + KEY_OFFSET, 4) == Integer.toUnsignedLong(keys[table])
                && HostMemory.get(first + RIP_OFFSET, 8) != rip) {
            HostMemory.put(first + ENTRY_SIZE, 8, HostMemory.get(first, 8));
            HostMemory.put(first + ENTRY_SIZE + CODE_OFFSET, 8, HostMemory.get(first + CODE_OFFSET, 8));
        }
        HostMemory.put(first + RIP_OFFSET, 8, rip);
        HostMemory.put(first + CODE_OFFSET, 4, codeOffset);
        HostMemory.put(first + KEY_OFFSET, 4, keys[table]);
        return set;
    }

    private long hva(int set) {
        return startHva + ((long) set << SET_SHIFT);
    }

    /** Forgets what {@link #put} has put in a set for code at {@code codeOffset}. */
    void forget(int set, int codeOffset) {
        for (long entry = hva(set), end = entry + 2 * ENTRY_SIZE; entry < end; entry += ENTRY_SIZE) {
            if (HostMemory.get(entry + CODE_OFFSET, 4) == codeOffset) {
                HostMemory.put(entry + KEY_OFFSET, 4, 0);
            }
        }
    }

    void flush() {
        flush(false);
        flush(true);
    }

    /** Forgets the table for user code or the other. */
    void flush(boolean user) {
        if (++keys[user ? 1 : 0] == 0) {
            memory.clear();
            keys[0] = 1;
            keys[1] = 1;
        }
        tellKey();
    }

    @Override
    public void close() {
        memory.close();
    }
}
