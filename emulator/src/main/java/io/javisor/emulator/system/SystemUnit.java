package io.javisor.emulator.system;

import io.javisor.core.cpu.CpuidEntry;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.StateLayout;
import java.util.List;

/**
 * A vCPU's system architecture: who executes instructions finds each concern here, made and joined once. Methods that execute an
 * instruction leave rip alone unless they transfer control, throw {@link io.javisor.emulator.state.CpuFault} before any register
 * changes, and allocate nothing.
 *
 * <p>The step loop, around each instruction: notes whether TF is set, executes, clears RF (but not after IRET), ends an interrupt
 * shadow that is older than the instruction, notes a single step, then asks for pending debug traps and interrupts.
 */
public final class SystemUnit {
    private static final int RESET_RIP = 0xFFF0;
    private static final long RESET_CS_BASE = 0xFFFF_0000L;
    private static final int REAL_CODE = 0x9B;
    private static final int PRESENT_LDT = 0x82;
    private static final int BUSY_TSS = 0x8B;

    private final SystemContext context;
    private final Addressing addressing;
    private final SegmentLoader segments;
    private final FarTransfers far;
    private final InterruptReturn interruptReturn;
    private final Exceptions exceptions;
    private final ControlRegisters controls;
    private final DebugRegisters debug;
    private final FastCalls fastCalls;
    private final TableRegisters tableRegisters;
    private final SelectorChecks selectorChecks;
    private final FlagInstructions flags;
    private final PortPermission portPermission;
    private final Miscellany miscellany;
    private final Msrs msrs;
    private final SystemSnapshot snapshot;

    /**
     * @param cpuid what the guest sees
     * @param physical reads PDPTEs
     * @param archCapabilities what IA32_ARCH_CAPABILITIES reads
     */
    public SystemUnit(
            SystemContext context,
            List<CpuidEntry> cpuid,
            ControlRegisters.PhysicalReader physical,
            SystemPorts ports,
            long archCapabilities) {
        this.context = context;
        OfferedCpu offered = OfferedCpu.of(cpuid);
        DescriptorTables tables = new DescriptorTables(context);
        Stack stack = new Stack(context, tables);
        CodeSegments code = new CodeSegments(context, tables);
        addressing = new Addressing(context);
        segments = new SegmentLoader(context, tables);
        InnerStack innerStack = new InnerStack(context, tables, segments);
        controls = new ControlRegisters(context, offered, physical, ports);
        debug = new DebugRegisters(context);
        TaskSwitch tasks = new TaskSwitch(context, tables, controls, stack);
        far = new FarTransfers(context, tables, code, segments, stack, innerStack, tasks);
        interruptReturn = new InterruptReturn(context, tables, code, segments, stack, far, tasks);
        Interrupts interrupts = new Interrupts(context, tables, code, stack, innerStack, tasks);
        exceptions = new Exceptions(context, interrupts, debug);
        fastCalls = new FastCalls(context, offered);
        tableRegisters = new TableRegisters(context, tables);
        selectorChecks = new SelectorChecks(context, tables);
        flags = new FlagInstructions(context);
        portPermission = new PortPermission(context);
        miscellany = new Miscellany(context, new CpuidLookup(cpuid), ports);
        msrs = new Msrs(context, controls, offered, ports, archCapabilities);
        snapshot = new SystemSnapshot(context, msrs, ports, offered);
    }

    public Addressing addressing() {
        return addressing;
    }

    public SegmentLoader segments() {
        return segments;
    }

    public FarTransfers far() {
        return far;
    }

    public InterruptReturn interruptReturn() {
        return interruptReturn;
    }

    public Exceptions exceptions() {
        return exceptions;
    }

    public ControlRegisters controls() {
        return controls;
    }

    public DebugRegisters debug() {
        return debug;
    }

    public FastCalls fastCalls() {
        return fastCalls;
    }

    public TableRegisters tableRegisters() {
        return tableRegisters;
    }

