package io.javisor.cli.container;

import io.javisor.container.spec.ContainerSpec;
import io.javisor.container.spec.ProcessSpec;
import io.javisor.container.spec.SpecText;
import io.javisor.machine.config.PublishedPort;
import io.javisor.manager.Instance;
import io.javisor.manager.registry.MachineAbout;
import io.javisor.manager.registry.MachineEntry;
import io.javisor.manager.registry.MachinePhase;
import io.javisor.manager.registry.MachineStatus;
import io.javisor.manager.registry.RestartPolicy;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** All that is known of a container, with docker's names where they mean the same. */
public final class ContainerInspection {
    private static final String ZERO = "0001-01-01T00:00:00Z";
    private static final long NANOS_OF_CPU = 10_000;

    private ContainerInspection() {}

    /** As JSON. */
    public static ObjectNode of(Instance container) {
        MachineEntry entry = container.entry();
        MachineAbout about = entry.about();
        MachineStatus status = entry.status();
        ContainerSpec spec = Containers.spec(container);
        List<String> arguments = spec.process().arguments();
        ObjectNode node = JsonMapper.shared().createObjectNode();
        node.put("Id", entry.id()).put("Created", time(about.createdMillis())).put("Path", arguments.getFirst());
        strings(node, "Args", arguments.subList(1, arguments.size()));
        state(node.putObject("State"), status);
        node.put("Image", spec.imageId().toString())
                .put("LogPath", entry.outputLog().toString())
                .put("Name", "/" + entry.name())
                .put("RestartCount", status.restarts());
        config(node.putObject("Config"), spec);
        host(node.putObject("HostConfig"), spec, about);
        ports(
                node.putObject("NetworkSettings").putObject("Ports"),
                spec,
                status.phase().hasGuest());
        node.put("ControlSocket", entry.controlSocket().toString())
                .put("ConsoleLog", entry.consoleLog().toString())
                .put("ProcessLog", entry.processLog().toString());
        node.set("Specification", SpecText.object(spec));
        return node;
    }

    /** Docker's word for what it does. */
    public static String state(MachineStatus status) {
        return switch (status.phase()) {
            case STOPPED -> status.exitStatus() < 0 ? "created" : "exited";
            case CRASHED -> "exited";
            default -> status.phase().toString();
        };
    }

    private static void state(ObjectNode node, MachineStatus status) {
        boolean runs = status.phase().hasGuest();
        node.put("Status", state(status))
                .put("Running", runs)
                .put("Paused", status.phase() == MachinePhase.PAUSED)
                .put("Restarting", status.phase() == MachinePhase.RESTARTING)
                .put("OOMKilled", status.outOfMemory())
                .put("Pid", runs ? status.pid() : 0)
                .put("ExitCode", runs || status.exitStatus() < 0 ? 0 : status.exitStatus())
                .put("Error", runs || status.reason().equals("exited") ? "" : status.reason())
                .put("StartedAt", time(status.startedMillis()))
                .put("FinishedAt", time(status.endedMillis()));
    }

    private static void config(ObjectNode node, ContainerSpec spec) {
        ProcessSpec process = spec.process();
        node.put("Hostname", spec.names().hostname())
                .put("User", process.user())
                .put("Tty", process.terminal())
                .put("OpenStdin", process.input())
                .put("Image", spec.image())
                .put("WorkingDir", process.directory())
                .put("StopSignal", spec.stop().signal())
                .put("StopTimeout", spec.stop().timeoutSeconds());
        strings(node, "Env", process.environment());
        strings(node, "Cmd", process.command());
        strings(node, "Entrypoint", process.entrypoint());
        ObjectNode exposed = node.putObject("ExposedPorts");
        spec.network().exposed().forEach(port -> exposed.putObject(port.toString()));
        ObjectNode labels = node.putObject("Labels");
        spec.labels().forEach(labels::put);
    }

    private static void host(ObjectNode node, ContainerSpec spec, MachineAbout about) {
        RestartPolicy restart = about.restart();
        node.put("NetworkMode", spec.network().kind().name().toLowerCase(Locale.ROOT))
                .put("AutoRemove", about.removeAtEnd())
                .put("Memory", spec.limits().memoryBytes())
                .put("NanoCpus", spec.limits().cpuMicros() * NANOS_OF_CPU)
                .put("PidsLimit", spec.limits().processes())
                .put("ReadonlyRootfs", spec.root().readOnly())
                .put("ShmSize", spec.root().shmBytes())
                .put("Init", spec.process().init())
                .put("Privileged", spec.process().privileges().unmasked());
        String policy = restart.toString();
        int colon = policy.indexOf(':');
        node.putObject("RestartPolicy")
                .put("Name", colon < 0 ? policy : policy.substring(0, colon))
                .put("MaximumRetryCount", restart.limit());
    }

    private static void ports(ObjectNode node, ContainerSpec spec, boolean runs) {
        spec.network().exposed().stream()
                .filter(port -> port.first() == port.last())
                .forEach(port -> node.putNull(port.toString()));
        if (runs) {
            for (PublishedPort port : spec.network().published()) {
                String guest = port.guestPort() + "/" + port.protocol().name().toLowerCase(Locale.ROOT);
                ArrayNode bindings = node.get(guest) instanceof ArrayNode present ? present : node.putArray(guest);
                bindings.addObject()
                        .put("HostIp", port.address() == null ? "0.0.0.0" : port.address())
                        .put("HostPort", Integer.toString(port.hostPort()));
            }
        }
    }

    private static void strings(ObjectNode node, String name, List<String> values) {
        ArrayNode list = node.putArray(name);
        values.forEach(list::add);
    }

    private static String time(long millis) {
        return millis == 0 ? ZERO : Instant.ofEpochMilli(millis).toString();
    }
}
