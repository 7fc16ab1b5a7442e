package io.javisor.emulator.system;

import io.javisor.core.cpu.Bytes;
import io.javisor.core.cpu.CpuRegisters;
import io.javisor.core.cpu.CpuState;
import io.javisor.core.cpu.DebugRegisters;
import io.javisor.core.cpu.GeneralRegisters;
import io.javisor.core.cpu.MsrEntry;
import io.javisor.core.cpu.PendingEvents;
import io.javisor.core.cpu.RunState;
import io.javisor.core.cpu.SegmentState;
import io.javisor.core.cpu.SystemRegisters;
import io.javisor.core.cpu.TableState;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.SegmentAttributes;
import io.javisor.emulator.state.StateLayout;
import io.javisor.emulator.state.Vectors;
import java.util.List;

/**
 * The system architecture's part of a processor's state, as records. For the vCPU's thread, or any while that one is parked between
 * instructions: then nothing is in the middle of a delivery.
 */
public final class SystemSnapshot {
    private static final int AVAILABLE = 1 << 12;

    private final SystemContext context;
    private final CpuBlock cpu;
    private final Msrs msrs;
    private final SystemPorts ports;
    private final OfferedCpu offered;

    SystemSnapshot(SystemContext context, Msrs msrs, SystemPorts ports, OfferedCpu offered) {
        this.context = context;
        this.cpu = context.cpu;
        this.msrs = msrs;
        this.ports = ports;
        this.offered = offered;
    }

    /**
     * The registers.
     *
     * @param apicBase IA32_APIC_BASE, which the local APIC has
     */
    public CpuRegisters registers(long apicBase) {
        GeneralRegisters general = new GeneralRegisters(
                cpu.gpr(CpuBlock.RAX),
                cpu.gpr(CpuBlock.RBX),
                cpu.gpr(CpuBlock.RCX),
                cpu.gpr(CpuBlock.RDX),
                cpu.gpr(CpuBlock.RSI),
                cpu.gpr(CpuBlock.RDI),
                cpu.gpr(CpuBlock.RSP),
                cpu.gpr(CpuBlock.RBP),
                cpu.gpr(8),
                cpu.gpr(9),
                cpu.gpr(10),
                cpu.gpr(11),
                cpu.gpr(12),
                cpu.gpr(13),
                cpu.gpr(14),
                cpu.gpr(15),
                cpu.rip(),
                cpu.rflags());
        SystemRegisters system = new SystemRegisters(
                segment(CpuBlock.CS),
                segment(CpuBlock.DS),
                segment(CpuBlock.ES),
                segment(CpuBlock.FS),
                segment(CpuBlock.GS),
                segment(CpuBlock.SS),
                segment(CpuBlock.TR),
                segment(CpuBlock.LDTR),
                table(StateLayout.GDTR_BASE_OFFSET, StateLayout.GDTR_LIMIT_OFFSET),
                table(StateLayout.IDTR_BASE_OFFSET, StateLayout.IDTR_LIMIT_OFFSET),
                cpu.cr0(),
                cpu.getLong(StateLayout.CR2_OFFSET),
                cpu.cr3(),
                cpu.cr4(),
                ports.taskPriority(),
                cpu.efer(),
                apicBase);
        return new CpuRegisters(general, system);
    }

