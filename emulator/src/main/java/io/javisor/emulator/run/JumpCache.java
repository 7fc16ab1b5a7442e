package io.javisor.emulator.run;

import io.javisor.emulator.mmu.HostMemory;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.StateLayout;
import java.lang.foreign.MemorySegment;

/**
 * Where emitted code finds the block at a linear address: two tables, for CPL 3 and the others. It takes the place of a TLB for fetches:
 * {@link #flush} forgets everything, by a new key that entries must have. For the vCPU's thread alone.
 */
final class JumpCache {
    static final int ENTRIES = 1 << 14;
    static final int ENTRY_SHIFT = 5;
    static final int RIP_OFFSET = 0;
    static final int CODE_OFFSET = 8;
    static final int KEY_OFFSET = 16;

    private static final long TABLE_SIZE = (long) ENTRIES << ENTRY_SHIFT;

    /** How many bytes both tables take. */
    static final long SIZE = 2 * TABLE_SIZE;

    private final CpuBlock cpu;
    private final long startHva;
    private final long[] keys = {1, 1};
    private int table;

    /** @param memory {@link #SIZE} bytes, all zeros, which is no key */
    JumpCache(CpuBlock cpu, MemorySegment memory) {
        this.cpu = cpu;
        startHva = memory.address();
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
        long entry = startHva + table * TABLE_SIZE + ((rip & ENTRIES - 1) << ENTRY_SHIFT);
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
}
