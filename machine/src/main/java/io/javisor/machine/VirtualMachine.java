package io.javisor.machine;

import io.javisor.core.bus.AddressBus;
import io.javisor.core.bus.BusDevice;
import io.javisor.core.irq.GsiInput;
import io.javisor.core.irq.GsiRouter;
import io.javisor.core.irq.InterruptLine;
import io.javisor.core.kvm.EdgeLine;
import io.javisor.core.kvm.Kvm;
import io.javisor.core.kvm.KvmVcpu;
import io.javisor.core.kvm.KvmVm;
import io.javisor.core.kvm.LevelLine;
import io.javisor.core.kvm.abi.KvmConstants;
import io.javisor.core.memory.GuestMemory;
import io.javisor.core.memory.RegionSpec;
import io.javisor.core.vcpu.ExitHandler;
import io.javisor.core.vcpu.Vcpu;
import io.javisor.core.vcpu.VcpuListener;
import io.javisor.devices.rtc.CmosContents;
import io.javisor.firmware.cpu.BootState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One life of a machine, from power-on to reset or power-off: the KVM VM with its memory, interrupt chips, devices and virtual
 * CPUs. Not thread-safe: {@link Machine} calls it under its lock.
 */
final class VirtualMachine implements AutoCloseable {
    /** Longer than any pause takes by far; past it an exit handler hangs, which is a bug. */
    private static final long PARK_TIMEOUT_MILLIS = 10_000;

    private final MachinePlan plan;
    private final Cleanup cleanup = new Cleanup();
    private final AddressBus ports = AddressBus.ports();
    private final AddressBus deviceMemory = AddressBus.deviceMemory();
    private final GuestMemory memory;
    private final KvmVm vm;
    private final List<KvmVcpu> kvmVcpus = new ArrayList<>();
    private final List<Vcpu> vcpus = new ArrayList<>();
    private final Map<Integer, EdgeLine> edgeLines = new HashMap<>();
    private final DeviceSet devices;
    private final VirtioDevices virtio;

    /**
     * Builds everything; the vCPU threads wait.
     *
     * @throws io.javisor.core.host.HostException if the host refuses something; nothing is left behind then
     */
    VirtualMachine(MachinePlan plan, HostResources host, DeviceSet.Wiring wiring, VcpuListener listener) {
        this.plan = plan;
        BootObserver observer = wiring.observer();
        try {
            MachineConfig config = plan.config();
            memory = cleanup.add(GuestMemory.allocate(
                    plan.ram().stream()
                            .map(range -> new RegionSpec(range.startGpa(), range.sizeBytes()))
                            .toList(),
                    config.memoryBacking()));
            observer.reached(BootStep.MEMORY_ALLOCATED);
            vm = cleanup.add(host.kvm().createVm(config.name()));
            createPlatform();
            IntervalTimerEnd _ = cleanup.add(IntervalTimerEnd.of(vm.irqs(), wiring.events()));
            observer.reached(BootStep.VM_CREATED);
            devices = cleanup.add(new DeviceSet(this::register, this::connect, wiring, cmos()));
            virtio = cleanup.add(new VirtioDevices(
                    config.virtio(),
                    VirtioSlots.of(config.virtio()),
                    new VirtioDevices.Wiring(
                            vm,
                            deviceMemory,
                            memory,
                            wiring.loop(),
                            wiring.events(),
                            wiring.virtio(),
                            wiring.files(),
                            wiring.net(),
                            host)));
            BootState boot = plan.boot().write(memory);
            observer.reached(BootStep.IMAGES_LOADED);
            createVcpus(host.kvm(), boot, listener);
            observer.reached(BootStep.VCPUS_CREATED);
        } catch (RuntimeException | Error e) {
            cleanup.closeAfter(e);
            throw e;
        }
    }

