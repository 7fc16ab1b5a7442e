package io.javisor.emulator.system;

import io.javisor.core.cpu.MsrEntry;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.StateLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** RDMSR and WRMSR (SDM vol. 4). What is not here and not beyond {@link SystemPorts} does not exist and faults. */
public final class Msrs {
    public static final int IA32_TSC = 0x10;
    public static final int IA32_PLATFORM_ID = 0x17;
    public static final int IA32_TSC_ADJUST = 0x3B;
    public static final int IA32_BIOS_SIGN_ID = 0x8B;
    public static final int IA32_MTRRCAP = 0xFE;
    public static final int IA32_ARCH_CAPABILITIES = 0x10A;
    public static final int IA32_SYSENTER_CS = 0x174;
    public static final int IA32_SYSENTER_ESP = 0x175;
    public static final int IA32_SYSENTER_EIP = 0x176;
    public static final int IA32_MCG_CAP = 0x179;
    public static final int IA32_MCG_STATUS = 0x17A;
    public static final int IA32_MISC_ENABLE = 0x1A0;
    public static final int IA32_DEBUGCTL = 0x1D9;
    public static final int IA32_MTRR_PHYSBASE0 = 0x200;
    public static final int IA32_PAT = 0x277;
    public static final int IA32_MTRR_DEF_TYPE = 0x2FF;
    public static final int IA32_EFER = 0xC000_0080;
    public static final int IA32_STAR = 0xC000_0081;
    public static final int IA32_LSTAR = 0xC000_0082;
    public static final int IA32_CSTAR = 0xC000_0083;
    public static final int IA32_FMASK = 0xC000_0084;
    public static final int IA32_FS_BASE = 0xC000_0100;
    public static final int IA32_GS_BASE = 0xC000_0101;
    public static final int IA32_KERNEL_GS_BASE = 0xC000_0102;
    public static final int IA32_TSC_AUX = 0xC000_0103;

    /** AMD's, which kernels read on its processors without asking (APM vol. 2 appendix A): SYSCFG, HWCR, DE_CFG. */
    private static final int SYSCFG = 0xC001_0010;

    private static final int HWCR = 0xC001_0015;
    private static final int DE_CFG = 0xC001_1029;

    /** In DE_CFG: LFENCE serializes. */
    private static final long LFENCE_SERIALIZE = 1 << 1;

    private static final int VARIABLE_RANGES = 8;

    /** Eight variable ranges, fixed ranges and write-combining (vol. 3A §12.11.1). */
    private static final long MTRRCAP_VALUE = VARIABLE_RANGES | 1 << 8 | 1 << 10;

    /** After a reset: WB, WT, UC-, UC, twice (§12.12.4). */
    private static final long PAT_RESET = 0x0007_0406_0007_0406L;

    /** Fast strings; no branch trace, no PEBS. */
    private static final long MISC_ENABLE_RESET = 1 | 1 << 11 | 1 << 12;

    private static final long MISC_ENABLE_WRITABLE = 1;

    /** What a snapshot keeps, in the order of writing; the time stamp apart, and EFER, which is a register there. */
    private static final int[] KEPT = {
        IA32_SYSENTER_CS,
        IA32_SYSENTER_ESP,
        IA32_SYSENTER_EIP,
        IA32_MISC_ENABLE,
        IA32_PAT,
        IA32_MTRR_DEF_TYPE,
        IA32_STAR,
        IA32_LSTAR,
        IA32_CSTAR,
        IA32_FMASK,
        IA32_KERNEL_GS_BASE,
        IA32_TSC_AUX
    };

    private static final int FIRST_FIXED_RANGE = 0x250;
    private static final int LAST_FIXED_RANGE = 0x26F;

    private final CpuBlock cpu;
    private final ControlRegisters controls;
    private final OfferedCpu offered;
    private final SystemPorts ports;
    private final long archCapabilities;

    private final long[] variableRanges = new long[2 * VARIABLE_RANGES];
    private final long[] fixedRanges = new long[11];
    private long mtrrDefType;
    private long pat = PAT_RESET;
    private long miscEnable = MISC_ENABLE_RESET;
    private long tscAdjust;

    /**
     * @param archCapabilities what IA32_ARCH_CAPABILITIES reads; the MSR is there if CPUID says so, but to read it hurts nobody
     */
    Msrs(
            SystemContext context,
            ControlRegisters controls,
            OfferedCpu offered,
            SystemPorts ports,
            long archCapabilities) {
        this.cpu = context.cpu;
        this.controls = controls;
        this.offered = offered;
        this.ports = ports;
        this.archCapabilities = archCapabilities;
    }

    /** RDMSR. */
    public long read(int index) {
        if (cpu.cpl() != 0) {
            throw cpu.generalProtection();
        }
        return readAny(index);
    }

