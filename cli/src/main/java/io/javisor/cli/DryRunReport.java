package io.javisor.cli;

import io.javisor.cli.config.Setting;
import io.javisor.cli.config.Settings;
import io.javisor.core.cpu.CpuConfig;
import io.javisor.core.irq.GsiInput;
import io.javisor.core.memory.GpaRange;
import io.javisor.firmware.BootPlan;
import io.javisor.firmware.layout.E820Entry;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.MemorySize;
import io.javisor.machine.plan.DevicePlacement;
import io.javisor.machine.plan.MachinePlan;
import io.javisor.machine.plan.X86MemoryMap;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The resolved machine as {@code --dry-run} prints it, as a table or as JSON of the same content. Addresses are hexadecimal
 * strings in JSON, for JSON's numbers lose bits above 53. The engine is what this host has for the machine, or null and why there is none.
 */
record DryRunReport(
        String name,
        String kernel,
        @Nullable String initrd,
        String bootProtocol,
        String entry,
        String commandLine,
        String systemTables,
        List<String> notes,
        int cpus,
        String cpu,
        long memoryBytes,
        String memoryBacking,
        Map<String, Object> settings,
        @Nullable String engine,
        String engineObstacle,
        List<MemoryRow> memoryMap,
        List<DeviceRow> devices) {

    /** A stretch of guest-physical addresses. */
    record MemoryRow(String start, String end, String what) {}

    /** A device; its interrupt is null where it has none. */
    record DeviceRow(
            String id,
            String what,
            List<String> ports,
            List<String> memory,
            @Nullable Integer gsi,
            @Nullable String trigger) {}

    static DryRunReport of(MachinePlan plan) {
        MachineConfig config = plan.config();
        BootPlan boot = plan.boot();
        return new DryRunReport(
                config.name(),
                plan.kernel(),
                plan.initrd(),
                boot.protocol().optionName(),
                hex(boot.entryGpa()),
                plan.commandLine(),
                config.tables().acpi() ? "acpi" : "mptable",
                plan.notes(),
                config.cpus().count(),
                cpu(config.cpus().features()),
                config.memory().sizeBytes(),
                config.memory().backing().toString(),
                settings(config),
                plan.engine().engine(),
                plan.engine().obstacle(),
                memoryMap(plan),
                plan.devices().stream()
                        .sorted(Comparator.comparingLong(DryRunReport::firstAddress))
                        .map(DryRunReport::device)
                        .toList());
    }

    /** Those that the plan has no words of its own for, by their keys. */
    private static Map<String, Object> settings(MachineConfig config) {
        Map<String, Object> shown = new LinkedHashMap<>();
        for (Setting<?> setting : Settings.all()) {
            Object value = setting.shown(config);
            if (value != null) {
                shown.put(setting.key(), value);
            }
        }
        return shown;
    }

    /** Ports first. */
    private static long firstAddress(DevicePlacement device) {
        return device.ports().isEmpty()
                ? device.memory().getFirst().startGpa()
                : device.ports().getFirst().first();
    }

    private static String cpu(CpuConfig cpu) {
        StringBuilder text = new StringBuilder(cpu.effectiveTemplate().templateName());
        cpu.shown().stream().sorted().forEach(feature -> text.append(",+").append(feature));
        cpu.hidden().stream().sorted().forEach(feature -> text.append(",-").append(feature));
        return text.toString();
    }

    private static List<MemoryRow> memoryMap(MachinePlan plan) {
        record Placed(GpaRange range, String what) {}
        List<Placed> placed = new ArrayList<>();
        BootPlan boot = plan.boot();
        for (E820Entry entry : boot.e820().entries()) {
            placed.add(new Placed(entry.range(), entry.type().name().toLowerCase(Locale.ROOT)));
        }
        boot.taken().forEach(taken -> placed.add(new Placed(taken.range(), "- " + taken.what())));
        boot.kernel().ranges().forEach(range -> placed.add(new Placed(range, "- kernel")));
        GpaRange initrdRange = boot.initrdRange();
        if (initrdRange != null) {
            placed.add(new Placed(initrdRange, "- initrd"));
        }
        boot.modules()
                .forEach(placedModule -> placed.add(new Placed(
                        placedModule.range(),
                        "- " + placedModule.module().file().name())));
        placed.add(new Placed(new GpaRange(X86MemoryMap.IOAPIC_GPA, MemorySize.PAGE_SIZE), "I/O APIC"));
        placed.add(new Placed(new GpaRange(X86MemoryMap.LOCAL_APIC_GPA, MemorySize.PAGE_SIZE), "local APIC"));
        for (DevicePlacement device : plan.devices()) {
            device.memory().forEach(range -> placed.add(new Placed(range, device.id())));
        }
        placed.sort(Comparator.comparingLong((Placed p) -> p.range().startGpa())
                .thenComparingLong(p -> -p.range().sizeBytes()));
        return placed.stream()
                .map(p -> new MemoryRow(hex(p.range().startGpa()), hex(p.range().lastGpa()), p.what()))
                .toList();
    }

    private static DeviceRow device(DevicePlacement device) {
        GsiInput interrupt = device.interrupt();
        return new DeviceRow(
                device.id(),
                device.description(),
                device.ports().stream().map(DryRunReport::ports).toList(),
                device.memory().stream()
                        .map(range -> hex(range.startGpa()) + "-" + hex(range.lastGpa()))
                        .toList(),
                interrupt == null ? null : interrupt.gsi(),
                interrupt == null ? null : interrupt.trigger().name().toLowerCase(Locale.ROOT));
    }

    private static String ports(DevicePlacement.Ports ports) {
        return ports.count() == 1
                ? "0x%x".formatted(ports.first())
                : "0x%x-0x%x".formatted(ports.first(), ports.last());
    }

    private static String hex(long gpa) {
        return "0x%x".formatted(gpa);
    }

    String json() {
        return JsonMapper.builder()
                        .enable(SerializationFeature.INDENT_OUTPUT)
                        .build()
                        .writeValueAsString(this) + "\n";
    }

    String table() {
        StringBuilder text = new StringBuilder();
        List<List<String>> rows = new ArrayList<>(List.of(
                List.of("name", name),
                List.of("kernel", kernel),
                List.of("initrd", initrd == null ? "none" : initrd),
                List.of("boot protocol", bootProtocol + ", entered at " + entry),
                List.of("command line", commandLine),
                List.of("CPUs", cpus + " (" + cpu + ")"),
                List.of("memory", MemorySize.format(memoryBytes) + " (" + memoryBacking + ")"),
                List.of("described by", systemTables.equals("acpi") ? "ACPI tables" : "MP table and command line")));
        settings.forEach((key, value) -> rows.add(List.of(key, value.toString())));
        rows.add(List.of("engine", engine == null ? "none here: " + engineObstacle : engine));
        text.append(Columns.of(2, rows));
        notes.forEach(note -> text.append("note: ").append(note).append('\n'));
        text.append("\nMemory map\n");
        text.append(Columns.of(
                3,
                memoryMap.stream()
                        .map(row -> List.of(row.start, row.end, row.what))
                        .toList()));
        text.append("\nDevices\n");
        List<List<String>> deviceRows = new ArrayList<>();
        deviceRows.add(List.of("ID", "WHERE", "IRQ", "DEVICE"));
        for (DeviceRow device : devices) {
            deviceRows.add(List.of(
                    device.id,
                    Stream.concat(device.ports.stream(), device.memory.stream()).collect(Collectors.joining(", ")),
                    device.gsi == null ? "-" : device.gsi + " " + device.trigger,
                    device.what));
        }
        text.append(Columns.of(4, deviceRows));
        return text.toString();
    }
}
