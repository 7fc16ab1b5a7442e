package io.javisor.firmware.acpi;

import io.javisor.core.irq.GsiInput;
import io.javisor.core.memory.GpaRange;
import io.javisor.firmware.mptable.InterruptSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Machines for the tests. */
final class SampleMachine {
    static final GpaRange AREA = GpaRange.between(0xE_0000, 0x10_0000);
    static final GsiInput SCI = new GsiInput(9, GsiInput.Trigger.LEVEL, GsiInput.Polarity.ACTIVE_HIGH);
    static final InterruptSource TIMER = new InterruptSource(0, GsiInput.isa(2));
    static final PowerManagement POWER = new PowerManagement(0x600, 0x604, 0x608, 32, 5, 0xCF9, 6);

    private SampleMachine() {}

    /** Everything: four serial ports, keyboard, clock, panic port, virtio devices below and above 4 GiB, on ISA pins and others. */
    static AcpiConfig full(int processorCount) {
        List<AcpiDevice> devices = new ArrayList<>();
        int[] ports = {0x3F8, 0x2F8, 0x3E8, 0x2E8};
        for (int i = 0; i < 4; i++) {
            devices.add(new SerialPortNode(i + 1, ports[i], GsiInput.isa(i % 2 == 0 ? 4 : 3), true));
        }
        devices.add(new KeyboardControllerNode(GsiInput.isa(1)));
        devices.add(new CmosRtcNode(GsiInput.isa(8)));
        devices.add(new PvpanicNode(0x505));
        devices.add(new VirtioMmioNode(0, 0xD000_0000L, 0x200, GsiInput.isa(5)));
        devices.add(new VirtioMmioNode(
                1, 0xD000_0200L, 0x200, new GsiInput(23, GsiInput.Trigger.LEVEL, GsiInput.Polarity.ACTIVE_LOW)));
        devices.add(new VirtioMmioNode(
                0xAB, 0x20_0000_0000L, 0x1000, new GsiInput(17, GsiInput.Trigger.EDGE, GsiInput.Polarity.ACTIVE_HIGH)));
        return config(processorCount, devices);
    }

    /** No device at all. */
    static AcpiConfig bare(int processorCount) {
        return config(processorCount, List.of());
    }

    static AcpiConfig config(int processorCount, List<AcpiDevice> devices) {
        return new AcpiConfig(
                AREA,
                IntStream.range(0, processorCount).boxed().toList(),
                0xFEE0_0000L,
                new IoApic(0, 0xFEC0_0000L, 0),
                List.of(TIMER, new InterruptSource(4, GsiInput.isa(4))),
                SCI,
                POWER,
                devices);
    }
}
