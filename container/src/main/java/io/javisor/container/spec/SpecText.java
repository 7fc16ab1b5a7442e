package io.javisor.container.spec;

import io.javisor.container.spec.PrivilegesSpec.ResourceLimit;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.PublishedPort;
import io.javisor.oci.OciException;
import io.javisor.oci.model.ExposedPort;
import io.javisor.oci.model.Healthcheck;
import io.javisor.oci.model.Json;
import io.javisor.oci.model.JsonFields;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A specification as JSON: what is kept of a container. */
public final class SpecText {
    /** A later one may add fields, which an earlier reader passes over; whoever changes what a field means raises this. */
    private static final int VERSION = 1;

    private static final int COUNT_MAX = 100_000;

    private SpecText() {}

    /** Writes it. */
    public static String write(ContainerSpec spec) {
        ObjectNode node = object(spec);
        return new String(Json.text(node), StandardCharsets.UTF_8);
    }

    /** As a tree, to be shown. */
    public static ObjectNode object(ContainerSpec spec) {
        ObjectNode node = Json.newObject();
        node.put("version", VERSION)
                .put("image", spec.image())
                .put("imageId", spec.imageId().toString());
        write(node.putObject("process"), spec.process());
        ObjectNode root = node.putObject("root").put("readOnly", spec.root().readOnly());
        root.put("shmBytes", spec.root().shmBytes());
        ArrayNode mounts = root.putArray("tmpfs");
        spec.root()
                .mounts()
                .forEach(each -> mounts.addObject().put("path", each.path()).put("options", each.options()));
        ObjectNode names = node.putObject("names").put("hostname", spec.names().hostname());
        ArrayNode hosts = names.putArray("hosts");
        spec.names()
                .hosts()
                .forEach(each -> hosts.addObject().put("name", each.name()).put("address", each.address()));
        strings(names, "nameServers", spec.names().nameServers());
        strings(names, "searchDomains", spec.names().searchDomains());
        strings(names, "resolverOptions", spec.names().resolverOptions());
        node.putObject("limits")
                .put("memoryBytes", spec.limits().memoryBytes())
                .put("cpuMicros", spec.limits().cpuMicros())
                .put("processes", spec.limits().processes());
        ObjectNode network = node.putObject("network")
                .put("kind", spec.network().kind().name().toLowerCase(Locale.ROOT));
        ArrayNode published = network.putArray("published");
        spec.network().published().forEach(each -> published.add(each.toString()));
        ArrayNode exposed = network.putArray("exposed");
        spec.network()
                .exposed()
                .forEach(each -> exposed.addObject()
                        .put("first", each.first())
                        .put("last", each.last())
                        .put("protocol", each.protocol()));
        node.putObject("stop")
                .put("signal", spec.stop().signal())
                .put("timeoutSeconds", spec.stop().timeoutSeconds());
        spec.health().ifPresent(health -> write(node.putObject("health"), health));
        ObjectNode labels = node.putObject("labels");
        spec.labels().forEach(labels::put);
        ObjectNode machine = node.putObject("machine")
                .put("memoryBytes", spec.machine().memoryBytes())
                .put("cpus", spec.machine().cpus());
        if (spec.machine().accel() != null) {
            machine.put("accel", spec.machine().accel());
        }
        Path kernel = spec.machine().kernel();
        if (kernel != null) {
            machine.put("kernel", kernel.toString());
        }
        return node;
    }

    private static void write(ObjectNode node, ProcessSpec process) {
        strings(node, "entrypoint", process.entrypoint());
        strings(node, "command", process.command());
        strings(node, "environment", process.environment());
        node.put("directory", process.directory()).put("user", process.user());
        strings(node, "groups", process.groups());
        node.put("terminal", process.terminal()).put("input", process.input()).put("init", process.init());
        PrivilegesSpec privileges = process.privileges();
        ObjectNode inner = node.putObject("privileges")
                .put("capabilities", privileges.capabilities())
                .put("noNewPrivileges", privileges.noNewPrivileges())
                .put("unconfined", privileges.unconfined())
                .put("unmasked", privileges.unmasked());
        ArrayNode limits = inner.putArray("limits");
        privileges
                .limits()
                .forEach(each -> limits.addObject()
                        .put("resource", each.resource())
                        .put("soft", each.soft())
                        .put("hard", each.hard()));
    }

    private static void write(ObjectNode node, Healthcheck health) {
        strings(node, "test", health.test());
        node.put("intervalNanos", health.intervalNanos())
                .put("timeoutNanos", health.timeoutNanos())
                .put("startPeriodNanos", health.startPeriodNanos())
                .put("startIntervalNanos", health.startIntervalNanos())
                .put("retries", health.retries());
    }

    private static void strings(ObjectNode node, String name, List<String> values) {
        ArrayNode list = node.putArray(name);
        values.forEach(list::add);
    }

    /**
     * Reads what {@link #write} wrote, be it by a later javisor: fields that are not known are passed over.
     *
     * @param what begins the messages; one printable line
     * @throws ConfigException in one line, if it is none or of a version that is not known
     */
    public static ContainerSpec parse(String what, String text) {
        try {
            JsonFields fields = Json.object(what, text.getBytes(StandardCharsets.UTF_8));
            long version = fields.requireNumber("version", 1, Integer.MAX_VALUE);
            if (version > VERSION) {
                throw new ConfigException(
                        what + " is of version " + version + ", and this javisor knows " + VERSION + " only");
            }
            return read(fields);
        } catch (OciException e) {
            throw new ConfigException(String.valueOf(e.getMessage()), e);
        }
    }

