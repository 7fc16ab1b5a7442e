package io.javisor.machine;

import io.javisor.core.bus.AddressBus;
import io.javisor.core.bus.BusDevice;
import io.javisor.core.engine.EngineInterrupts;
import io.javisor.core.engine.EngineVcpu;
import io.javisor.core.engine.EngineVm;
import io.javisor.core.engine.VmSpec;
import io.javisor.core.event.EventLoop;
import io.javisor.core.event.MachineClock;
import io.javisor.core.host.Cleanup;
import io.javisor.core.host.HostException;
import io.javisor.core.irq.GsiInput;
import io.javisor.core.irq.InterruptChips;
import io.javisor.core.irq.InterruptLine;
import io.javisor.core.memory.GuestMemory;
import io.javisor.core.vcpu.Vcpu;
import io.javisor.core.vcpu.VcpuListener;
import io.javisor.devices.Device;
import io.javisor.devices.ioapic.IoApicRegisters;
import io.javisor.devices.pc.PcChips;
import io.javisor.devices.rtc.CmosContents;
import io.javisor.firmware.cpu.BootState;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.host.HostResources;
import io.javisor.machine.host.TraceFile;
import io.javisor.machine.plan.DevicePlacement;
import io.javisor.machine.plan.FixedPlacements;
import io.javisor.machine.plan.GuestCpus;
import io.javisor.machine.plan.MachinePlan;
import io.javisor.machine.plan.SystemDescription;
import io.javisor.machine.plan.X86MemoryMap;
import io.javisor.machine.wiring.DeviceSet;
import io.javisor.machine.wiring.Unclaimed;
import io.javisor.machine.wiring.VirtioDevices;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One life of a machine, from power-on to reset or power-off: the engine's VM with its memory, interrupt chips, devices and
 * virtual CPUs. Not thread-safe: {@link Machine} calls it under its lock.
 */
public final class MachineLife implements AutoCloseable {
    /** Longer than any pause takes by far; past it an exit handler hangs, which is a bug. */
    private static final long PARK_TIMEOUT_MILLIS = 10_000;

    private static final long LOOP_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final Logger LOG = LoggerFactory.getLogger(MachineLife.class);

    private final MachinePlan plan;
    private final Cleanup cleanup = new Cleanup();
    private final Cleanup.Users threads = new Cleanup.Users();
    private final AddressBus ports = AddressBus.ports();
    private final AddressBus deviceMemory = AddressBus.deviceMemory();
    private final GuestMemory memory;
    private final EngineVm vm;
    private final InterruptChips chips;
    private final List<EngineVcpu> engineVcpus = new ArrayList<>();
    private final List<Vcpu> vcpus = new ArrayList<>();
    /** All devices, in the order of the statistics: the buses, the chips, those that every PC has, serial ports, virtio. */
    private final List<Device<?>> all = new ArrayList<>();

    private final EventLoop loop;
    private final MachineClock clock;
    private final DeviceSet devices;
    private final VirtioDevices virtio;

    /**
     * Builds everything; the vCPU threads wait.
     *
     * @param statistics gets the vCPUs' counters
     * @param helper runs what ends the VM sooner
     * @throws io.javisor.core.host.HostException if the host refuses something; nothing is left behind then
     */
    MachineLife(
            MachinePlan plan,
            HostResources host,
            DeviceSet.Wiring wiring,
            BootObserver observer,
            VcpuListener listener,
            VcpuStatistics statistics,
            Executor helper) {
        this.plan = plan;
        loop = wiring.loop();
        clock = wiring.clock();
        try {
            MachineConfig config = plan.config();
            memory = cleanup.addBeneath(
                    threads,
                    GuestMemory.allocate(plan.ram(), config.memory().backing(), host.memories(plan.memories())));
            observer.reached(BootStep.MEMORY_ALLOCATED);
            all.add(new Unclaimed("ports", ports));
            all.add(new Unclaimed("device-memory", deviceMemory));
            vm = cleanup.addBeneath(
                    threads,
                    host.engine()
                            .createVm(new VmSpec(
                                    config.name(),
                                    memory,
                                    ports,
                                    deviceMemory,
                                    VmSpec.Interrupts.PC,
                                    X86MemoryMap.ENGINE_RESERVED_GPA,
                                    helper)));
            trace(host);
            chips = switch (vm.interrupts()) {
                case EngineInterrupts.Chips(InterruptChips ofEngine) -> ofEngine;
                case EngineInterrupts.Socket socket -> plugChips(socket);
                case EngineInterrupts.None _ ->
                    throw new IllegalStateException(host.engine().name() + " has no local APICs");
            };
            observer.reached(BootStep.VM_CREATED);
            devices = cleanup.add(new DeviceSet(this::register, this::connect, wiring, cmos()));
            all.addAll(devices.all());
            virtio = cleanup.add(new VirtioDevices(
                    plan, new VirtioDevices.Wiring(vm, chips, deviceMemory, memory, loop, wiring.virtio(), host)));
            all.addAll(virtio.all());
            AutoCloseable _ = cleanup.add(wiring.totals().begin(all)); // ends before the devices do
            BootState boot = plan.boot().write(memory);
            observer.reached(BootStep.IMAGES_LOADED);
            createVcpus(boot, listener, statistics);
            observer.reached(BootStep.VCPUS_CREATED);
        } catch (RuntimeException | Error e) {
            cleanup.closeAfter(e);
            throw e;
        }
    }

    private void trace(HostResources host) {
        TraceFile trace = host.trace();
        if (trace != null && !vm.trace(trace.request())) {
            throw new IllegalStateException(host.engine().name() + " does not trace, which its traits say");
        }
    }

