package io.javisor.machine;

import io.javisor.core.irq.GsiInput;
import io.javisor.devices.acpi.AcpiPmRegisters;
import io.javisor.devices.pic.PicRegisters;
import io.javisor.devices.pit.PitRegisters;
import io.javisor.firmware.BootPlan;
import io.javisor.firmware.BootRequest;
import io.javisor.firmware.layout.BootLayout;
import io.javisor.firmware.layout.E820Entry;
import io.javisor.firmware.layout.E820Map;
import io.javisor.firmware.layout.E820Type;
import io.javisor.firmware.layout.GpaRange;
import io.javisor.firmware.layout.SystemTables;
import io.javisor.images.ByteSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A machine with every decision taken and every image checked, before there is one: what a dry run prints and what
 * {@link VirtualMachine} builds are the same object.
 *
 * @param engine the engine that the host has for it
 * @param kernel where the kernel is from: its path, or its place on a disk
 * @param initrd where the initrd is from; null if there is none
 * @param notes what the user should know of what boots, a line each
 */
public record MachinePlan(
        MachineConfig config,
        EngineChoice engine,
        String kernel,
        @Nullable String initrd,
        List<X86MemoryMap.RamRange> ram,
        List<DevicePlacement> devices,
        BootPlan boot,
        String commandLine,
        List<String> notes) {

    private static final int SERIAL_PORT_COUNT = 8;

    /** Where a PC has its serial ports, COM1 first; a machine has as many of them as it has sinks. */
    static final List<DevicePlacement> COM = List.of(
            com(1, X86MemoryMap.COM1_PORT, X86MemoryMap.COM1_COM3_GSI),
            com(2, X86MemoryMap.COM2_PORT, X86MemoryMap.COM2_COM4_GSI),
            com(3, X86MemoryMap.COM3_PORT, X86MemoryMap.COM1_COM3_GSI),
            com(4, X86MemoryMap.COM4_PORT, X86MemoryMap.COM2_COM4_GSI));

    static final DevicePlacement PIC = new DevicePlacement(
            DevicePlacement.Kind.FIXED,
            "pic",
            "8259A interrupt controllers",
            List.of(
                    new DevicePlacement.Ports(X86MemoryMap.PIC_PORT, PicRegisters.PORT_COUNT),
                    new DevicePlacement.Ports(X86MemoryMap.SECOND_PIC_PORT, PicRegisters.PORT_COUNT),
                    new DevicePlacement.Ports(X86MemoryMap.ELCR_PORT, PicRegisters.ELCR_PORT_COUNT)),
            null);
    static final DevicePlacement PIT = new DevicePlacement(
            DevicePlacement.Kind.FIXED,
            "pit",
            "8254 timer and system control port B",
            List.of(
                    new DevicePlacement.Ports(X86MemoryMap.PIT_PORT, PitRegisters.PORT_COUNT),
                    new DevicePlacement.Ports(X86MemoryMap.SYSTEM_CONTROL_B_PORT, 1)),
            GsiInput.isa(X86MemoryMap.TIMER_GSI));
    /** What every machine has, as devices if its engine does not bring it. The I/O APIC is in the memory map in any case. */
    static final List<DevicePlacement> CHIPS = List.of(PIC, PIT);

    static final DevicePlacement I8042 = new DevicePlacement(
            DevicePlacement.Kind.KEYBOARD_CONTROLLER,
            "i8042",
            "keyboard controller: reset and probing",
            List.of(
                    new DevicePlacement.Ports(X86MemoryMap.I8042_DATA_PORT, 1),
                    new DevicePlacement.Ports(X86MemoryMap.I8042_COMMAND_PORT, 1)),
            GsiInput.isa(X86MemoryMap.KEYBOARD_GSI));
    static final DevicePlacement POST = DevicePlacement.of(
            DevicePlacement.Kind.FIXED,
            "post",
            "diagnostics port, also used as a delay",
            null,
            X86MemoryMap.POST_PORT,
            1);
    static final DevicePlacement SYSTEM_CONTROL_A = DevicePlacement.of(
            DevicePlacement.Kind.FIXED,
            "port92",
            "system control port A: fast reset",
            null,
            X86MemoryMap.SYSTEM_CONTROL_A_PORT,
            1);
    static final DevicePlacement DEBUG_EXIT = DevicePlacement.of(
            DevicePlacement.Kind.FIXED,
            "debug-exit",
            "ends javisor with the value written",
            null,
            X86MemoryMap.DEBUG_EXIT_PORT,
            1);
    static final DevicePlacement PVPANIC = DevicePlacement.of(
            DevicePlacement.Kind.PVPANIC, "pvpanic", "reports a guest's panic", null, X86MemoryMap.PVPANIC_PORT, 1);
    static final DevicePlacement ACPI_PM = DevicePlacement.of(
            DevicePlacement.Kind.FIXED,
            "acpi-pm",
            "ACPI fixed hardware: PM1a, PM timer, power button",
            new GsiInput(X86MemoryMap.SCI_GSI, GsiInput.Trigger.LEVEL, GsiInput.Polarity.ACTIVE_HIGH),
            X86MemoryMap.PM1A_EVENT_PORT,
            AcpiPmRegisters.PORT_COUNT);
    static final DevicePlacement RTC = DevicePlacement.of(
            DevicePlacement.Kind.RTC,
            "rtc",
            "MC146818A clock and CMOS RAM",
            GsiInput.isa(X86MemoryMap.RTC_GSI),
            X86MemoryMap.RTC_PORT,
            2);
    static final DevicePlacement RESET_CONTROL = DevicePlacement.of(
            DevicePlacement.Kind.FIXED, "reset-control", "reset control", null, X86MemoryMap.RESET_CONTROL_PORT, 1);

    /** What every machine has. */
    static final List<DevicePlacement> DEVICES =
            List.of(I8042, POST, SYSTEM_CONTROL_A, DEBUG_EXIT, RTC, PVPANIC, ACPI_PM, RESET_CONTROL);

    /** What counts for a bus has an id too: {@link Unclaimed}. */
    private static final List<String> BUSES = List.of("ports", "device-memory", "ioapic");

    /** Whether that is the id of a device that a machine may have whatever its configuration. */
    static boolean isFixedId(String id) {
        return BUSES.contains(id) || hasId(DEVICES, id) || hasId(CHIPS, id) || hasId(COM, id);
    }

    private static boolean hasId(List<DevicePlacement> devices, String id) {
        for (DevicePlacement device : devices) {
            if (device.id().equals(id)) {
                return true;
            }
        }
        return false;
    }

    private static final SystemTables.Mp MP = new SystemTables.Mp(
            X86MemoryMap.MP_FLOATING_POINTER_GPA, new GpaRange(X86MemoryMap.MP_TABLE_GPA, X86MemoryMap.MP_TABLE_SIZE));
    private static final SystemTables ACPI =
            new SystemTables.Acpi(GpaRange.between(X86MemoryMap.ACPI_TABLES_GPA, X86MemoryMap.HIGH_MEMORY_GPA));

    /** The MP table is where guests look for it, in the upper half of where they look for ACPI's. */
    private static final SystemTables ACPI_AND_MP = new SystemTables.AcpiAndMp(
            new SystemTables.Acpi(GpaRange.between(X86MemoryMap.ACPI_TABLES_GPA, X86MemoryMap.MP_FLOATING_POINTER_GPA)),
            MP);

    private static BootLayout layout(MachineTables tables) {
        return new BootLayout(
                X86MemoryMap.GDT_GPA,
                GpaRange.between(X86MemoryMap.PVH_START_INFO_GPA, X86MemoryMap.ZERO_PAGE_GPA),
                X86MemoryMap.ZERO_PAGE_GPA,
                GpaRange.between(X86MemoryMap.BOOT_STACK_LIMIT_GPA, X86MemoryMap.BOOT_STACK_GPA),
                new GpaRange(X86MemoryMap.PAGE_TABLES_GPA, X86MemoryMap.PAGE_TABLES_SIZE),
                new GpaRange(X86MemoryMap.COMMAND_LINE_GPA, X86MemoryMap.COMMAND_LINE_SIZE),
                switch (tables) {
                    case ACPI -> ACPI;
                    case MP -> MP;
                    case ACPI_AND_MP -> ACPI_AND_MP;
                },
                X86MemoryMap.HIGH_MEMORY_GPA,
                X86MemoryMap.LOW_RAM_LIMIT_GPA);
    }

    public MachinePlan {
        ram = List.copyOf(ram);
        devices = List.copyOf(devices);
        notes = List.copyOf(notes);
    }

    /**
     * Resolves a configuration.
     *
     * @throws ConfigException if its parts don't fit together
     * @throws io.javisor.images.ImageException if the images can't be booted with them
     */
    static MachinePlan resolve(MachineConfig config, HostResources host) {
        List<X86MemoryMap.RamRange> ram = X86MemoryMap.ram(config.memoryBytes());
        E820Map e820 = E820Map.of(
                ram.stream()
                        .map(range -> new GpaRange(range.startGpa(), range.sizeBytes()))
                        .toList(),
                List.of(new E820Entry(
                        GpaRange.between(X86MemoryMap.EBDA_GPA, X86MemoryMap.HIGH_MEMORY_GPA), E820Type.RESERVED)));
        ByteSource initrd = host.images().initrd();
        List<DevicePlacement> virtio = VirtioSlots.of(config.devices());
        BootPlan boot = BootPlan.of(
                new BootRequest(
                        host.images().kernel(),
                        config.bootProtocol(),
                        initrd,
                        commandLine(config, virtio, host.images().commandLine()),
                        config.kaslr(),
                        MultibootTexts.of(config, host.images())),
                layout(config.tables()),
                e820,
                host.scratch(),
                host.images().cache());
        return new MachinePlan(
                config,
                host.choice(),
                source(
                        config.kernelOnDisk() ? null : config.kernel(),
                        host.images().kernel()),
                initrd == null ? null : source(config.initrd(), initrd),
                ram,
                devices(config, host.choice(), virtio),
                boot,
                boot.commandLine().text(),
                Stream.concat(host.images().notes().stream(), boot.notes().stream())
                        .toList());
    }

    private static String source(@Nullable Path given, ByteSource file) {
        return given != null ? given.toString() : file.name();
    }

    private static DevicePlacement com(int number, int port, int gsi) {
        return DevicePlacement.of(
                DevicePlacement.Kind.SERIAL_PORT,
                "com" + number,
                "16550A serial port",
                GsiInput.isa(gsi),
                port,
                SERIAL_PORT_COUNT);
    }

    private static List<DevicePlacement> devices(
            MachineConfig config, EngineChoice engine, List<DevicePlacement> virtio) {
        List<DevicePlacement> devices = new ArrayList<>(DEVICES);
        if (!engine.traits().interruptChips()) {
            devices.addAll(CHIPS);
        }
        for (int i = 0; i < config.serial().size(); i++) {
            DevicePlacement com = COM.get(i);
            devices.add(new DevicePlacement(
                    com.kind(),
                    com.id(),
                    com.description() + ": " + config.serial().get(i),
                    com.ports(),
                    com.interrupt()));
        }
        devices.addAll(virtio);
        return devices;
    }

    /**
     * Where a device is.
     *
     * @throws IllegalArgumentException if there is none with that id
     */
    DevicePlacement placement(String id) {
        for (DevicePlacement device : devices) {
            if (device.id().equals(id)) {
                return device;
            }
        }
        throw new IllegalArgumentException("no device " + id);
    }

    /** As {@link #dryRun(MachineConfig, HostDisks)}, which looks at the disks for itself. */
    public static MachinePlan dryRun(MachineConfig config) {
        return dryRun(config, HostDisks.look(config.disks()));
    }

    /**
     * What a dry run prints. It needs neither an engine nor the guest's memory, makes, locks and changes nothing, and refuses what
     * {@link Machine#create} would.
     *
     * @param disks those of {@code config}, {@linkplain HostDisks#look looked at}; closed in any case
     * @throws ConfigException if a machine can't be had like that at this moment
     * @throws io.javisor.images.ImageException if the images can't be booted
     */
    public static MachinePlan dryRun(MachineConfig config, HostDisks disks) {
        try (HostResources seen = HostResources.look(config, disks)) {
            return resolve(config, seen);
        }
    }

    /**
     * Parameters that tell the kernel of what this host can't run, of several serial ports, and with an MP table of its virtio
     * devices; then the user's, which win so. All of it is for Linux; a Multiboot kernel gets other texts. Kernels make words that they don't know arguments of init, but not those before {@code init=}, and all
     * that comes after {@code --}.
     */
    private static String commandLine(MachineConfig config, List<DevicePlacement> virtio, @Nullable String onDisk) {
        List<String> parts = new ArrayList<>();
        String own = config.commandLine();
        if (own == null && onDisk != null) {
            own = withSerialConsole(onDisk);
        }
        if (config.tables().mp()) {
            virtio.stream().map(VirtioSlots::kernelParameter).forEach(parts::add);
        }
        int serialPorts = config.serial().size();
        if (serialPorts > 1 && (own == null || !own.contains("8250.nr_uarts="))) {
            parts.add("8250.nr_uarts=" + serialPorts); // kernels may be built to look for one only
        }
        parts.add(own == null ? MachineConfig.DEFAULT_COMMAND_LINE : own.strip());
        parts.removeIf(String::isEmpty);
        return String.join(" ", parts);
    }

    /** A distribution's image may have its console on a screen, which this machine has not. */
    private static String withSerialConsole(String commandLine) {
        return commandLine.contains("console=ttyS") ? commandLine : commandLine + " console=ttyS0";
    }
}
