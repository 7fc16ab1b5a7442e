package io.javisor.core.cpu;

import java.util.List;

/**
 * All that a processor keeps between two instructions, as a snapshot stores it, whatever engine runs it. CPUID is not part of it: it
 * follows from the machine's configuration, and is set before the state.
 *
 * @param version {@link #VERSION} when it was made
 * @param pdptrs the four PAE page directory pointers if the processor holds them, else empty
 * @param msrs the model-specific registers, the time stamp counter among them; without EFER and IA32_APIC_BASE, which the registers
 *     have
 * @param xcr0 the extended control register XCR0; 0 if the processor has none
 * @param xsave the XSAVE area in its standard form, at least the 576 bytes of x87, SSE and header (Intel SDM vol. 1 §13.4)
 * @param localApic the first KiB of the local APIC's registers, as memory shows them (Intel SDM vol. 3 table 11-1); empty if there
 *     is no local APIC
 */
public record CpuState(
        int version,
        CpuRegisters registers,
        List<Long> pdptrs,
        List<MsrEntry> msrs,
        long xcr0,
        Bytes xsave,
        DebugRegisters debug,
        PendingEvents events,
        RunState runState,
        Bytes localApic) {
    /** The version of what this code makes. */
    public static final int VERSION = 1;

    private static final int PDPTR_COUNT = 4;

    /** Of the MSRs; engines have some hundred. */
    private static final int MSRS_MAX = 1 << 12;

    /** Of an XSAVE area; processors have some 11 KiB. */
    private static final int XSAVE_MAX_BYTES = 1 << 16;

    /** Of the local APIC's registers. */
    private static final int LOCAL_APIC_BYTES = 1 << 10;

    /**
     * Checks version, sizes and the task priority.
     *
     * @throws IllegalArgumentException if this code does not know the version, or a part has a size or value that no processor's has
     */
    public CpuState {
        if (version != VERSION) {
            throw new IllegalArgumentException(
                    "a processor's state of version " + version + " is not known; this is " + VERSION);
        }
        pdptrs = List.copyOf(pdptrs);
        msrs = List.copyOf(msrs);
        require(pdptrs.isEmpty() || pdptrs.size() == PDPTR_COUNT, "page directory pointers", pdptrs.size());
        require(msrs.size() <= MSRS_MAX, "MSRs", msrs.size());
        require(xsave.length() <= XSAVE_MAX_BYTES, "bytes of XSAVE area", xsave.length());
        if ((registers.system().cr8() & ~0xFL) != 0) {
            throw new IllegalArgumentException("a processor's state has a task priority of "
                    + registers.system().cr8());
        }
        int apic = localApic.length();
        require(apic == 0 || apic == LOCAL_APIC_BYTES, "bytes of a local APIC", apic);
    }

    private static void require(boolean good, String what, int count) {
        if (!good) {
            throw new IllegalArgumentException("a processor's state has " + count + " " + what);
        }
    }
}
