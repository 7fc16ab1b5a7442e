package io.javisor.machine.wiring;

import io.javisor.core.bus.AddressBus;
import io.javisor.core.event.EventLoop;
import io.javisor.core.host.Cleanup;
import io.javisor.core.irq.ConnectedLine;
import io.javisor.core.irq.InterruptChips;
import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.virtio.VirtioDevice;
import io.javisor.devices.virtio.mmio.VirtioMmioDevice;
import io.javisor.devices.virtio.mmio.VirtioMmioTransport;
import io.javisor.machine.plan.DevicePlacement;

/** Virtio devices on memory-mapped registers: a page of device memory and an input of the interrupt chips each. */
record MmioWires(
        AddressBus deviceMemory, InterruptChips chips, GuestMemory memory, EventLoop loop, VirtioSources sources)
        implements VirtioBinder.Transport {
    @Override
    public VirtioBinder.Shown show(VirtioDevice<?> device, DevicePlacement placement) {
        Cleanup wires = new Cleanup();
        ConnectedLine line = wires.add(chips.connect(placement.requireInterrupt()));
        try {
            VirtioMmioTransport transport =
                    new VirtioMmioTransport(device, memory, loop, line, sources.counters(device));
            GpaRange page = placement.memory().getFirst();
            AddressBus.Claim _ =
                    wires.add(deviceMemory.register(placement.id(), page.startGpa(), page.sizeBytes(), transport));
            return new VirtioBinder.Shown(new VirtioMmioDevice<>(device, transport, loop), page.startGpa(), wires);
        } catch (RuntimeException | Error e) {
            wires.closeAfter(e);
            throw e;
        }
    }
}
