package io.javisor.machine.plan;

import io.javisor.core.memory.GpaRange;
import io.javisor.firmware.BootPlan;
import io.javisor.firmware.BootRequest;
import io.javisor.firmware.layout.BootLayout;
import io.javisor.firmware.layout.E820Entry;
import io.javisor.firmware.layout.E820Map;
import io.javisor.firmware.layout.E820Type;
import io.javisor.firmware.layout.SystemTables;
import io.javisor.machine.Machine;
import io.javisor.machine.MachineLife;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.KernelOptions;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.MachineTables;
import io.javisor.machine.host.BootImages;
import io.javisor.machine.host.EngineChoice;
import io.javisor.machine.host.HostDisks;
import io.javisor.machine.host.HostResources;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A machine with every decision taken and every image checked, before there is one: what a dry run prints and what
 * {@link MachineLife} builds are the same object.
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
        List<GpaRange> ram,
        List<DevicePlacement> devices,
        BootPlan boot,
        String commandLine,
        List<String> notes) {

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
    public static MachinePlan resolve(MachineConfig config, HostResources host) {
        List<GpaRange> ram = X86MemoryMap.ram(config.memory().sizeBytes());
        E820Map e820 = E820Map.of(
                ram,
                List.of(new E820Entry(
                        GpaRange.between(X86MemoryMap.EBDA_GPA, X86MemoryMap.HIGH_MEMORY_GPA), E820Type.RESERVED)));
        BootImages images = host.images();
        KernelOptions options = config.boot().options();
        List<DevicePlacement> virtio = VirtioSlots.of(config.devices(), ram, host::memorySizeBytes);
        BootPlan boot = BootPlan.of(
                new BootRequest(
                        images.kernel(),
                        options.protocol(),
                        images.initrd(),
                        commandLine(config, virtio, images.commandLine()),
                        options.kaslr(),
                        MultibootTexts.of(config.boot(), images)),
                layout(config.tables()),
                e820,
                host.scratch(),
                images.cache());
        return new MachinePlan(
                config,
                host.choice(),
                images.kernelSource(config.boot()),
                images.initrdSource(config.boot()),
                ram,
                devices(config, host.choice(), virtio),
                boot,
                boot.commandLine().text(),
                Stream.concat(images.notes().stream(), boot.notes().stream()).toList());
    }

    private static List<DevicePlacement> devices(
            MachineConfig config, EngineChoice engine, List<DevicePlacement> virtio) {
        List<DevicePlacement> devices = new ArrayList<>(FixedPlacements.DEVICES);
        if (!engine.traits().interruptChips()) {
            devices.addAll(FixedPlacements.CHIPS);
        }
        for (int i = 0; i < config.serial().size(); i++) {
            DevicePlacement com = FixedPlacements.COM.get(i);
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
    public DevicePlacement placement(String id) {
        for (DevicePlacement device : devices) {
            if (device.id().equals(id)) {
                return device;
            }
        }
        throw new IllegalArgumentException("no device " + id);
    }

    /** Where devices that have guest-physical memory of their own have it, by their ids, ascending. */
    public Map<String, GpaRange> memories() {
        Map<String, GpaRange> memories = new LinkedHashMap<>();
        for (DevicePlacement device : devices) {
            if (device.memory().size() > 1) {
                memories.put(device.id(), device.memory().getLast());
            }
        }
        return memories;
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
        String own = config.boot().options().commandLine();
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
        parts.add(own == null ? KernelOptions.DEFAULT_COMMAND_LINE : own.strip());
        parts.removeIf(String::isEmpty);
        return String.join(" ", parts);
    }

    /** A distribution's image may have its console on a screen, which this machine has not. */
    private static String withSerialConsole(String commandLine) {
        return commandLine.contains("console=ttyS") ? commandLine : commandLine + " console=ttyS0";
    }
}