    /** WRMSR. */
    public void write(int index, long value) {
        if (cpu.cpl() != 0) {
            throw cpu.generalProtection();
        }
        writeAny(index, value);
    }

    /** As {@link #read}, at any privilege level: for whoever saves the state. */
    long readAny(int index) {
        if (ports.hasMsr(index)) {
            if (!ports.isReadable(index)) {
                throw cpu.generalProtection();
            }
            return ports.readMsr(index);
        }
        int offset = blockOffset(index);
        if (offset >= 0) {
            return cpu.getLong(offset);
        }
        int range = rangeIndex(index);
        if (range >= 0) {
            return range < variableRanges.length ? variableRanges[range] : fixedRanges[range - variableRanges.length];
        }
        return switch (index) {
            case IA32_TSC -> ports.timeStampCounter() + cpu.getLong(StateLayout.TSC_OFFSET_OFFSET);
            case IA32_TSC_ADJUST -> tscAdjust;
            case IA32_EFER -> cpu.efer();
            case IA32_FS_BASE -> cpu.base(CpuBlock.FS);
            case IA32_GS_BASE -> cpu.base(CpuBlock.GS);
            case IA32_MTRRCAP -> MTRRCAP_VALUE;
            case IA32_MTRR_DEF_TYPE -> mtrrDefType;
            case IA32_PAT -> pat;
            case IA32_MISC_ENABLE -> miscEnable;
            case IA32_ARCH_CAPABILITIES -> archCapabilities;
            case IA32_PLATFORM_ID, IA32_BIOS_SIGN_ID, IA32_MCG_CAP, IA32_MCG_STATUS, IA32_DEBUGCTL -> 0;
            case SYSCFG, HWCR, DE_CFG -> {
                require(offered.amd());
                yield index == DE_CFG ? LFENCE_SERIALIZE : 0;
            }
            default -> throw cpu.generalProtection();
        };
    }

    /** As {@link #write}, at any privilege level. */
    void writeAny(int index, long value) {
        if (ports.hasMsr(index)) {
            require(ports.writeMsr(index, value));
            return;
        }
        int offset = blockOffset(index);
        if (offset >= 0) {
            checkBlock(index, value);
            cpu.putLong(offset, value);
            return;
        }
        int range = rangeIndex(index);
        if (range >= 0) {
            writeRange(range, value);
            return;
        }
        switch (index) {
            case IA32_TSC -> {
                // Vol. 3B §18.17.3: a write moves TSC_ADJUST along.
                long now = readAny(IA32_TSC);
                adjust(value - now);
            }
            case IA32_TSC_ADJUST -> adjust(value - tscAdjust);
            case IA32_EFER -> controls.writeEfer(value);
            case IA32_FS_BASE, IA32_GS_BASE -> {
                require(CpuBlock.isCanonical(value));
                cpu.setBase(index == IA32_FS_BASE ? CpuBlock.FS : CpuBlock.GS, value);
            }
            case IA32_MTRR_DEF_TYPE -> {
                require((value & ~0xCFFL) == 0 && isMemoryType(value & 0xFF));
                mtrrDefType = value;
            }
            case IA32_PAT -> {
                for (int i = 0; i < 64; i += 8) {
                    long type = value >>> i & 0xFF;
                    require(isMemoryType(type) || type == 7);
                }
                pat = value;
            }
            case IA32_MISC_ENABLE -> miscEnable = (miscEnable & ~MISC_ENABLE_WRITABLE) | (value & MISC_ENABLE_WRITABLE);
            // The microcode's version is cleared before it is asked for; there is nothing to debug or to trace.
            case IA32_BIOS_SIGN_ID, IA32_MCG_STATUS, IA32_DEBUGCTL -> require(value == 0);
            // Nothing of what they switch is offered: written values are dropped.
            case SYSCFG, HWCR, DE_CFG -> require(offered.amd());
            default -> throw cpu.generalProtection();
        }
    }

    /** All that a snapshot keeps: the processor's own, and those beyond {@link SystemPorts}. */
    List<MsrEntry> save() {
        List<MsrEntry> entries = new ArrayList<>();
        entries.add(new MsrEntry(IA32_TSC, readAny(IA32_TSC)));
        entries.add(new MsrEntry(IA32_TSC_ADJUST, tscAdjust));
        for (int index : KEPT) {
            entries.add(new MsrEntry(index, readAny(index)));
        }
        for (int i = 0; i < variableRanges.length; i++) {
            entries.add(new MsrEntry(IA32_MTRR_PHYSBASE0 + i, variableRanges[i]));
        }
        for (int index = FIRST_FIXED_RANGE; index <= LAST_FIXED_RANGE; index++) {
            if (rangeIndex(index) >= 0) {
                entries.add(new MsrEntry(index, readAny(index)));
            }
        }
        for (int index : ports.keptMsrs()) {
            entries.add(new MsrEntry(index, ports.readMsr(index)));
        }
        return entries;
    }

