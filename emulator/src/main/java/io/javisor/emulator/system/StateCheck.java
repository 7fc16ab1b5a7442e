package io.javisor.emulator.system;

import io.javisor.core.cpu.CpuState;
import io.javisor.core.cpu.PendingEvents;
import io.javisor.core.cpu.PendingEvents.Management;
import io.javisor.core.cpu.PendingEvents.PendingException;
import io.javisor.core.cpu.RunState;
import io.javisor.core.cpu.SystemRegisters;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.Vectors;

/**
 * Looks at a processor's state before it is put into a vCPU, whose registers are not checked any more afterwards: the engine relies on them to be such as
 * instructions can bring about. What these can, however odd, is taken.
 */
final class StateCheck {
    /** Not offered; a guest that has them can't set them again. */
    private static final long CR4_VIRTUAL_INTERRUPTS = Bits.CR4_VME | Bits.CR4_PVI;

    /** B0 to B3, BS and BT of DR6. */
    private static final long TRAPS = 0xF | DebugRegisters.DR6_BS | DebugRegisters.DR6_BT;

    private StateCheck() {}

    /**
     * Checks all but MSRs, the XSAVE area and the local APIC.
     *
     * @param offered what the processor has
     * @throws IllegalArgumentException naming what no such processor can be in
     */
    static void check(CpuState state, OfferedCpu offered) {
        SystemRegisters system = state.registers().system();
        long rflags = state.registers().general().rflags();
        long rip = state.registers().general().rip();
        long cr0 = system.cr0();
        boolean paging = (cr0 & Bits.CR0_PG) != 0;
        boolean pae = (system.cr4() & Bits.CR4_PAE) != 0;
        boolean longMode = (system.efer() & Bits.EFER_LMA) != 0;
        within("CR0", cr0, ControlRegisters.CR0_WRITABLE | Bits.CR0_ET);
        within("CR4", system.cr4(), offered.cr4Mask() | CR4_VIRTUAL_INTERRUPTS);
        within("EFER", system.efer(), offered.eferMask());
        require("CR0", cr0, !paging || (cr0 & Bits.CR0_PE) != 0);
        require("CR0", cr0, (cr0 & Bits.CR0_NW) == 0 || (cr0 & Bits.CR0_CD) != 0);
        require("EFER", system.efer(), longMode == (paging && (system.efer() & Bits.EFER_LME) != 0));
        require("CR4", system.cr4(), !longMode || pae);
        require("RFLAGS", rflags, (rflags & Bits.VM) == 0 || ((cr0 & Bits.CR0_PE) != 0 && !longMode));
        boolean code64 = longMode && system.cs().longMode();
        require("RIP", rip, code64 ? CpuBlock.isCanonical(rip) : rip >>> 32 == 0);
        boolean xsave = offered.xcr0Mask() != 0; // without it there is no XCR0, of which a reset leaves 1
        require("XCR0", state.xcr0(), xsave ? ControlRegisters.isXcr0(state.xcr0(), offered) : state.xcr0() >>> 1 == 0);
        require("DR6", state.debug().dr6(), state.debug().dr6() >>> 32 == 0);
        require("DR7", state.debug().dr7(), state.debug().dr7() >>> 32 == 0);
        checkEvents(state.events());
        if (state.runState() == RunState.SIPI_RECEIVED) {
            throw new IllegalArgumentException("a processor's state: a start-up message is half taken");
        }
    }

    /** Between two instructions nothing but a debug trap waits here: NMIs and start-up messages do so in the local APIC. */
    private static void checkEvents(PendingEvents events) {
        PendingException exception = events.exception();
        if ((exception != null && !isTrap(exception))
                || events.interrupt() != null
                || events.nmiInjected()
                || events.nmiPending()
                || events.sipiVector() != 0
                || !events.management().equals(Management.NONE)) {
            throw new IllegalArgumentException("a processor's state: an event is half delivered, " + events);
        }
    }

    private static boolean isTrap(PendingException exception) {
        Long causes = exception.payload();
        return exception.vector() == Vectors.DB && !exception.injected() && causes != null && (causes & ~TRAPS) == 0;
    }

    private static void within(String register, long value, long mask) {
        require(register, value, (value & ~mask) == 0);
    }

    private static void require(String register, long value, boolean good) {
        if (!good) {
            throw new IllegalArgumentException("a processor's state: %s can't be 0x%x here".formatted(register, value));
        }
    }
}
