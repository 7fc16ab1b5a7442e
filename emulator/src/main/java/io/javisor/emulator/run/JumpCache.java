package io.javisor.emulator.run;

import io.javisor.emulator.mmu.HostMemory;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.LazyMemory;
import io.javisor.emulator.state.StateLayout;

/**
 * Where emitted code finds the block at a linear address: two tables, for CPL 3 and the others. It takes the place of a TLB for fetches:
 * {@link #flush} forgets everything, by a new key that entries must have. For the vCPU's thread alone.
 */
final class JumpCache implements AutoCloseable {
    static final int ENTRIES = 1 << 14;

    /** An entry's index is of RIP and RIP shifted by this: functions begin at multiples of 16, and would share one of 16 entries. */
    static final int HASH_SHIFT = 12;

    static final int ENTRY_SHIFT = 5;
    static final int RIP_OFFSET = 0;
    static final int CODE_OFFSET = 8;
    static final int KEY_OFFSET = 16;

    private static final long TABLE_SIZE = (long) ENTRIES << ENTRY_SHIFT;

    private final CpuBlock cpu;
    /** All zeros, which is no key. */
    private final LazyMemory memory = new LazyMemory(2 * TABLE_SIZE);

    private final long startHva = memory.hva();
    private final long[] keys = {1, 1};
    private int table;

    JumpCache(CpuBlock cpu) {
        this.cpu = cpu;
        select(false);
    }

    /** Has emitted code use the table for user code or the other. */
    void select(boolean user) {
        table = user ? 1 : 0;
        cpu.putLong(StateLayout.JUMP_CACHE_OFFSET, startHva + table * TABLE_SIZE);
        cpu.putLong(StateLayout.JUMP_KEY_OFFSET, keys[table]);
    }

    /** From now on code at {@code codeHva} is what is at {@code rip}, which is canonical. */
    void put(long rip, long codeHva) {
        long entry = startHva + table * TABLE_SIZE + (((rip ^ rip >>> HASH_SHIFT) & ENTRIES - 1) << ENTRY_SHIFT);
        HostMemory.put(entry + RIP_OFFSET, 8, rip);
        HostMemory.put(entry + CODE_OFFSET, 8, codeHva);
        HostMemory.put(entry + KEY_OFFSET, 8, keys[table]);
    }

    void flush() {
        flush(false);
        flush(true);
    }

    /** Forgets the table for user code or the other. */
    void flush(boolean user) {
        keys[user ? 1 : 0]++;
        cpu.putLong(StateLayout.JUMP_KEY_OFFSET, keys[table]);
    }

    @Override
    public void close() {
        memory.close();
    }
}