    /**
     * Puts one back. The time stamp goes on from where it was; TSC_ADJUST is restored without moving it.
     *
     * @return false if the value is none for this MSR, or there is no such MSR
     */
    boolean restore(MsrEntry entry) {
        switch (entry.index()) {
            case IA32_TSC -> {
                cpu.putLong(StateLayout.TSC_OFFSET_OFFSET, entry.data() - ports.timeStampCounter());
                ports.timeStampCounterMoved();
            }
            case IA32_TSC_ADJUST -> tscAdjust = entry.data();
            default -> {
                if (ports.hasMsr(entry.index())) {
                    return ports.restoreMsr(entry.index(), entry.data());
                }
                try {
                    writeAny(entry.index(), entry.data());
                } catch (CpuFault fault) {
                    return false;
                }
            }
        }
        return true;
    }

    /** What a reset makes of them (vol. 3A table 10-1). */
    void reset() {
        Arrays.fill(variableRanges, 0);
        Arrays.fill(fixedRanges, 0);
        mtrrDefType = 0;
        pat = PAT_RESET;
        miscEnable = MISC_ENABLE_RESET;
        tscAdjust = 0;
        cpu.putLong(StateLayout.TSC_OFFSET_OFFSET, -ports.timeStampCounter());
    }

    private void adjust(long difference) {
        tscAdjust += difference;
        cpu.putLong(StateLayout.TSC_OFFSET_OFFSET, cpu.getLong(StateLayout.TSC_OFFSET_OFFSET) + difference);
        ports.timeStampCounterMoved();
    }

    private void checkBlock(int index, long value) {
        switch (index) {
            case IA32_LSTAR, IA32_CSTAR, IA32_KERNEL_GS_BASE, IA32_SYSENTER_ESP, IA32_SYSENTER_EIP ->
                require(CpuBlock.isCanonical(value));
            case IA32_FMASK, IA32_TSC_AUX -> require(value >>> 32 == 0);
            default -> {}
        }
    }

    // §12.11.2.3: base and mask have MAXPHYADDR bits; a base's type is one of five.
    private void writeRange(int range, long value) {
        if (range >= variableRanges.length) {
            for (int i = 0; i < 64; i += 8) {
                require(isMemoryType(value >>> i & 0xFF));
            }
            fixedRanges[range - variableRanges.length] = value;
            return;
        }
        long beyond = -1L << offered.physicalBits();
        boolean mask = (range & 1) != 0;
        require((value & (beyond | (mask ? 0x7FF : 0xF00))) == 0 && (mask || isMemoryType(value & 0xFF)));
        variableRanges[range] = value;
    }

    /** UC, WC, WT, WP, WB. */
    private static boolean isMemoryType(long type) {
        return type == 0 || type == 1 || (type >= 4 && type <= 6);
    }

    private static int rangeIndex(int index) {
        if (index >= IA32_MTRR_PHYSBASE0 && index < IA32_MTRR_PHYSBASE0 + 2 * VARIABLE_RANGES) {
            return index - IA32_MTRR_PHYSBASE0;
        }
        int fixed =
                switch (index) {
                    case 0x250 -> 0;
                    case 0x258 -> 1;
                    case 0x259 -> 2;
                    case 0x268, 0x269, 0x26A, 0x26B, 0x26C, 0x26D, 0x26E, 0x26F -> index - 0x268 + 3;
                    default -> -1;
                };
        return fixed < 0 ? -1 : 2 * VARIABLE_RANGES + fixed;
    }

    private static int blockOffset(int index) {
        return switch (index) {
            case IA32_SYSENTER_CS -> StateLayout.SYSENTER_CS_OFFSET;
            case IA32_SYSENTER_ESP -> StateLayout.SYSENTER_ESP_OFFSET;
            case IA32_SYSENTER_EIP -> StateLayout.SYSENTER_EIP_OFFSET;
            case IA32_STAR -> StateLayout.STAR_OFFSET;
            case IA32_LSTAR -> StateLayout.LSTAR_OFFSET;
            case IA32_CSTAR -> StateLayout.CSTAR_OFFSET;
            case IA32_FMASK -> StateLayout.FMASK_OFFSET;
            case IA32_KERNEL_GS_BASE -> StateLayout.KERNEL_GS_BASE_OFFSET;
            case IA32_TSC_AUX -> StateLayout.TSC_AUX_OFFSET;
            default -> -1;
        };
    }

    private void require(boolean condition) {
        if (!condition) {
            throw cpu.generalProtection();
        }
    }
}
