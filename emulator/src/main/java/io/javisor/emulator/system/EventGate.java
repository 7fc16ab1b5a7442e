package io.javisor.emulator.system;

import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.StateLayout;

/**
 * What happens between two instructions, in the order of SDM vol. 3A table 6-2: INIT, debug traps, NMI, interrupts, breakpoints on code. The
 * step loop calls {@link #before}, executes if it may, and tells how the instruction ended.
 */
public final class EventGate {
    /** Answers of {@link #before}: execute the instruction at rip. */
    public static final int EXECUTE = 0;

    /** Nothing to execute: {@link #park}, then ask again. */
    public static final int PARK = 1;

    /** A triple fault: the machine ends this life. */
    public static final int SHUTDOWN = 2;

    private final SystemContext context;
    private final CpuBlock cpu;
    private final SystemUnit unit;
    private final ProcessorEvents events;
    private final Attention attention;
    private final boolean bootProcessor;
    private final int signature;

    private boolean stepping;
    private int oldShadow;
    private boolean holding;

    /**
     * @param bootProcessor after INIT the boot processor goes on at the reset vector, others wait for a start-up IPI
     * @param signature what EDX tells after INIT
     */
    public EventGate(
            SystemContext context,
            SystemUnit unit,
            ProcessorEvents events,
            Attention attention,
            boolean bootProcessor,
            int signature) {
        this.context = context;
        this.cpu = context.cpu;
        this.unit = unit;
        this.events = events;
        this.attention = attention;
        this.bootProcessor = bootProcessor;
        this.signature = signature;
    }

    /** Whether interrupts wait while the processor executes, as a debugger that steps wants it. One that has executed HLT takes them. */
    public void holdInterrupts(boolean hold) {
        holding = hold;
    }

    /** Delivers what is due. Answers {@link #EXECUTE}, {@link #PARK} or {@link #SHUTDOWN}. */
    public int before() {
        if (attention.take()) {
            events.poll();
        }
        while (deliver()) {
            // What was delivered may let something else through.
        }
        boolean waits = !cpu.flag(Bits.IF) && events.interruptPending();
        cpu.putInt(StateLayout.INTERRUPT_WAITS_OFFSET, waits ? 1 : 0);
        stepping = cpu.flag(Bits.TF);
        oldShadow = cpu.shadow();
        return switch (cpu.activity()) {
            case CpuBlock.RUNNING -> EXECUTE;
            case CpuBlock.SHUTDOWN -> SHUTDOWN;
            default -> PARK;
        };
    }

    /** The instruction ended. */
    public void retired() {
        endShadow();
        // §18.3.1.1: RF covers one instruction.
        clearResume();
        if (stepping) {
            unit.debug().noteStep();
        }
    }

    /** IRET ended: the RF that it loaded covers the next instruction. */
    public void returned() {
        endShadow();
        if (stepping) {
            unit.debug().noteStep();
        }
    }

    /** INT n, INT1, INT3 or INTO entered its handler: there is no single step of it (§18.3.1.4). */
    public void interrupted() {
        endShadow();
        clearResume();
    }

    /** An iteration of a repeated string instruction ended, others follow: interrupts may come between, RF stays. */
    public void repeats() {
        endShadow();
        if (stepping) {
            unit.debug().noteStep();
        }
    }

    /** The instruction faulted. */
    public void faulted(CpuFault fault) {
        boolean _ = unit.exceptions().deliver(fault);
    }

    /** Waits as HLT does: for the timer if its interrupt would be taken, else for somebody's {@link Attention#raise} only. */
    public void park() {
        boolean timerCounts = cpu.activity() == CpuBlock.HALTED && cpu.flag(Bits.IF);
        attention.await(timerCounts ? events.nanosToTimer() : Attention.NEVER);
        events.poll();
    }

    private boolean deliver() {
        int activity = cpu.activity();
        if (activity == CpuBlock.SHUTDOWN) {
            return false;
        }
        if (activity == CpuBlock.WAIT_FOR_SIPI) {
            return awaitStartUp();
        }
        // Only a processor that waits for it takes a start-up IPI (§9.4.3).
        boolean _ = events.isPending(ProcessorEvents.STARTUP) && events.take(ProcessorEvents.STARTUP);
        boolean inhibited = cpu.shadow() == CpuBlock.SHADOW_MOV_SS;
        int debug = cpu.getInt(StateLayout.PENDING_DEBUG_OFFSET);
        // The trap of a task switch comes before INIT, the others after it.
        if (!inhibited && (debug & DebugRegisters.DR6_BT) != 0) {
            return unit.exceptions().pendingDebug();
        }
        if (events.isPending(ProcessorEvents.INIT) && events.take(ProcessorEvents.INIT)) {
            initialize();
            return true;
        }
        if (inhibited) {
            return false;
        }
        if (debug != 0) {
            return unit.exceptions().pendingDebug();
        }
        boolean held = holding && activity == CpuBlock.RUNNING;
        if (!held
                && cpu.getInt(StateLayout.NMI_BLOCKED_OFFSET) == 0
                && events.isPending(ProcessorEvents.NMI)
                && events.take(ProcessorEvents.NMI)) {
            return unit.exceptions().nmi();
        }
        if (!held && cpu.flag(Bits.IF) && cpu.shadow() == CpuBlock.SHADOW_NONE && events.interruptPending()) {
            int vector = events.acknowledge();
            if (vector != ProcessorEvents.NONE) {
                return unit.exceptions().interrupt(vector);
            }
        }
        return activity == CpuBlock.RUNNING && unit.debug().armed() && hitsCodeBreakpoint();
    }

    private boolean hitsCodeBreakpoint() {
        try {
            long linear = cpu.code64() ? cpu.rip() : (cpu.base(CpuBlock.CS) + cpu.rip()) & 0xFFFF_FFFFL;
            unit.debug().checkExecution(linear);
            return false;
        } catch (CpuFault fault) {
            return unit.exceptions().deliver(fault);
        }
    }

    private boolean awaitStartUp() {
        // A further INIT finds nothing to change.
        boolean _ = events.isPending(ProcessorEvents.INIT) && events.take(ProcessorEvents.INIT);
        if (!events.isPending(ProcessorEvents.STARTUP) || !events.take(ProcessorEvents.STARTUP)) {
            return false;
        }
        unit.startUp(events.startUpVector());
        return true;
    }

    private void initialize() {
        unit.init(signature);
        if (!bootProcessor) {
            cpu.setActivity(CpuBlock.WAIT_FOR_SIPI);
        }
    }

    private void endShadow() {
        if (oldShadow != CpuBlock.SHADOW_NONE) {
            cpu.setShadow(CpuBlock.SHADOW_NONE);
        }
    }

    private void clearResume() {
        if (cpu.flag(Bits.RF)) {
            context.setFlags(cpu.rflags() & ~Bits.RF);
        }
    }
}
