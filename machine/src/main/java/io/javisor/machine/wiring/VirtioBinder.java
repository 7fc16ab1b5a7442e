package io.javisor.machine.wiring;

import io.javisor.core.engine.EngineVm;
import io.javisor.core.event.EventLoop;
import io.javisor.core.host.Cleanup;
import io.javisor.devices.virtio.ExposedDevice;
import io.javisor.devices.virtio.QueueDoorbell;
import io.javisor.devices.virtio.VirtioDevice;
import io.javisor.machine.plan.DevicePlacement;

/**
 * Binds the virtio devices of a life to its engine, whatever transport shows them: their doorbells, each of which wakes the event loop and no vCPU's
 * thread, and the order in which all is taken back. Not for use by several threads at once.
 */
final class VirtioBinder implements AutoCloseable {
    /** A transport, as what is peculiar to it is wired. */
    @FunctionalInterface
    interface Transport {
        /**
         * Shows a device to the guest: registers on a bus, interrupts connected.
         *
         * @return all of it; if this fails, nothing is left of it but the device
         */
        Shown show(VirtioDevice<?> device, DevicePlacement placement);
    }

    /**
     * A device that the guest sees.
     *
     * @param registersGpa where the registers are that have its doorbells
     * @param wires registers and interrupts: closed when the device has been reset, before it is closed
     */
    record Shown(ExposedDevice<?> device, long registersGpa, AutoCloseable wires) {}

    private final EngineVm vm;
    private final EventLoop loop;
    private final Transport transport;
    private final Cleanup cleanup = new Cleanup();

    VirtioBinder(EngineVm vm, EventLoop loop, Transport transport) {
        this.vm = vm;
        this.loop = loop;
        this.transport = transport;
    }

    /**
     * Binds a device, which is this object's from now on, also if this fails.
     *
     * @throws io.javisor.core.host.HostException if the host has no means left
     */
    ExposedDevice<?> bind(VirtioDevice<?> device, DevicePlacement placement) {
        Shown shown;
        try {
            shown = transport.show(device, placement);
        } catch (RuntimeException | Error e) {
            loop.execute(device::close);
            throw e;
        }
        // In this order, so that what is closed last first goes: quiesce, doorbells, registers and interrupts, device.
        ExposedDevice<?> exposed = cleanup.add(shown.device());
        AutoCloseable _ = cleanup.add(shown.wires());
        for (QueueDoorbell doorbell : exposed.doorbells()) {
            EngineVm.Binding _ = cleanup.add(connect(exposed, shown.registersGpa(), doorbell));
        }
        cleanup.add(exposed::reset);
        return exposed;
    }

    private EngineVm.Binding connect(ExposedDevice<?> device, long registersGpa, QueueDoorbell doorbell) {
        int queue = doorbell.queue();
        return vm.bindDoorbell(
                "doorbell " + queue + " of " + device.id(),
                registersGpa + doorbell.offset(),
                doorbell.sizeBytes(),
                doorbell.value(),
                loop,
                () -> device.function().queueNotified(queue));
    }

    /** Resets every device and waits for what is in flight, then takes doorbells and interrupts back. No vCPU runs any more. */
    @Override
    public void close() {
        cleanup.close();
    }
}