    private void createPlatform() {
        // Memory first: a new slot waits for a grace period of the VM's SRCU, and once there are controllers on KVM's
        // buses that takes some jiffies. Measured on Linux 6.18: 6.2 ms after them, 0.05 ms before.
        int slot = 0;
        for (GuestMemory.Region region : memory.regions()) {
            vm.memory()
                    .setUserMemoryRegion(
                            slot++,
                            0,
                            region.startGpa(),
                            region.segment().byteSize(),
                            region.segment().address());
        }
        // Intel wants both before the first vCPU; AMD ignores them. KVM api.rst §4.33, §4.34
        vm.setIdentityMapAddr(X86MemoryMap.KVM_IDENTITY_MAP_GPA);
        vm.setTssAddr(X86MemoryMap.KVM_TSS_GPA);
        vm.irqs().createIrqchip();
        vm.irqs().createPit2(KvmConstants.KVM_PIT_SPEAKER_DUMMY);
        vm.irqs().replace(GsiRouter.pcPins());
    }

    private byte[] cmos() {
        long belowHole = plan.ram().getFirst().sizeBytes();
        return CmosContents.ofMemory(belowHole, plan.config().memoryBytes() - belowHole);
    }

    private void register(DevicePlacement placement, DevicePlacement.Ports range, BusDevice device) {
        AddressBus.Registration _ = ports.register(placement.id(), range.first(), range.count(), device);
    }

    private InterruptLine connect(DevicePlacement placement) {
        GsiInput input = placement.interrupt();
        if (input == null) {
            return InterruptLine.UNCONNECTED;
        }
        return switch (input.trigger()) {
            case EDGE -> connectEdge(input.gsi());
            case LEVEL -> new LevelLine(vm.irqs(), input.gsi());
        };
    }

    private InterruptLine connectEdge(int gsi) {
        EdgeLine present = edgeLines.get(gsi);
        if (present != null) {
            return present.share();
        }
        EdgeLine line = cleanup.add(new EdgeLine(vm.irqs(), gsi));
        edgeLines.put(gsi, line);
        return line;
    }

    private void createVcpus(Kvm kvm, BootState boot, VcpuListener listener) {
        MachineConfig config = plan.config();
        for (int i = 0; i < config.cpus(); i++) {
            kvmVcpus.add(cleanup.add(vm.createVcpu(i)));
        }
        GuestCpus guestCpus = new GuestCpus(kvm, config, kvmVcpus.getFirst());
        kvmVcpus.forEach(guestCpus::configure);
        SystemDescription.of(plan, guestCpus).write(memory);
        BootRegisters.apply(kvmVcpus.getFirst().state(), boot);
        for (KvmVcpu kvmVcpu : kvmVcpus) {
            ExitHandler exits = new ExitHandler(kvmVcpu.runPage(), ports, deviceMemory);
            Vcpu vcpu = cleanup.add(new Vcpu(config.name(), kvmVcpu.id(), kvmVcpu, exits, listener));
            vcpus.add(vcpu);
            vcpu.start();
        }
    }

    void resume() {
        vcpus.forEach(Vcpu::resume);
    }

    /** Parks every vCPU; they stop within milliseconds. */
    void pause() throws InterruptedException {
        vcpus.forEach(Vcpu::requestPause);
        for (Vcpu vcpu : vcpus) {
            if (!vcpu.awaitParked(PARK_TIMEOUT_MILLIS)) {
                throw new IllegalStateException("vCPU " + vcpu.index() + " does not park: an exit handler blocks");
            }
        }
        // Tells the guest's watchdogs that time passed without it. KVM api.rst §4.74
        kvmVcpus.forEach(KvmVcpu::kvmclockCtrl);
    }

    KvmVcpu kvmVcpu(int index) {
        return kvmVcpus.get(index);
    }

    GuestMemory memory() {
        return memory;
    }

    DeviceSet devices() {
        return devices;
    }

    VirtioDevices virtio() {
        return virtio;
    }

    /**
     * Ends the vCPU threads, then gives back everything in the reverse order of its making: virtio devices, whose requests are waited for,
     * devices, lines, vCPUs, VM, memory last, for KVM holds its addresses.
     */
    @Override
    public void close() {
        vcpus.forEach(Vcpu::requestStop);
        cleanup.close();
    }
}
