package io.javisor.machine.plan;

import io.javisor.core.cpu.CpuConfigException;
import io.javisor.core.cpu.CpuModel;
import io.javisor.core.cpu.CpuTopology;
import io.javisor.core.cpu.CpuidEntry;
import io.javisor.core.cpu.HostCpu;
import io.javisor.core.engine.EngineVcpu;
import io.javisor.firmware.mptable.InterruptSource;
import io.javisor.firmware.mptable.MpMachine;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.CpusConfig;
import java.util.List;
import java.util.stream.IntStream;

/** Makes the engine's virtual CPUs the ones that the configuration asks for, and tells the firmware of them. */
public final class GuestCpus {
    private static final int CPUID_FEATURES = 1;

    /** An integrated local APIC, and the I/O APIC (82093AA): their version registers. */
    private static final int LOCAL_APIC_VERSION = 0x14;

    private static final int IO_APIC_VERSION = 0x11;

    private final CpuModel model;
    private final int count;

    /**
     * Works out what the guest's processors can do.
     *
     * @param offer what the engine can show
     * @throws ConfigException if the host can't serve the configuration
     */
    public GuestCpus(HostCpu offer, CpusConfig config) {
        count = config.count();
        try {
            model = CpuModel.of(offer, config.features(), new CpuTopology(count));
        } catch (CpuConfigException e) {
            throw new ConfigException("--cpu: " + e.getMessage(), e);
        }
    }

    public void powerOn(EngineVcpu vcpu) {
        vcpu.powerOn(model.cpuid(vcpu.index()));
    }

    /** For the MP table. */
    MpMachine describe(List<InterruptSource> interrupts) {
        CpuidEntry features = model.cpuid(0).stream()
                .filter(entry -> entry.answers(CPUID_FEATURES, 0))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the engine offers no CPUID leaf 1"));
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
}
