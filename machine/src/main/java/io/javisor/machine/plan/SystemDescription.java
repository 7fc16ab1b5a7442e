package io.javisor.machine.plan;

import io.javisor.core.irq.GsiInput;
import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.acpi.AcpiPmRegisters;
import io.javisor.firmware.acpi.AcpiConfig;
import io.javisor.firmware.acpi.AcpiDevice;
import io.javisor.firmware.acpi.AcpiTables;
import io.javisor.firmware.acpi.CmosRtcNode;
import io.javisor.firmware.acpi.IoApic;
import io.javisor.firmware.acpi.KeyboardControllerNode;
import io.javisor.firmware.acpi.PowerManagement;
import io.javisor.firmware.acpi.PvpanicNode;
import io.javisor.firmware.acpi.SerialPortNode;
import io.javisor.firmware.acpi.VirtioMmioNode;
import io.javisor.firmware.layout.SystemTables;
import io.javisor.firmware.mptable.InterruptSource;
import io.javisor.firmware.mptable.MpTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** What the guest is told of its machine, from the placements that also make it: by ACPI, by an MP table, or by both. */
public final class SystemDescription {
    /** The PM timer's width. */
    public static final int PM_TIMER_BITS = 32;

    /** The I/O APIC's id in ACPI; Linux gives it a free one where a processor has the same. */
    private static final int IO_APIC_ID = 0;

    /** Full reset by the reset control register: system and CPU bits. */
    private static final int RESET_VALUE = 6;

    private final MachinePlan plan;
    private final GuestCpus cpus;
    private final List<InterruptSource> interrupts;

    private SystemDescription(MachinePlan plan, GuestCpus cpus) {
        this.plan = plan;
        this.cpus = cpus;
        interrupts = InterruptSource.pc(plan.devices().stream()
                .map(DevicePlacement::interrupt)
                .filter(Objects::nonNull)
                .toList());
    }

    public static SystemDescription of(MachinePlan plan, GuestCpus cpus) {
        return new SystemDescription(plan, cpus);
    }

    public void write(GuestMemory memory) {
        switch (plan.boot().layout().systemTables()) {
            case SystemTables.Mp places -> writeMp(memory, places);
            case SystemTables.Acpi places -> writeAcpi(memory, places);
            case SystemTables.AcpiAndMp(SystemTables.Acpi acpi, SystemTables.Mp mp) -> {
                writeAcpi(memory, acpi);
                writeMp(memory, mp);
            }
        }
    }

    private void writeMp(GuestMemory memory, SystemTables.Mp places) {
        MpTable.write(memory, places, cpus.describe(interrupts));
    }

    private void writeAcpi(GuestMemory memory, SystemTables.Acpi places) {
        AcpiTables.build(acpi(places)).writeTo(memory);
    }

    private AcpiConfig acpi(SystemTables.Acpi places) {
        return new AcpiConfig(
                places.area(),
                cpus.apicIds(),
                X86MemoryMap.LOCAL_APIC_GPA,
                new IoApic(IO_APIC_ID, X86MemoryMap.IOAPIC_GPA, 0),
                interrupts,
                FixedPlacements.ACPI_PM.requireInterrupt(),
                new PowerManagement(
                        X86MemoryMap.PM1A_EVENT_PORT,
                        X86MemoryMap.PM1A_CONTROL_PORT,
                        X86MemoryMap.PM_TIMER_PORT,
                        PM_TIMER_BITS,
                        AcpiPmRegisters.SLP_TYP_S5,
                        X86MemoryMap.RESET_CONTROL_PORT,
                        RESET_VALUE),
                devices());
    }

    private List<AcpiDevice> devices() {
        List<AcpiDevice> devices = new ArrayList<>();
        int serialPorts = 0;
        int virtio = 0;
        for (DevicePlacement device : plan.devices()) {
            switch (device.kind()) {
                case KEYBOARD_CONTROLLER -> devices.add(new KeyboardControllerNode(device.requireInterrupt()));
                case RTC -> devices.add(new CmosRtcNode(device.requireInterrupt()));
                case PVPANIC ->
                    devices.add(new PvpanicNode(device.ports().getFirst().first()));
                case SERIAL_PORT -> devices.add(serialPort(++serialPorts, device));
                case VIRTIO -> devices.add(virtio(virtio++, device));
                case FIXED -> {}
            }
        }
        return devices;
    }

    private SerialPortNode serialPort(int number, DevicePlacement com) {
        GsiInput input = com.requireInterrupt();
        boolean shared = false;
        for (DevicePlacement other : plan.devices()) {
            shared |= !other.id().equals(com.id())
                    && other.kind() == DevicePlacement.Kind.SERIAL_PORT
                    && input.equals(other.interrupt());
        }
        return new SerialPortNode(number, com.ports().getFirst().first(), input, shared);
    }

    private static VirtioMmioNode virtio(int number, DevicePlacement device) {
        GpaRange registers = device.memory().getFirst();
        return new VirtioMmioNode(number, registers.startGpa(), registers.sizeBytes(), device.requireInterrupt());
    }
}