    /** Puts registers back; CR8 goes to the APIC, its base is the caller's. Nothing of them is checked, as for KVM_SET_SREGS. */
    public void setRegisters(CpuRegisters registers) {
        GeneralRegisters general = registers.general();
        long[] values = {
            general.rax(), general.rcx(), general.rdx(), general.rbx(), general.rsp(), general.rbp(), general.rsi(),
            general.rdi(), general.r8(), general.r9(), general.r10(), general.r11(), general.r12(), general.r13(),
            general.r14(), general.r15()
        };
        for (int i = 0; i < values.length; i++) {
            cpu.setGpr(i, values[i]);
        }
        cpu.setRip(general.rip());
        SystemRegisters system = registers.system();
        setSegment(CpuBlock.CS, system.cs());
        setSegment(CpuBlock.DS, system.ds());
        setSegment(CpuBlock.ES, system.es());
        setSegment(CpuBlock.FS, system.fs());
        setSegment(CpuBlock.GS, system.gs());
        setSegment(CpuBlock.SS, system.ss());
        setSegment(CpuBlock.TR, system.tr());
        setSegment(CpuBlock.LDTR, system.ldt());
        setTable(system.gdt(), StateLayout.GDTR_BASE_OFFSET, StateLayout.GDTR_LIMIT_OFFSET);
        setTable(system.idt(), StateLayout.IDTR_BASE_OFFSET, StateLayout.IDTR_LIMIT_OFFSET);
        cpu.putLong(StateLayout.CR0_OFFSET, system.cr0() | Bits.CR0_ET);
        cpu.putLong(StateLayout.CR2_OFFSET, system.cr2());
        cpu.putLong(StateLayout.CR3_OFFSET, system.cr3());
        cpu.putLong(StateLayout.CR4_OFFSET, system.cr4());
        cpu.putLong(StateLayout.EFER_OFFSET, system.efer());
        ports.setTaskPriority((int) system.cr8());
        // The level is SS's DPL; real-address mode has none.
        cpu.setCpl(cpu.protectedMode() ? SegmentAttributes.dpl(cpu.attributes(CpuBlock.SS)) : 0);
        context.setFlags(general.rflags() & InterruptReturn.ALL_FLAGS);
        refresh();
    }

    /**
     * All of it.
     *
     * @param xsave the vector state, which is not kept here
     * @param localApic the APIC's registers, which are not kept here
     */
    public CpuState save(long apicBase, Bytes xsave, Bytes localApic) {
        return new CpuState(
                CpuState.VERSION,
                registers(apicBase),
                pdptes(),
                msrs.save(),
                cpu.getLong(StateLayout.XCR0_OFFSET),
                xsave,
                new DebugRegisters(
                        cpu.getLong(StateLayout.DR_OFFSET),
                        cpu.getLong(StateLayout.DR_OFFSET + 8),
                        cpu.getLong(StateLayout.DR_OFFSET + 16),
                        cpu.getLong(StateLayout.DR_OFFSET + 24),
                        cpu.getLong(StateLayout.DR6_OFFSET),
                        cpu.getLong(StateLayout.DR7_OFFSET)),
                events(),
                runState(),
                localApic);
    }

    /**
     * Looks at a state that is to be {@linkplain #restore put back}.
     *
     * @throws IllegalArgumentException naming what this processor can't be in
     */
    public void check(CpuState state) {
        StateCheck.check(state, offered);
    }

    /**
     * Puts all of it back, but for the vector state and the APIC. It has been {@linkplain #check looked at}.
     *
     * @return the MSRs that were refused: they are not this processor's
     */
    public List<MsrEntry> restore(CpuState state) {
        setRegisters(state.registers());
        List<MsrEntry> refused =
                state.msrs().stream().filter(entry -> !msrs.restore(entry)).toList();
        for (int i = 0; i < 4; i++) {
            cpu.putLong(
                    StateLayout.PDPTE_OFFSET + 8 * i,
                    state.pdptrs().isEmpty() ? 0 : state.pdptrs().get(i));
        }
        cpu.putLong(StateLayout.XCR0_OFFSET, state.xcr0());
        DebugRegisters debug = state.debug();
        cpu.putLong(StateLayout.DR_OFFSET, debug.dr0());
        cpu.putLong(StateLayout.DR_OFFSET + 8, debug.dr1());
        cpu.putLong(StateLayout.DR_OFFSET + 16, debug.dr2());
        cpu.putLong(StateLayout.DR_OFFSET + 24, debug.dr3());
        cpu.putLong(StateLayout.DR6_OFFSET, debug.dr6());
        cpu.putLong(StateLayout.DR7_OFFSET, debug.dr7());
        setEvents(state.events());
        cpu.setActivity(activity(state));
        refresh();
        return refused;
    }

    private void refresh() {
        context.mmu.controlsChanged();
        context.mmu.flush(true);
        cpu.modeChanged();
    }

    private List<Long> pdptes() {
        boolean used = (cpu.cr0() & Bits.CR0_PG) != 0 && (cpu.cr4() & Bits.CR4_PAE) != 0 && !cpu.longMode();
        return used
                ? List.of(
                        cpu.getLong(StateLayout.PDPTE_OFFSET),
                        cpu.getLong(StateLayout.PDPTE_OFFSET + 8),
                        cpu.getLong(StateLayout.PDPTE_OFFSET + 16),
                        cpu.getLong(StateLayout.PDPTE_OFFSET + 24))
                : List.of();
    }

