package io.javisor.emulator.run;

import io.javisor.core.host.Libc;
import io.javisor.emulator.mmu.HostMemory;
import io.javisor.emulator.mmu.LinearMemory;
import io.javisor.emulator.step.OperandMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The memory of steps that are to leave no trace: while a {@link BlockCheck} has them done, what they write goes to a log, and they access only
 * what a block accesses without Java. For the vCPU's thread alone.
 */
public final class CheckedMemory implements OperandMemory {
    private static final int SLOTS = LinearMemory.SLOTS;
    private static final MemorySegment ALL = Libc.segmentAt(0, Long.MAX_VALUE);

    private final OperandMemory memory;
    private final LinearMemory pages;
    private final AccessLog log = new AccessLog();

    /** A place for each operand that is open, and one for plain accesses. */
    private final MemorySegment buffers = Arena.ofAuto().allocate((SLOTS + 1) * (long) MAX_SIZE, MAX_SIZE);

    // Where an operand that is open comes from; of 0 bytes if it is not written.
    private final long[] hvas = new long[SLOTS];
    private final long[] linears = new long[SLOTS];
    private final int[] written = new int[SLOTS];

    /** @param pages where {@code memory} finds its pages */
    public CheckedMemory(OperandMemory memory, LinearMemory pages) {
        this.memory = memory;
        this.pages = pages;
    }

    AccessLog log() {
        return log;
    }

    private long buffer(int slot) {
        return buffers.address() + (long) slot * MAX_SIZE;
    }

    /** Where the bytes are, or the end of what is logged: a walk would mark tables, and may go by what is only in the log. */
    private long known(long linear, int size, boolean write) {
        long hva = pages.known(linear, size, write);
        if (hva == HostMemory.NOT_RAM) {
            throw AccessLog.unlogged();
        }
        return hva;
    }

    @Override
    public long linear(int segment, long offset, int size, boolean write) {
        return memory.linear(segment, offset, size, write);
    }

    @Override
    public long open(int slot, long linear, int size, int intent) {
        if (!log.active()) {
            return memory.open(slot, linear, size, intent);
        }
        boolean write = (intent & WRITE) != 0;
        long _ = known(linear, size, write);
        long hva = memory.open(slot, linear, size, intent);
        if ((intent & READ) != 0) {
            log.load(hva, linear, size, buffer(slot));
        }
        hvas[slot] = hva;
        linears[slot] = linear;
        written[slot] = write ? size : 0;
        return buffer(slot);
    }

    @Override
    public void commit(int slot) {
        if (!log.active()) {
            memory.commit(slot);
        } else if (written[slot] != 0) {
            log.store(hvas[slot], linears[slot], written[slot], buffer(slot));
        }
    }

    @Override
    public void enterSplitLock() {
        memory.enterSplitLock();
    }

    @Override
    public void leaveSplitLock() {
        memory.leaveSplitLock();
    }

    @Override
    public void checkWrite(long linear, int size) {
        if (log.active()) {
            long _ = known(linear, size, true);
        } else {
            memory.checkWrite(linear, size);
        }
    }

    @Override
    public void checkRead(long linear, int size) {
        if (log.active()) {
            long _ = known(linear, size, false);
        } else {
            memory.checkRead(linear, size);
        }
    }

    @Override
    public long read(long linear, int size) {
        if (!log.active()) {
            return memory.read(linear, size);
        }
        long to = buffer(SLOTS);
        ALL.set(ValueLayout.JAVA_LONG, to, 0);
        log.load(known(linear, size, false), linear, size, to);
        return ALL.get(ValueLayout.JAVA_LONG, to);
    }

    @Override
    public void write(long linear, int size, long value) {
        if (!log.active()) {
            memory.write(linear, size, value);
            return;
        }
        ALL.set(ValueLayout.JAVA_LONG, buffer(SLOTS), value);
        log.store(known(linear, size, true), linear, size, buffer(SLOTS));
    }

    /** None while accesses are logged: elements are read and written singly then. */
    @Override
    public long direct(int segment, long offset, int size, boolean write) {
        return log.active() ? HostMemory.NOT_RAM : memory.direct(segment, offset, size, write);
    }

    @Override
    public long fetch(long linear) {
        return memory.fetch(linear);
    }
}