    private static ContainerSpec read(JsonFields fields) {
        return new ContainerSpec(
                fields.requireString("image"),
                fields.requireDigest("imageId"),
                process(inner(fields, "process")),
                root(inner(fields, "root")),
                names(inner(fields, "names")),
                limits(inner(fields, "limits")),
                network(inner(fields, "network")),
                stop(inner(fields, "stop")),
                fields.object("health").map(SpecText::health),
                fields.texts("labels"),
                machine(inner(fields, "machine")));
    }

    private static JsonFields inner(JsonFields fields, String name) {
        return fields.object(name).orElseThrow(() -> fields.problem(name, "is missing"));
    }

    private static ProcessSpec process(JsonFields fields) {
        JsonFields privileges = inner(fields, "privileges");
        return new ProcessSpec(
                fields.strings("entrypoint"),
                fields.strings("command"),
                variables(fields),
                fields.string("directory"),
                fields.string("user"),
                fields.strings("groups"),
                fields.bool("terminal"),
                fields.bool("input"),
                new PrivilegesSpec(
                        privileges.requireNumber("capabilities", 0, Capabilities.ALL),
                        privileges.bool("noNewPrivileges"),
                        privileges.bool("unconfined"),
                        privileges.bool("unmasked"),
                        privileges.objects("limits", COUNT_MAX).stream()
                                .map(each -> new ResourceLimit(
                                        (int) each.number("resource", 0, 15),
                                        each.number("soft", -1, Long.MAX_VALUE),
                                        each.number("hard", -1, Long.MAX_VALUE)))
                                .toList()),
                fields.bool("init"));
    }

    private static List<String> variables(JsonFields fields) {
        List<String> variables = fields.strings("environment");
        for (String variable : variables) {
            if (variable.indexOf('=') < 1) {
                throw fields.problem("environment", "has what is no variable: " + ContainerOptions.quoted(variable));
            }
        }
        return variables;
    }

    private static RootSpec root(JsonFields fields) {
        return new RootSpec(
                fields.bool("readOnly"),
                fields.objects("tmpfs", COUNT_MAX).stream()
                        .map(each -> new RootSpec.Tmpfs(each.requireString("path"), each.string("options")))
                        .toList(),
                fields.number("shmBytes", 0, Long.MAX_VALUE));
    }

    private static NamesSpec names(JsonFields fields) {
        return new NamesSpec(
                fields.string("hostname"),
                fields.objects("hosts", COUNT_MAX).stream()
                        .map(each -> new NamesSpec.HostLine(each.requireString("name"), each.requireString("address")))
                        .toList(),
                fields.strings("nameServers"),
                fields.strings("searchDomains"),
                fields.strings("resolverOptions"));
    }

    private static LimitsSpec limits(JsonFields fields) {
        return new LimitsSpec(
                fields.number("memoryBytes", 0, Long.MAX_VALUE),
                fields.number("cpuMicros", 0, Long.MAX_VALUE),
                fields.number("processes", 0, Long.MAX_VALUE));
    }

    private static NetworkSpec network(JsonFields fields) {
        String kind = fields.requireString("kind");
        NetworkSpec.Kind known =
                switch (kind) {
                    case "none" -> NetworkSpec.Kind.NONE;
                    case "user" -> NetworkSpec.Kind.USER;
                    default -> throw fields.problem("kind", "is neither none nor user");
                };
        return new NetworkSpec(
                known,
                fields.strings("published").stream()
                        .map(text -> published(fields, text))
                        .toList(),
                fields.objects("exposed", COUNT_MAX).stream()
                        .map(SpecText::exposed)
                        .toList());
    }

    private static ExposedPort exposed(JsonFields fields) {
        int first = (int) fields.requireNumber("first", 1, 65_535);
        int last = (int) fields.requireNumber("last", first, 65_535);
        String protocol = fields.requireString("protocol");
        if (!protocol.matches("tcp|udp|sctp")) {
            throw fields.problem("protocol", "is none of tcp, udp and sctp");
        }
        return new ExposedPort(first, last, protocol);
    }

    private static PublishedPort published(JsonFields fields, String text) {
        try {
            return PublishedPort.parse(text);
        } catch (IllegalArgumentException e) {
            throw fields.problem("published", "has what is no port: " + ContainerOptions.quoted(text));
        }
    }

    private static StopSpec stop(JsonFields fields) {
        return new StopSpec((int) fields.requireNumber("signal", 1, 64), (int)
                fields.requireNumber("timeoutSeconds", -1, Integer.MAX_VALUE));
    }

    private static Healthcheck health(JsonFields fields) {
        return new Healthcheck(
                fields.strings("test"),
                fields.number("intervalNanos", 0, Long.MAX_VALUE),
                fields.number("timeoutNanos", 0, Long.MAX_VALUE),
                fields.number("startPeriodNanos", 0, Long.MAX_VALUE),
                fields.number("startIntervalNanos", 0, Long.MAX_VALUE),
                (int) fields.number("retries", 0, Integer.MAX_VALUE));
    }

    private static MachineSpec machine(JsonFields fields) {
        @Nullable String accel = fields.has("accel") ? fields.string("accel") : null;
        @Nullable Path kernel = fields.has("kernel") ? Path.of(fields.string("kernel")) : null;
        return new MachineSpec(
                fields.number("memoryBytes", 0, Long.MAX_VALUE), (int) fields.number("cpus", 0, 1_000), accel, kernel);
    }
}
