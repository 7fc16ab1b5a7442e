package io.javisor.container.runtime;

import io.javisor.agent.ProcessFields;
import io.javisor.container.spec.ContainerSpec;
import io.javisor.container.spec.PrivilegesSpec;
import io.javisor.container.spec.ProcessSpec;
import io.javisor.container.spec.RootSpec;
import io.javisor.machine.config.NetConfig;
import io.javisor.machine.host.HostNameServers;
import java.io.IOException;
import java.net.Inet4Address;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the agent is told of a container and its processes. */
public final class StartFields {
    private static final long PERIOD_MICROS = 100_000;
    private static final Path RESOLVER = Path.of("/etc/resolv.conf");

    private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private StartFields() {}

    /**
     * Of a process.
     *
     * @param hostname the container's
     * @param rows of its terminal, if it has one; 0 for unknown, as {@code columns}
     * @throws io.javisor.agent.AgentException if it is more than the agent takes
     */
    public static ProcessFields.Builder process(ProcessSpec process, String hostname, int rows, int columns) {
        ProcessFields.Builder fields = ProcessFields.builder();
        process.arguments().forEach(fields::argument);
        variables(process, hostname).forEach(fields::variable);
        if (!process.directory().isEmpty()) {
            fields.directory(process.directory());
        }
        if (!process.user().isEmpty()) {
            fields.user(process.user());
        }
        process.groups().forEach(fields::group);
        if (process.terminal()) {
            fields.terminal(rows, columns);
        }
        PrivilegesSpec privileges = process.privileges();
        fields.capabilities(privileges.capabilities());
        if (privileges.noNewPrivileges()) {
            fields.noNewPrivileges();
        }
        if (privileges.unconfined()) {
            fields.unconfined();
        }
        if (privileges.unmasked()) {
            fields.unmasked();
        }
        privileges.limits().forEach(limit -> fields.limit(limit.resource(), limit.soft(), limit.hard()));
        return fields;
    }

    /** In docker's order: what each process has comes first, whatever its value, and last the home directory, which the agent knows. */
    private static List<String> variables(ProcessSpec process, String hostname) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("PATH", PATH);
        all.put("HOSTNAME", hostname);
        if (process.terminal()) {
            all.put("TERM", "xterm");
        }
        for (String variable : process.environment()) {
            int equals = variable.indexOf('=');
            all.put(variable.substring(0, equals), variable.substring(equals + 1));
        }
        return all.entrySet().stream()
                .map(variable -> variable.getKey() + "=" + variable.getValue())
                .toList();
    }

    /** Of a container and its first process. */
    static ProcessFields container(ContainerSetup setup, boolean networked, int rows, int columns) {
        ContainerSpec spec = setup.spec();
        ProcessFields.Builder fields = process(
                spec.process(), NameFiles.hostname(spec.names(), setup.entry().id()), rows, columns);
        if (spec.process().init()) {
            fields.init();
        }
        names(fields, setup, networked);
        root(fields, setup);
        if (spec.limits().memoryBytes() > 0) {
            fields.memory(spec.limits().memoryBytes());
        }
        if (spec.limits().cpuMicros() > 0) {
            fields.processors(spec.limits().cpuMicros(), PERIOD_MICROS);
        }
        if (spec.limits().processes() > 0) {
            fields.processes(spec.limits().processes());
        }
        return fields.build();
    }

    private static void names(ProcessFields.Builder fields, ContainerSetup setup, boolean networked) {
        ContainerSpec spec = setup.spec();
        String hostname = NameFiles.hostname(spec.names(), setup.entry().id());
        fields.hostname(hostname);
        fields.hosts(NameFiles.hosts(spec.names(), hostname, networked ? GuestMachine.PLACE.address() : null));
        if (networked) {
            NetConfig.User.Place place = GuestMachine.PLACE;
            fields.network(
                    Inet4Address.ofLiteral(place.address()), place.prefix(), Inet4Address.ofLiteral(place.gateway()));
        }
        fields.resolver(NameFiles.resolver(
                spec.names(), networked ? HostNameServers.ofHost().ofGuest() : List.of(), networked ? host() : ""));
    }

    private static String host() {
        try {
            return new String(Files.readAllBytes(RESOLVER), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return ""; // as one that is empty
        }
    }

    private static void root(ProcessFields.Builder fields, ContainerSetup setup) {
        RootSpec root = setup.spec().root();
        fields.lower(GuestMachine.IMAGE);
        if (setup.hasWritableDisk()) {
            fields.upper(GuestMachine.UPPER);
            if (!setup.isLasting()) {
                fields.volatileUpper();
            }
        }
        if (root.readOnly()) {
            fields.readOnly();
        }
        root.mounts().forEach(mount -> fields.tmpfs(mount.path(), mount.options()));
        if (root.shmBytes() > 0) {
            fields.shm(root.shmBytes());
        }
    }
}