    public SelectorChecks selectorChecks() {
        return selectorChecks;
    }

    public FlagInstructions flags() {
        return flags;
    }

    public PortPermission portPermission() {
        return portPermission;
    }

    public Miscellany miscellany() {
        return miscellany;
    }

    public Msrs msrs() {
        return msrs;
    }

    public SystemSnapshot snapshot() {
        return snapshot;
    }

    /**
     * Power-up and reset (SDM vol. 3A table 10-1).
     *
     * @param signature what EDX tells: the processor's family, model and stepping
     */
    public void reset(int signature) {
        CpuBlock cpu = context.cpu;
        init(signature);
        cpu.putLong(StateLayout.CR0_OFFSET, Bits.CR0_CD | Bits.CR0_NW | Bits.CR0_ET);
        for (int offset = StateLayout.KERNEL_GS_BASE_OFFSET; offset < StateLayout.PDPTE_OFFSET; offset += 8) {
            cpu.putLong(offset, 0);
        }
        cpu.putLong(StateLayout.XCR0_OFFSET, 1);
        msrs.reset();
        context.mmu.controlsChanged();
    }

    /** INIT: as a reset, but CD and NW, MSRs and XCR0 stay as they were (table 10-1). */
    public void init(int signature) {
        CpuBlock cpu = context.cpu;
        for (int i = 0; i < 16; i++) {
            cpu.setGpr(i, 0);
        }
        cpu.setGpr(CpuBlock.RDX, Integer.toUnsignedLong(signature));
        cpu.setRip(RESET_RIP);
        cpu.setRflags(Bits.RFLAGS_FIXED);
        cpu.setCpl(0);
        for (int segment = CpuBlock.ES; segment <= CpuBlock.GS; segment++) {
            cpu.setSegment(segment, 0, 0, 0xFFFF, SegmentLoader.REAL_DATA);
        }
        cpu.setSegment(CpuBlock.CS, 0xF000, RESET_CS_BASE, 0xFFFF, REAL_CODE);
        cpu.setSegment(CpuBlock.LDTR, 0, 0, 0xFFFF, PRESENT_LDT);
        cpu.setSegment(CpuBlock.TR, 0, 0, 0xFFFF, BUSY_TSS);
        cpu.putLong(StateLayout.GDTR_BASE_OFFSET, 0);
        cpu.putInt(StateLayout.GDTR_LIMIT_OFFSET, 0xFFFF);
        cpu.putLong(StateLayout.IDTR_BASE_OFFSET, 0);
        cpu.putInt(StateLayout.IDTR_LIMIT_OFFSET, 0xFFFF);
        long kept = cpu.cr0() & (Bits.CR0_CD | Bits.CR0_NW);
        cpu.putLong(StateLayout.CR0_OFFSET, kept | Bits.CR0_ET);
        cpu.putLong(StateLayout.CR2_OFFSET, 0);
        cpu.putLong(StateLayout.CR3_OFFSET, 0);
        cpu.putLong(StateLayout.CR4_OFFSET, 0);
        cpu.putLong(StateLayout.EFER_OFFSET, 0);
        debug.reset();
        cpu.setShadow(CpuBlock.SHADOW_NONE);
        cpu.setActivity(CpuBlock.RUNNING);
        cpu.putInt(StateLayout.NMI_BLOCKED_OFFSET, 0);
        context.mmu.controlsChanged();
        context.mmu.flush(true);
        cpu.modeChanged();
    }

    /** SIPI: an application processor begins at its vector's page, in real-address mode (vol. 3A §9.4.3). */
    public void startUp(int vector) {
        CpuBlock cpu = context.cpu;
        cpu.setSegment(CpuBlock.CS, vector << 8, (long) vector << 12, 0xFFFF, REAL_CODE);
        cpu.setRip(0);
        cpu.setActivity(CpuBlock.RUNNING);
        cpu.modeChanged();
    }
}
