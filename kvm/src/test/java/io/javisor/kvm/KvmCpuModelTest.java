package io.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.cpu.CpuConfig;
import io.javisor.core.cpu.CpuModel;
import io.javisor.core.cpu.CpuTopology;
import io.javisor.core.cpu.CpuidEntry;
import io.javisor.core.cpu.HostCpu;
import io.javisor.kvm.abi.KvmCap;
import io.javisor.kvm.abi.KvmRunLayout;
import io.javisor.testkit.junit.KvmTest;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** KVM takes the model of a processor as it is worked out for this very host. */
@KvmTest
class KvmCpuModelTest {
    @ParameterizedTest
    @ValueSource(strings = {"host", "host,-x2apic", "host,-xsave,-smap"})
    void kvmTakesTheModelAndTheBootState(String config) {
        try (TinyVm tiny = new TinyVm(true);
                KvmVcpu second = tiny.vm.createVcpu(1)) {
            HostCpu host = new HostCpu(
                    tiny.kvm.supportedCpuid(),
                    tiny.kvm.checkExtension(KvmCap.KVM_CAP_TSC_DEADLINE_TIMER) > 0,
                    tiny.vcpu.tscKhz());
            CpuModel model = CpuModel.of(host, CpuConfig.parse(config), new CpuTopology(2));
            List<KvmVcpu> vcpus = List.of(tiny.vcpu, second);
            for (KvmVcpu vcpu : vcpus) {
                List<CpuidEntry> cpuid = model.cpuid(vcpu.id());
                KvmPowerOn.apply(tiny.kvm, vcpu.state(), cpuid, true);
                assertEquals(cpuid.size(), vcpu.state().cpuid2().size());
                assertEquals(0x806, vcpu.state().msr(0x2FF));
                assertEquals(1, vcpu.state().msr(0x1A0) & 1);
            }
            // mov eax, 0x40000010; cpuid; out 0x80, eax; hlt
            tiny.code("66 b8 10 00 00 40 0f a2 66 e7 80 f4");
            assertEquals(0x80, tiny.runToOut());
            MemorySegment run = tiny.vcpu.runPage();
            assertEquals(host.tscKhz(), run.get(ValueLayout.JAVA_INT_UNALIGNED, KvmRunLayout.ioDataOffset(run)));
        }
    }
}
