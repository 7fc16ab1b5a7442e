package io.javisor.emulator.run;

import io.javisor.emulator.mmu.HostMemory;
import io.javisor.emulator.mmu.LinearMemory;
import io.javisor.emulator.step.OperandMemory;

/** The memory of steps that may be undone: while a {@link BlockCheck} has them done, what they access is logged. For the vCPU's thread alone. */
public final class CheckedMemory implements OperandMemory {
    private static final int PAGE_SIZE = HostMemory.PAGE_SIZE;

    private final OperandMemory memory;
    private final LinearMemory pages;
    private final AccessLog log = new AccessLog();

    /** @param pages where {@code memory} finds its pages */
    public CheckedMemory(OperandMemory memory, LinearMemory pages) {
        this.memory = memory;
        this.pages = pages;
    }

    AccessLog log() {
        return log;
    }

    private void note(long linear, int size, int intent) {
        if (!log.active()) {
            return;
        }
        int here = Math.min(size, PAGE_SIZE - (int) (linear & PAGE_SIZE - 1));
        noteInPage(linear, here, intent);
        if (here < size) {
            noteInPage(linear + here, size - here, intent);
        }
    }

    private void noteInPage(long linear, int size, int intent) {
        boolean write = (intent & WRITE) != 0;
        long hva = pages.direct(linear, size, write);
        if (hva == HostMemory.NOT_RAM) {
            throw AccessLog.unlogged();
        }
        if (write) {
            log.store(hva, linear, size);
        } else {
            log.load(hva, linear, size);
        }
    }

    @Override
    public long linear(int segment, long offset, int size, boolean write) {
        return memory.linear(segment, offset, size, write);
    }

    @Override
    public long open(int slot, long linear, int size, int intent) {
        note(linear, size, intent);
        return memory.open(slot, linear, size, intent);
    }

    @Override
    public void commit(int slot) {
        memory.commit(slot);
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
        memory.checkWrite(linear, size);
    }

    @Override
    public void checkRead(long linear, int size) {
        memory.checkRead(linear, size);
    }

    @Override
    public long read(long linear, int size) {
        note(linear, size, READ);
        return memory.read(linear, size);
    }

    @Override
    public void write(long linear, int size, long value) {
        note(linear, size, WRITE);
        memory.write(linear, size, value);
    }

    @Override
    public long direct(int segment, long offset, int size, boolean write) {
        long hva = memory.direct(segment, offset, size, write);
        if (log.active() && hva != HostMemory.NOT_RAM) {
            if (write) {
                log.store(hva, offset, size);
            } else {
                log.load(hva, offset, size);
            }
        }
        return hva;
    }

    @Override
    public long fetch(long linear) {
        return memory.fetch(linear);
    }
}
