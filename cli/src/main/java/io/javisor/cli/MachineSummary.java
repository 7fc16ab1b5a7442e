package io.javisor.cli;

import io.javisor.api.metrics.ProcessUsage;
import io.javisor.cli.config.ConfigFile;
import io.javisor.cli.config.MachineSettings;
import io.javisor.cli.config.Settings;
import io.javisor.cli.container.Containers;
import io.javisor.container.spec.ContainerSpec;
import io.javisor.container.spec.NetworkSpec;
import io.javisor.core.text.Printable;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.DiskConfig;
import io.javisor.machine.config.MemoryConfig;
import io.javisor.machine.config.MemorySize;
import io.javisor.machine.config.NetConfig;
import io.javisor.machine.config.PublishedPort;
import io.javisor.manager.Instance;
import io.javisor.manager.registry.MachineKind;
import io.javisor.manager.registry.MachineStatus;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A machine or a container as {@code ps} lists it.
 *
 * @param image a container's, as its user named it; null of a machine
 * @param command a container's, with its arguments; null of a machine
 * @param cpus 0 of a container without a limit
 * @param memory {@code -} of a container without a limit
 * @param engine what it runs by, or ran by at last; null if it never ran
 * @param cpuPercent processor time by time since its process began, of one processor; null where no process runs it
 * @param residentBytes of its process; null where none runs it
 * @param uptimeSeconds since its guest was let run; null where it does not
 */
record MachineSummary(
        String name,
        String kind,
        String id,
        @Nullable String image,
        @Nullable String command,
        String state,
        @Nullable String engine,
        int cpus,
        String memory,
        @Nullable Double cpuPercent,
        @Nullable Long residentBytes,
        @Nullable Long uptimeSeconds,
        List<String> disks,
        List<String> nets,
        List<String> ports,
        @Nullable Integer exitStatus,
        String reason,
        @Nullable Long pid) {
    /** Of 100 ms. */
    private static final long CPU_MICROS = 100_000;

    private static final int COMMAND_LENGTH = 20;

    /** @throws ConfigException if it was removed meanwhile, or its files are damaged */
    static MachineSummary of(Instance machine, long nowMillis) {
        if (machine.entry().kind() == MachineKind.CONTAINER) {
            return ofContainer(machine, nowMillis);
        }
        MachineStatus status = machine.entry().status();
        MachineSettings settings = ConfigFile.read(machine.entry().settingsFile());
        boolean guestRuns = status.phase().hasGuest();
        ProcessUsage usage = guestRuns ? ProcessUsage.of(status.pid()) : null;
        List<NetConfig> nets = Objects.requireNonNullElse(settings.get(Settings.NET), List.of());
        List<DiskConfig> disks = Objects.requireNonNullElse(settings.get(Settings.DISKS), List.of());
        return new MachineSummary(
                machine.name(),
                machine.entry().kind().toString(),
                machine.entry().id(),
                null,
                null,
                status.phase().toString(),
                status.engine().isEmpty() ? null : status.engine(),
                Objects.requireNonNullElse(settings.get(Settings.CPUS), 1),
                MemorySize.format(
                        Objects.requireNonNullElse(settings.get(Settings.MEMORY), MemoryConfig.DEFAULT.sizeBytes())),
                usage == null ? null : percent(usage.cpu(), usage.age()),
                usage == null ? null : usage.residentBytes(),
                guestRuns ? Math.max(0, (nowMillis - status.startedMillis()) / 1000) : null,
                disks.stream().map(disk -> disk.path().toString()).toList(),
                nets.stream().map(net -> kind(net.attachment())).toList(),
                nets.stream().flatMap(net -> ports(net.attachment()).stream()).toList(),
                status.exitStatus() < 0 ? null : status.exitStatus(),
                status.reason(),
                status.pid() == 0 ? null : status.pid());
    }

    private static MachineSummary ofContainer(Instance container, long nowMillis) {
        MachineStatus status = container.entry().status();
        ContainerSpec spec = Containers.spec(container);
        boolean runs = status.phase().hasGuest();
        ProcessUsage usage = runs ? ProcessUsage.of(status.pid()) : null;
        long memoryBytes = spec.limits().memoryBytes();
        long micros = spec.limits().cpuMicros();
        return new MachineSummary(
                container.name(),
                container.entry().kind().toString(),
                container.entry().id(),
                spec.image(),
                String.join(" ", spec.process().arguments()),
                status.phase().toString(),
                status.engine().isEmpty() ? null : status.engine(),
                (int) ((micros + CPU_MICROS - 1) / CPU_MICROS),
                memoryBytes == 0 ? "-" : MemorySize.format(memoryBytes),
                usage == null ? null : percent(usage.cpu(), usage.age()),
                usage == null ? null : usage.residentBytes(),
                runs ? Math.max(0, (nowMillis - status.startedMillis()) / 1000) : null,
                List.of(),
                spec.network().kind() == NetworkSpec.Kind.USER ? List.of("user") : List.of(),
                spec.network().published().stream().map(PublishedPort::mapping).toList(),
                status.exitStatus() < 0 ? null : status.exitStatus(),
                status.reason(),
                status.pid() == 0 ? null : status.pid());
    }

    static double percent(Duration cpu, Duration time) {
        return time.isPositive() ? 100.0 * cpu.toNanos() / time.toNanos() : 0;
    }

    private static String kind(NetConfig.Attachment attachment) {
        return switch (attachment) {
            case NetConfig.Tap tap -> tap.interfaceName() == null ? "tap" : "tap " + tap.interfaceName();
            case NetConfig.User _ -> "user";
        };
    }

    private static List<String> ports(NetConfig.Attachment attachment) {
        return attachment instanceof NetConfig.User user
                ? user.published().stream().map(PublishedPort::mapping).toList()
                : List.of();
    }

    /** What a person reads, by the names that a template has. */
    Map<String, String> cells() {
        Map<String, String> cells = new LinkedHashMap<>();
        cells.put("name", name);
        cells.put("kind", kind);
        cells.put("state", state.equals("stopped") && exitStatus != null ? "stopped (" + exitStatus + ")" : state);
        cells.put("engine", engine == null ? "-" : engine);
        cells.put("cpus", cpus == 0 ? "-" : Integer.toString(cpus));
        cells.put("memory", memory);
        cells.put("cpu", cpuPercent == null ? "-" : Numbers.percent(cpuPercent));
        cells.put("resident", residentBytes == null ? "-" : Numbers.bytes(residentBytes));
        cells.put("uptime", uptimeSeconds == null ? "-" : Numbers.duration(uptimeSeconds));
        cells.put("disks", list(disks));
        cells.put("nets", list(nets));
        cells.put("ports", list(ports));
        // Not in the table.
        cells.put("id", id);
        cells.put("image", image == null ? "-" : Printable.line(image));
        cells.put("command", command == null ? "-" : Printable.line(shortened(command)));
        cells.put("names", name);
        cells.put("status", cells.getOrDefault("state", "") + (uptimeSeconds == null ? "" : " " + cells.get("uptime")));
        return cells;
    }

    private static String shortened(String text) {
        return text.length() <= COMMAND_LENGTH ? text : text.substring(0, COMMAND_LENGTH - 1) + "…";
    }

    private static String list(List<String> values) {
        return values.isEmpty() ? "-" : String.join(", ", values);
    }
}