    private PendingEvents events() {
        int debug = cpu.getInt(StateLayout.PENDING_DEBUG_OFFSET);
        PendingEvents.PendingException trap = debug == 0
                ? null
                : new PendingEvents.PendingException(Vectors.DB, null, Integer.toUnsignedLong(debug), false);
        PendingEvents.Shadow shadow =
                switch (cpu.shadow()) {
                    case CpuBlock.SHADOW_STI -> PendingEvents.Shadow.STI;
                    case CpuBlock.SHADOW_MOV_SS -> PendingEvents.Shadow.MOV_SS;
                    default -> PendingEvents.Shadow.NONE;
                };
        return new PendingEvents(
                trap,
                null,
                shadow,
                false,
                false,
                cpu.getInt(StateLayout.NMI_BLOCKED_OFFSET) != 0,
                0,
                PendingEvents.Management.NONE,
                cpu.activity() == CpuBlock.SHUTDOWN);
    }

    private void setEvents(PendingEvents events) {
        PendingEvents.PendingException exception = events.exception();
        Long payload = exception != null && exception.vector() == Vectors.DB ? exception.payload() : null;
        cpu.putInt(StateLayout.PENDING_DEBUG_OFFSET, payload == null ? 0 : payload.intValue());
        cpu.setShadow(
                switch (events.interruptShadow()) {
                    case NONE -> CpuBlock.SHADOW_NONE;
                    case STI -> CpuBlock.SHADOW_STI;
                    case MOV_SS -> CpuBlock.SHADOW_MOV_SS;
                });
        cpu.putInt(StateLayout.NMI_BLOCKED_OFFSET, events.nmiMasked() ? 1 : 0);
    }

    /** What it waits for. A processor that shut down is told by its pending triple fault. */
    public RunState runState() {
        return switch (cpu.activity()) {
            case CpuBlock.HALTED -> RunState.HALTED;
            case CpuBlock.WAIT_FOR_SIPI -> RunState.INIT_RECEIVED;
            default -> RunState.RUNNABLE;
        };
    }

    private static int activity(CpuState state) {
        if (state.events().tripleFault()) {
            return CpuBlock.SHUTDOWN;
        }
        return switch (state.runState()) {
            case RUNNABLE, SIPI_RECEIVED -> CpuBlock.RUNNING;
            case HALTED -> CpuBlock.HALTED;
            case UNINITIALIZED, INIT_RECEIVED -> CpuBlock.WAIT_FOR_SIPI;
        };
    }

    private SegmentState segment(int segment) {
        int attributes = cpu.attributes(segment);
        return new SegmentState(
                cpu.base(segment),
                (int) cpu.limit(segment),
                cpu.selector(segment),
                SegmentAttributes.type(attributes),
                !SegmentAttributes.isSystem(attributes),
                SegmentAttributes.dpl(attributes),
                SegmentAttributes.present(attributes),
                (attributes & AVAILABLE) != 0,
                (attributes & SegmentAttributes.LONG) != 0,
                (attributes & SegmentAttributes.BIG) != 0,
                (attributes & SegmentAttributes.GRANULARITY) != 0,
                (attributes & SegmentAttributes.UNUSABLE) != 0);
    }

    private void setSegment(int segment, SegmentState state) {
        int attributes = state.type()
                | (state.codeOrData() ? SegmentAttributes.CODE_OR_DATA : 0)
                | state.dpl() << SegmentAttributes.DPL_SHIFT
                | (state.present() ? SegmentAttributes.PRESENT : 0)
                | (state.available() ? AVAILABLE : 0)
                | (state.longMode() ? SegmentAttributes.LONG : 0)
                | (state.defaultBig() ? SegmentAttributes.BIG : 0)
                | (state.granular() ? SegmentAttributes.GRANULARITY : 0)
                | (state.unusable() ? SegmentAttributes.UNUSABLE : 0);
        cpu.setSegment(segment, state.selector(), state.base(), state.limit(), attributes);
    }

    private TableState table(int baseOffset, int limitOffset) {
        return new TableState(cpu.getLong(baseOffset), cpu.getInt(limitOffset));
    }

    private void setTable(TableState state, int baseOffset, int limitOffset) {
        cpu.putLong(baseOffset, state.base());
        cpu.putInt(limitOffset, state.limit());
    }
}
