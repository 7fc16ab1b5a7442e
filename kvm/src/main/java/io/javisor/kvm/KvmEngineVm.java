package io.javisor.kvm;

import io.javisor.core.cpu.HostCpu;
import io.javisor.core.engine.EngineInterrupts;
import io.javisor.core.engine.EngineVcpu;
import io.javisor.core.engine.EngineVm;
import io.javisor.core.engine.VmSpec;
import io.javisor.core.engine.VmState;
import io.javisor.core.event.EventLoop;
import io.javisor.core.host.HostException;
import io.javisor.core.irq.MsiSink;
import io.javisor.core.memory.GuestMemory;
import io.javisor.kvm.abi.KvmCap;
import io.javisor.kvm.abi.KvmConstants;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A VM of KVM's as an engine's. */
final class KvmEngineVm implements EngineVm {
    private static final int PAGE_SIZE = 4096;

    private final Kvm kvm;
    private final KvmVm vm;
    private final VmSpec spec;
    private final EngineInterrupts interrupts;
    private final KvmMessages messages;
    private @Nullable GsiRouter router; // null without chips
    private final List<KvmEngineVcpu> vcpus = new CopyOnWriteArrayList<>();

    KvmEngineVm(Kvm kvm, KvmVm vm, VmSpec spec) {
        this.kvm = kvm;
        this.vm = vm;
        this.spec = spec;
        mapMemory();
        KvmHostGuards.enable(vm);
        // Intel wants both before the first vCPU; AMD ignores them. KVM api.rst §4.36, §4.40
        vm.setIdentityMapAddr(spec.reservedGpa());
        vm.setTssAddr(spec.reservedGpa() + PAGE_SIZE);
        interrupts = switch (spec.interrupts()) {
            case NONE -> new EngineInterrupts.None();
            case PC -> createChips();
        };
        messages = new KvmMessages(vm.irqs()); // last, for who closes the VM after a failure does not know it
    }

    /**
     * Before the controllers: a new slot waits for a grace period of the VM's SRCU, and once there are controllers on KVM's buses that
     * takes some jiffies. Measured on Linux 6.18: 6.2 ms after them, 0.05 ms before.
     */
    private void mapMemory() {
        int slot = 0;
        for (GuestMemory.Region region : spec.memory().regions()) {
            mapMemory(slot++, 0, region);
        }
        for (GuestMemory.Region region : spec.memory().readOnlyRegions()) {
            mapMemory(slot++, KvmConstants.KVM_MEM_READONLY, region); // a write there is an exit, as to device memory
        }
    }

    private void mapMemory(int slot, int flags, GuestMemory.Region region) {
        vm.memory()
                .setUserMemoryRegion(
                        slot,
                        flags,
                        region.startGpa(),
                        region.segment().byteSize(),
                        region.segment().address());
    }

    private EngineInterrupts createChips() {
        KvmIrqs irqs = vm.irqs();
        irqs.createIrqchip();
        irqs.createPit2(KvmConstants.KVM_PIT_SPEAKER_DUMMY);
        router = new GsiRouter(irqs);
        return new EngineInterrupts.Chips(new KvmLines(irqs));
    }

    KvmVm kvmVm() {
        return vm;
    }

    @Override
    public EngineVcpu createVcpu(int index) {
        KvmVcpu vcpu = vm.createVcpu(index);
        KvmEngineVcpu made;
        try {
            made = new KvmEngineVcpu(kvm, vm, vcpu, spec);
        } catch (RuntimeException | Error e) {
            vcpu.close();
            throw e;
        }
        vcpus.add(made);
        return made;
    }

    @Override
    public HostCpu offer() {
        if (vcpus.isEmpty()) {
            throw new IllegalStateException("a vCPU knows the frequency, and there is none yet");
        }
        return new HostCpu(
                kvm.supportedCpuid(),
                kvm.checkExtension(KvmCap.KVM_CAP_TSC_DEADLINE_TIMER) > 0,
                tscKhz(vcpus.getFirst().kvmVcpu()));
    }

    /** 0 where KVM does not tell: the guest then measures for itself. */
    private static int tscKhz(KvmVcpu vcpu) {
        try {
            return vcpu.tscKhz();
        } catch (HostException e) {
            return 0;
        }
    }

    @Override
    public EngineInterrupts interrupts() {
        return interrupts;
    }

    @Override
    public MsiSink messages() {
        return messages;
    }

    @Override
    public Binding bindDoorbell(String name, long gpa, int sizeBytes, long value, EventLoop loop, Runnable rung) {
        return KvmDoorbell.bind(vm.ioEvents(), name, gpa, sizeBytes, value, loop, rung);
    }

    @Override
    public VmState save() {
        return KvmVmSnapshot.save(vm, spec.interrupts(), vcpus);
    }

    @Override
    public void restore(VmState state) {
        state.requireFor(KvmEngineProvider.NAME, vcpus.size(), spec.interrupts());
        KvmVmSnapshot.restore(vm, spec.interrupts(), vcpus, state);
    }

    @Override
    public void close() {
        try {
            endIntervalTimer();
        } finally {
            messages.close();
            vm.close();
        }
    }

    private void endIntervalTimer() {
        GsiRouter routes = router;
        if (routes != null) {
            router = null;
            IntervalTimerEnd.of(vm.irqs(), routes, spec.helper()).run();
        }
    }
}
