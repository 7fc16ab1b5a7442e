package io.javisor.machine.plan;

import io.javisor.core.irq.GsiInput;
import io.javisor.devices.acpi.AcpiPmRegisters;
import io.javisor.devices.pic.PicRegisters;
import io.javisor.devices.pit.PitRegisters;
import java.util.List;

/** Where the devices of every PC are, whatever its configuration. Their ids are {@link NamedDevice#FIXED_IDS}. */
public final class FixedPlacements {
    private static final int SERIAL_PORT_COUNT = 8;

    /** Where a PC has its serial ports, COM1 first; a machine has as many of them as it has sinks. */
    public static final List<DevicePlacement> COM = List.of(
            com(1, X86MemoryMap.COM1_PORT, X86MemoryMap.COM1_COM3_GSI),
            com(2, X86MemoryMap.COM2_PORT, X86MemoryMap.COM2_COM4_GSI),
            com(3, X86MemoryMap.COM3_PORT, X86MemoryMap.COM1_COM3_GSI),
            com(4, X86MemoryMap.COM4_PORT, X86MemoryMap.COM2_COM4_GSI));

    public static final DevicePlacement PIC = new DevicePlacement(
            DevicePlacement.Kind.FIXED,
            "pic",
            "8259A interrupt controllers",
            List.of(
                    new DevicePlacement.Ports(X86MemoryMap.PIC_PORT, PicRegisters.PORT_COUNT),
                    new DevicePlacement.Ports(X86MemoryMap.SECOND_PIC_PORT, PicRegisters.PORT_COUNT),
                    new DevicePlacement.Ports(X86MemoryMap.ELCR_PORT, PicRegisters.ELCR_PORT_COUNT)),
            null);
    public static final DevicePlacement PIT = new DevicePlacement(
            DevicePlacement.Kind.FIXED,
            "pit",
            "8254 timer and system control port B",
            List.of(
                    new DevicePlacement.Ports(X86MemoryMap.PIT_PORT, PitRegisters.PORT_COUNT),
                    new DevicePlacement.Ports(X86MemoryMap.SYSTEM_CONTROL_B_PORT, 1)),
            GsiInput.isa(X86MemoryMap.TIMER_GSI));
    /** What every machine has, as devices if its engine does not bring it. The I/O APIC is in the memory map in any case. */
    public static final List<DevicePlacement> CHIPS = List.of(PIC, PIT);

    public static final DevicePlacement I8042 = new DevicePlacement(
            DevicePlacement.Kind.KEYBOARD_CONTROLLER,
            "i8042",
            "keyboard controller: reset and probing",
            List.of(
                    new DevicePlacement.Ports(X86MemoryMap.I8042_DATA_PORT, 1),
                    new DevicePlacement.Ports(X86MemoryMap.I8042_COMMAND_PORT, 1)),
            GsiInput.isa(X86MemoryMap.KEYBOARD_GSI));
    public static final DevicePlacement POST = DevicePlacement.of(
            DevicePlacement.Kind.FIXED,
            "post",
            "diagnostics port, also used as a delay",
            null,
            X86MemoryMap.POST_PORT,
            1);
    public static final DevicePlacement SYSTEM_CONTROL_A = DevicePlacement.of(
            DevicePlacement.Kind.FIXED,
            "port92",
            "system control port A: fast reset",
            null,
            X86MemoryMap.SYSTEM_CONTROL_A_PORT,
            1);
    public static final DevicePlacement DEBUG_EXIT = DevicePlacement.of(
            DevicePlacement.Kind.FIXED,
            "debug-exit",
            "ends javisor with the value written",
            null,
            X86MemoryMap.DEBUG_EXIT_PORT,
            1);
    public static final DevicePlacement PVPANIC = DevicePlacement.of(
            DevicePlacement.Kind.PVPANIC, "pvpanic", "reports a guest's panic", null, X86MemoryMap.PVPANIC_PORT, 1);
    public static final DevicePlacement ACPI_PM = DevicePlacement.of(
            DevicePlacement.Kind.FIXED,
            "acpi-pm",
            "ACPI fixed hardware: PM1a, PM timer, power button",
            new GsiInput(X86MemoryMap.SCI_GSI, GsiInput.Trigger.LEVEL, GsiInput.Polarity.ACTIVE_HIGH),
            X86MemoryMap.PM1A_EVENT_PORT,
            AcpiPmRegisters.PORT_COUNT);
    public static final DevicePlacement RTC = DevicePlacement.of(
            DevicePlacement.Kind.RTC,
            "rtc",
            "MC146818A clock and CMOS RAM",
            GsiInput.isa(X86MemoryMap.RTC_GSI),
            X86MemoryMap.RTC_PORT,
            2);
    public static final DevicePlacement RESET_CONTROL = DevicePlacement.of(
            DevicePlacement.Kind.FIXED, "reset-control", "reset control", null, X86MemoryMap.RESET_CONTROL_PORT, 1);

    /** What every machine has. */
    public static final List<DevicePlacement> DEVICES =
            List.of(I8042, POST, SYSTEM_CONTROL_A, DEBUG_EXIT, RTC, PVPANIC, ACPI_PM, RESET_CONTROL);

    private FixedPlacements() {}

    private static DevicePlacement com(int number, int port, int gsi) {
        return DevicePlacement.of(
                DevicePlacement.Kind.SERIAL_PORT,
                "com" + number,
                "16550A serial port",
                GsiInput.isa(gsi),
                port,
                SERIAL_PORT_COUNT);
    }
}
