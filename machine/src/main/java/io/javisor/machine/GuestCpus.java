package io.javisor.machine;

import io.javisor.core.cpu.BootMsrs;
import io.javisor.core.cpu.CpuConfigException;
import io.javisor.core.cpu.CpuModel;
import io.javisor.core.cpu.CpuResetState;
import io.javisor.core.cpu.CpuTopology;
import io.javisor.core.cpu.CpuidEntry;
import io.javisor.core.cpu.HostCpu;
import io.javisor.core.cpu.MsrEntry;
import io.javisor.core.host.HostException;
import io.javisor.core.kvm.Kvm;
import io.javisor.core.kvm.KvmVcpu;
import io.javisor.core.kvm.abi.KvmCap;
import io.javisor.core.kvm.abi.KvmFpuLayout;
import io.javisor.core.kvm.abi.KvmLapicStateLayout;
import io.javisor.firmware.mptable.InterruptSource;
import io.javisor.firmware.mptable.MpMachine;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;

/** Makes KVM's virtual CPUs the ones that the configuration asks for, and tells the firmware of them. */
final class GuestCpus {
    private static final int CPUID_FEATURES = 1;

    /** An integrated local APIC, and KVM's I/O APIC (82093AA): their version registers. */
    private static final int LOCAL_APIC_VERSION = 0x14;

    private static final int IO_APIC_VERSION = 0x11;

    private final CpuModel model;
    private final List<MsrEntry> bootMsrs;
    private final int count;

    /**
     * Works out what the guest's processors can do.
     *
     * @param any one of the VM's vCPUs, which knows the frequency of its time stamp counter
     * @throws ConfigException if the host can't serve the configuration
     */
    GuestCpus(Kvm kvm, MachineConfig config, KvmVcpu any) {
        HostCpu host = new HostCpu(
                kvm.supportedCpuid(),
                kvm.checkExtension(KvmCap.KVM_CAP_TSC_DEADLINE_TIMER) > 0,
                tscKhz(any),
                HostCpu.isSoftwareVirtualised());
        count = config.cpus();
        try {
            model = CpuModel.of(host, config.cpu(), new CpuTopology(count));
        } catch (CpuConfigException e) {
            throw new ConfigException("--cpu: " + e.getMessage(), e);
        }
        bootMsrs = BootMsrs.entries(kvm.msrIndexList());
    }

    void configure(KvmVcpu vcpu) {
        vcpu.state().setCpuid2(model.cpuid(vcpu.id()));
        vcpu.state().setMsrs(bootMsrs);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment fpu = arena.allocate(KvmFpuLayout.SIZE, 8);
            CpuResetState.initFpu(fpu);
            vcpu.state().setFpu(fpu);
            MemorySegment lapic = arena.allocate(KvmLapicStateLayout.SIZE, 8);
            vcpu.state().getLapic(lapic);
            CpuResetState.wireLints(lapic);
            vcpu.state().setLapic(lapic);
        }
    }

    /** For the MP table. */
    MpMachine describe(List<InterruptSource> interrupts) {
        CpuidEntry features = model.cpuid(0).stream()
                .filter(entry -> entry.answers(CPUID_FEATURES, 0))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("KVM supports no CPUID leaf 1"));
        return new MpMachine(
                apicIds(),
                LOCAL_APIC_VERSION,
                features.eax(),
                features.edx(),
                X86MemoryMap.LOCAL_APIC_GPA,
                X86MemoryMap.IOAPIC_GPA,
                IO_APIC_VERSION,
                interrupts);
    }

    /** The boot processor's first. */
    List<Integer> apicIds() {
        return IntStream.range(0, count).boxed().toList();
    }

    /** 0 where KVM does not tell: the guest then measures for itself. */
    private static int tscKhz(KvmVcpu vcpu) {
        try {
            return vcpu.tscKhz();
        } catch (HostException e) {
            return 0;
        }
    }
}
