package io.javisor.core.cpu;

import java.util.List;
import java.util.function.IntPredicate;

/** The model-specific registers that a vCPU starts with. SDM vol. 4 chapter 2 */
public final class BootMsrs {
    static final int IA32_TSC = 0x10;
    static final int IA32_SYSENTER_CS = 0x174;
    static final int IA32_SYSENTER_ESP = 0x175;
    static final int IA32_SYSENTER_EIP = 0x176;
    static final int IA32_MISC_ENABLE = 0x1A0;
    /** How memory that no range covers is cached. */
    public static final int IA32_MTRR_DEF_TYPE = 0x2FF;

    static final int IA32_STAR = 0xC000_0081;
    static final int IA32_LSTAR = 0xC000_0082;
    static final int IA32_CSTAR = 0xC000_0083;
    static final int IA32_FMASK = 0xC000_0084;
    static final int IA32_KERNEL_GS_BASE = 0xC000_0102;

    /** Fast string operations. */
    private static final long MISC_ENABLE_FAST_STRING = 1;
    /** MTRRs on, memory that no range covers is write-back. SDM vol. 3 §12.11.2.1 */
    private static final long MTRR_ENABLE_WRITE_BACK = 1 << 11 | 6;

    private BootMsrs() {}

    /**
     * All of them that an engine has.
     *
     * @param supported whether the engine has the MSR of that number
     */
    public static List<MsrEntry> entries(IntPredicate supported) {
        return List.of(
                        new MsrEntry(IA32_SYSENTER_CS, 0),
                        new MsrEntry(IA32_SYSENTER_ESP, 0),
                        new MsrEntry(IA32_SYSENTER_EIP, 0),
                        new MsrEntry(IA32_STAR, 0),
                        new MsrEntry(IA32_CSTAR, 0),
                        new MsrEntry(IA32_KERNEL_GS_BASE, 0),
                        new MsrEntry(IA32_FMASK, 0),
                        new MsrEntry(IA32_LSTAR, 0),
                        new MsrEntry(IA32_TSC, 0),
                        new MsrEntry(IA32_MISC_ENABLE, MISC_ENABLE_FAST_STRING),
                        new MsrEntry(IA32_MTRR_DEF_TYPE, MTRR_ENABLE_WRITE_BACK))
                .stream()
                .filter(entry -> supported.test(entry.index()))
                .toList();
    }
}
