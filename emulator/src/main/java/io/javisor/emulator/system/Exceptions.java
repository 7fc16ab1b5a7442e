package io.javisor.emulator.system;

import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.StateLayout;
import io.javisor.emulator.state.Vectors;

/**
 * Delivers exceptions and interrupts, and knows what follows from a fault during delivery: the next exception, a double fault, or the
 * shutdown of the processor (SDM vol. 3A §6.15, interrupt 8).
 */
public final class Exceptions {
    private static final int CONTRIBUTORY =
            1 << Vectors.DE | 1 << Vectors.TS | 1 << Vectors.NP | 1 << Vectors.SS | 1 << Vectors.GP;

    /** Faults, after which the instruction is tried again: the pushed flags have RF (vol. 3B §18.3.1.1). */
    private static final int TRAPS_AND_ABORTS =
            1 << Vectors.DB | 1 << Vectors.NMI | 1 << Vectors.BP | 1 << Vectors.OF | 1 << Vectors.DF | 1 << Vectors.MC;

    private final CpuBlock cpu;
    private final Interrupts interrupts;
    private final DebugRegisters debug;

    Exceptions(SystemContext context, Interrupts interrupts, DebugRegisters debug) {
        this.cpu = context.cpu;
        this.interrupts = interrupts;
        this.debug = debug;
    }

    /**
     * Delivers the fault of the instruction at rip.
     *
     * @return false if the processor shut down
     */
    public boolean deliver(CpuFault fault) {
        int vector = fault.vector();
        int errorCode = fault.errorCode();
        notePageFault(fault);
        while (true) {
            cpu.setShadow(CpuBlock.SHADOW_NONE);
            if (vector == Vectors.DB) {
                debug.entering();
            }
            boolean resume = (TRAPS_AND_ABORTS >>> vector & 1) == 0;
            try {
                interrupts.enter(vector, Interrupts.Source.HARDWARE, errorCode, cpu.rip(), resume);
                return true;
            } catch (CpuFault second) {
                notePageFault(second);
                int next = next(vector, second.vector());
                if (next < 0) {
                    cpu.setActivity(CpuBlock.SHUTDOWN);
                    return false;
                }
                errorCode = next == Vectors.DF ? 0 : second.errorCode();
                vector = next;
            }
        }
    }

    /** Delivers an interrupt of the APIC or the 8259. As {@link #deliver}. */
    public boolean interrupt(int vector) {
        return event(vector);
    }

    /** Delivers an NMI, and holds further ones until IRET. */
    public boolean nmi() {
        boolean running = event(Vectors.NMI);
        cpu.putInt(StateLayout.NMI_BLOCKED_OFFSET, 1);
        return running;
    }

    /** Delivers the debug trap that was noted, if there is one: a breakpoint on data, a single step, a task's T flag. */
    public boolean pendingDebug() {
        if (debug.takePending() == 0) {
            return true;
        }
        debug.entering();
        return event(Vectors.DB);
    }

    /**
     * INT n. A fault of it is thrown, with the instruction still at rip.
     *
     * @param nextRip of the instruction behind
     */
    public void software(int vector, long nextRip) {
        // Vol. 3B §21.3: without VME, INT n in virtual-8086 mode needs IOPL 3.
        if (cpu.v86() && cpu.iopl() < 3) {
            throw cpu.generalProtection();
        }
        softwareInterrupt(vector, nextRip);
    }

    /** INT3. As {@link #software}, but not bound to IOPL. */
    public void breakpoint(long nextRip) {
        softwareInterrupt(Vectors.BP, nextRip);
    }

    /** INTO: nothing happens unless OF is set; 64-bit mode does not have it. */
    public boolean overflow(long nextRip) {
        if (cpu.code64()) {
            throw cpu.undefinedOpcode();
        }
        if (!cpu.flag(Bits.OF)) {
            return false;
        }
        softwareInterrupt(Vectors.OF, nextRip);
        return true;
    }

    /** INT1: as a debug exception, but DR6 stays as it is. */
    public void int1(long nextRip) {
        debug.entering();
        interrupts.enter(Vectors.DB, Interrupts.Source.HARDWARE, CpuFault.NO_CODE, nextRip, false);
    }

    private void softwareInterrupt(int vector, long nextRip) {
        interrupts.enter(vector, Interrupts.Source.SOFTWARE, CpuFault.NO_CODE, nextRip, false);
    }

    private boolean event(int vector) {
        if (cpu.activity() == CpuBlock.HALTED) {
            cpu.setActivity(CpuBlock.RUNNING);
        }
        cpu.setShadow(CpuBlock.SHADOW_NONE);
        try {
            interrupts.enter(vector, Interrupts.Source.HARDWARE, CpuFault.NO_CODE, cpu.rip(), false);
            return true;
        } catch (CpuFault fault) {
            // A benign first event: the fault is handled as if alone (table 6-5).
            return deliver(fault);
        }
    }

    private void notePageFault(CpuFault fault) {
        if (fault.vector() == Vectors.PF) {
            cpu.putLong(StateLayout.CR2_OFFSET, fault.linear());
        }
    }

    /** Table 6-5: the vector to deliver next, or -1 for shutdown. */
    private static int next(int first, int second) {
        boolean secondContributes = contributory(second);
        if (first == Vectors.DF && (secondContributes || second == Vectors.PF)) {
            return -1;
        }
        if (contributory(first) && secondContributes) {
            return Vectors.DF;
        }
        if (first == Vectors.PF && (secondContributes || second == Vectors.PF)) {
            return Vectors.DF;
        }
        return second;
    }

    private static boolean contributory(int vector) {
        return (CONTRIBUTORY >>> vector & 1) != 0;
    }
}