    private byte[] cmos() {
        long belowHole = plan.ram().getFirst().sizeBytes();
        return CmosContents.ofMemory(belowHole, plan.config().memory().sizeBytes() - belowHole);
    }

    private InterruptChips plugChips(EngineInterrupts.Socket socket) {
        PcChips made = cleanup.add(new PcChips(socket.intr(), vm.messages(), clock, clock));
        registerPorts(
                FixedPlacements.PIC,
                made.pic().firstPorts(),
                made.pic().secondPorts(),
                made.pic().elcrPorts());
        registerPorts(FixedPlacements.PIT, made.pit(), made.pit().portB());
        AddressBus.Claim _ =
                deviceMemory.register("ioapic", X86MemoryMap.IOAPIC_GPA, IoApicRegisters.WINDOW_SIZE, made.ioApic());
        socket.plug(made.pic(), made.ioApic());
        all.addAll(List.of(made.pic(), made.ioApic(), made.pit()));
        return made;
    }

    /** A device for each of the placement's ranges. */
    private void registerPorts(DevicePlacement placement, BusDevice... devices) {
        for (int i = 0; i < devices.length; i++) {
            register(placement, placement.ports().get(i), devices[i]);
        }
    }

    private void register(DevicePlacement placement, DevicePlacement.Ports range, BusDevice device) {
        AddressBus.Claim _ = ports.register(placement.id(), range.first(), range.count(), device);
    }

    private InterruptLine connect(DevicePlacement placement) {
        GsiInput input = placement.interrupt();
        if (input == null) {
            return InterruptLine.UNCONNECTED;
        }
        return cleanup.add(chips.connect(input));
    }

    private void createVcpus(BootState boot, VcpuListener listener, VcpuStatistics statistics) {
        MachineConfig config = plan.config();
        for (int i = 0; i < config.cpus().count(); i++) {
            engineVcpus.add(cleanup.addBeneath(threads, vm.createVcpu(i)));
        }
        GuestCpus guestCpus = new GuestCpus(vm.offer(), config.cpus());
        engineVcpus.forEach(guestCpus::powerOn);
        SystemDescription.of(plan, guestCpus).write(memory);
        EngineVcpu first = engineVcpus.getFirst();
        first.setRegisters(boot.registers(first.registers()));
        AutoCloseable _ = cleanup.add(statistics.begin(engineVcpus)); // ends when the threads have ended
        for (EngineVcpu engineVcpu : engineVcpus) {
            Vcpu vcpu = cleanup.addUser(threads, new Vcpu(config.name(), engineVcpu.index(), engineVcpu, listener));
            vcpus.add(vcpu);
            vcpu.start();
        }
    }

    void resume() {
        resumeDevices();
        vcpus.forEach(Vcpu::resume);
    }

    /**
     * Parks every vCPU, has the devices stand still, and then the clock. When this returns nothing changes the guest's memory any more. Not on the
     * event loop. If it throws some may stand and some run, and {@link #resume} lets all run.
     *
     * @throws HostException if the host does not finish in time what it has begun for a device; all else stands by then
     * @throws IllegalStateException if a vCPU or the loop does not stand within its time
     */
    void pause() throws InterruptedException {
        vcpus.forEach(Vcpu::requestPause);
        for (Vcpu vcpu : vcpus) {
            if (!vcpu.awaitParked(PARK_TIMEOUT_MILLIS)) {
                throw new IllegalStateException("vCPU " + vcpu.index() + " does not park: an exit handler blocks");
            }
        }
        engineVcpus.forEach(EngineVcpu::pausedMeanwhile);
        HostException slow = null;
        for (Device<?> device : all) {
            try {
                device.pause();
            } catch (HostException e) {
                slow = e;
            }
        }
        clock.pause();
        if (!loop.awaitTurn(LOOP_TIMEOUT_NANOS)) { // an expiry may have been under way
            throw new IllegalStateException(loop.name() + " does not turn: a handler blocks");
        }
        if (slow != null) {
            throw slow;
        }
    }

    /** Lets one vCPU run, with the devices. */
    void resume(int index) {
        resumeDevices();
        vcpus.get(index).resume();
    }

    private void resumeDevices() {
        clock.resume();
        all.reversed().forEach(Device::resume);
    }

    /** All that it is but the content of its memory, while it is paused. */
    LifeState save() {
        return LifeState.of(plan, vm, all);
    }

    /** Puts a saved state into this life, which has not run yet; its memory has its content. As {@link LifeState#into}. */
    void restore(LifeState state) throws InterruptedException {
        state.into(plan, vm, all);
    }

    GuestMemory memory() {
        return memory;
    }

    /** In the order of their numbers. */
    List<EngineVcpu> engineVcpus() {
        return Collections.unmodifiableList(engineVcpus);
    }

    EngineVcpu engineVcpu(int index) {
        return engineVcpus.get(index);
    }

    DeviceSet devices() {
        return devices;
    }

    VirtioDevices virtio() {
        return virtio;
    }

    /**
     * Ends the vCPU threads, then gives back everything in the reverse order of its making: virtio devices, whose requests are waited for,
     * devices, lines, vCPUs, VM, memory last, for the VM holds its addresses.
     *
     * @throws IllegalStateException if a vCPU's thread does not end. It may be in the engine or in guest memory, which stay then
     */
    @Override
    public void close() {
        vcpus.forEach(Vcpu::requestStop);
        try {
            cleanup.close();
        } catch (RuntimeException e) {
            if (threads.remain()) {
                LOG.error(
                        "{}: memory of the guest and engine stay, for a vCPU's thread does not end",
                        plan.config().name());
            }
            throw e;
        }
    }
}
