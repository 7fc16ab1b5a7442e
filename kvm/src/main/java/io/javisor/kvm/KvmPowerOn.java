package io.javisor.kvm;

import io.javisor.core.cpu.BootMsrs;
import io.javisor.core.cpu.CpuResetState;
import io.javisor.core.cpu.CpuidEntry;
import io.javisor.kvm.abi.KvmFpuLayout;
import io.javisor.kvm.abi.KvmLapicStateLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** What a vCPU that KVM has just made lacks to be a processor after power-on. */
final class KvmPowerOn {
    private KvmPowerOn() {}

    /**
     * Sets CPUID, model-specific registers, the x87 and SSE control words, and the local APIC's pins.
     *
     * @param apic whether there is a local APIC
     */
    static void apply(Kvm kvm, KvmVcpuState vcpu, List<CpuidEntry> cpuid, boolean apic) {
        vcpu.setCpuid2(cpuid);
        int[] known = kvm.msrIndexList();
        // KVM has had the MTRRs since before it had the list, and never put them on it.
        vcpu.setMsrs(BootMsrs.entries(index -> index == BootMsrs.IA32_MTRR_DEF_TYPE || contains(known, index)));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment fpu = arena.allocate(KvmFpuLayout.SIZE, Long.BYTES);
            initFpu(fpu);
            vcpu.setFpu(fpu);
            if (apic) {
                MemorySegment lapic = arena.allocate(KvmLapicStateLayout.SIZE, Long.BYTES);
                vcpu.getLapic(lapic);
                wireLints(lapic);
                vcpu.setLapic(lapic);
            }
        }
    }

    private static boolean contains(int[] values, int wanted) {
        for (int value : values) {
            if (value == wanted) {
                return true;
            }
        }
        return false;
    }

    /** Wires LINT0 to the 8259As and LINT1 to NMI in a {@code kvm_lapic_state}. */
    static void wireLints(MemorySegment lapic) {
        int lint0 = CpuResetState.APIC_LVT_LINT0;
        int lint1 = CpuResetState.APIC_LVT_LINT1;
        KvmLapicStateLayout.setRegister(lapic, lint0, CpuResetState.lint0(KvmLapicStateLayout.register(lapic, lint0)));
        KvmLapicStateLayout.setRegister(lapic, lint1, CpuResetState.lint1(KvmLapicStateLayout.register(lapic, lint1)));
    }

    /** Fills a {@code kvm_fpu} with the state after FNINIT. */
    static void initFpu(MemorySegment fpu) {
        fpu.fill((byte) 0);
        KvmFpuLayout.setFcw(fpu, CpuResetState.FCW_INIT);
        KvmFpuLayout.setMxcsr(fpu, CpuResetState.MXCSR_INIT);
    }
}
