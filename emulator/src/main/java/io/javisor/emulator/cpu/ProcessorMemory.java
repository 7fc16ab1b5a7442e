package io.javisor.emulator.cpu;

import io.javisor.emulator.mmu.HostMemory;
import io.javisor.emulator.mmu.LinearMemory;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.step.OperandMemory;
import io.javisor.emulator.system.Addressing;
import io.javisor.emulator.system.DebugRegisters;
import java.util.concurrent.locks.ReentrantLock;

/** Memory as a step sees it, through segments, debug registers and page tables. For the vCPU's thread; allocates nothing. */
final class ProcessorMemory implements OperandMemory {
    private static final int LONGEST_INSTRUCTION = 15;

    private final CpuBlock cpu;
    private final LinearMemory memory;
    private final Addressing addressing;
    private final DebugRegisters debug;
    private final FetchedDevice fetched;
    private final ReentrantLock splitLocks;

    /** Reads code that lies in device memory, byte by byte, for there is no page of RAM to decode from. */
    interface FetchedDevice {
        /**
         * Brings the bytes of one instruction at most.
         *
         * @return the host address of the first
         */
        long fetch(long gpa, int size);
    }

    ProcessorMemory(
            CpuBlock cpu,
            LinearMemory memory,
            Addressing addressing,
            DebugRegisters debug,
            FetchedDevice fetched,
            ReentrantLock splitLocks) {
        this.cpu = cpu;
        this.memory = memory;
        this.addressing = addressing;
        this.debug = debug;
        this.fetched = fetched;
        this.splitLocks = splitLocks;
    }

    @Override
    public void enterSplitLock() {
        splitLocks.lock();
    }

    @Override
    public void leaveSplitLock() {
        splitLocks.unlock();
    }

    @Override
    public long linear(int segment, long offset, int size, boolean write) {
        long linear = addressing.linear(segment, offset, size, write);
        if (debug.armed()) {
            debug.noteData(linear, size, write);
        }
        return linear;
    }

    @Override
    public long open(int slot, long linear, int size, int intent) {
        return memory.open(slot, linear, size, intent);
    }

    @Override
    public void commit(int slot) {
        memory.commit(slot);
    }

    @Override
    public void checkWrite(long linear, int size) {
        memory.checkWrite(linear, size, false);
    }

    @Override
    public void checkRead(long linear, int size) {
        memory.checkRead(linear, size, false);
    }

    @Override
    public long read(long linear, int size) {
        return memory.read(linear, size);
    }

    @Override
    public void write(long linear, int size, long value) {
        memory.write(linear, size, value);
    }

    @Override
    public long direct(int segment, long offset, int size, boolean write) {
        // Elsewhere a limit may lie between the elements, and a breakpoint anywhere.
        boolean aligned = cpu.cpl() == 3 && cpu.flag(Bits.AC) && (cpu.cr0() & Bits.CR0_AM) != 0;
        if (!cpu.code64() || debug.armed() || aligned) {
            return HostMemory.NOT_RAM;
        }
        return memory.direct(addressing.linear(segment, offset, 1, write), size, write);
    }

    @Override
    public long fetch(long linear) {
        long hva = memory.fetch(linear);
        if (hva != HostMemory.NOT_RAM) {
            return hva;
        }
        int here = HostMemory.PAGE_SIZE - (int) (linear & (HostMemory.PAGE_SIZE - 1));
        return fetched.fetch(memory.fetchedGpa(), Math.min(LONGEST_INSTRUCTION, here));
    }
}
