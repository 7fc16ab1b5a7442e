package io.javisor.container.spec;

import io.javisor.machine.config.Accel;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.PublishedPort;
import io.javisor.oci.Digest;
import io.javisor.oci.model.ExposedPort;
import io.javisor.oci.model.Healthcheck;
import io.javisor.oci.model.ImageProcess;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Puts together what a user and an image say, by docker's rules. Every complaint is a {@link ConfigException} of one line, in docker's words where it has them. */
public final class SpecMaker {
    private static final long MIN_MEMORY_BYTES = 6 << 20;
    private static final long DEFAULT_SHM_BYTES = 64 << 20;
    private static final int PERIOD_MICROS = 100_000;
    private static final int MIN_CPU_MICROS = 1_000;
    private static final int MAX_CPUS = 1_000;
    private static final int HOSTNAME_LENGTH = 63;
    private static final String NO_NEW_PRIVILEGES = "no-new-privileges";

    private final ContainerOptions options;
    private final Map<String, String> caller;
    private final Ports ports;

    private SpecMaker(ContainerOptions options, Map<String, String> caller, Ports ports) {
        this.options = options;
        this.caller = caller;
        this.ports = ports;
    }

    /**
     * A container's specification. Reads the files that are named for variables and labels, and finds free ports of the host where it is to choose.
     *
     * @param image as its user named it
     * @param imageId what that stands for
     * @param process what the image says
     * @param command after the image's name; none for the image's own
     * @param caller variables of who asks, for those without a value
     */
    public static ContainerSpec make(
            String image,
            Digest imageId,
            ImageProcess process,
            ContainerOptions options,
            List<String> command,
            Map<String, String> caller) {
        return new SpecMaker(options, caller, new Ports(new HostPorts())).spec(image, imageId, process, command);
    }

    /**
     * Refuses what is wrong whatever the image is: nothing has to be pulled for that.
     *
     * @param caller as in {@link #make}
     */
    public static void check(ContainerOptions options, Map<String, String> caller) {
        ContainerSpec _ = make(
                "",
                Digest.sha256(new byte[0]),
                ImageProcess.NONE,
                options,
                List.of("command"),
                caller,
                new Ports((_, _) -> 1));
    }

    static ContainerSpec make(
            String image,
            Digest imageId,
            ImageProcess process,
            ContainerOptions options,
            List<String> command,
            Map<String, String> caller,
            Ports ports) {
        return new SpecMaker(options, caller, ports).spec(image, imageId, process, command);
    }

    /**
     * A further process of a container, of which its options say what is not the first one's: variables, directory, user, terminal, input, privileged.
     *
     * @param command at least the program
     */
    public static ProcessSpec further(
            ContainerSpec container, ContainerOptions options, List<String> command, Map<String, String> caller) {
        SpecMaker maker = new SpecMaker(options, caller, new Ports(new HostPorts()));
        ProcessSpec first = container.process();
        boolean privileged = options.isOn(ContainerOption.PRIVILEGED);
        PrivilegesSpec same = first.privileges();
        return new ProcessSpec(
                List.of(),
                command,
                maker.environment(first.environment()),
                maker.directory(first.directory()),
                options.last(ContainerOption.USER).orElse(first.user()),
                first.groups(),
                options.isOn(ContainerOption.TTY),
                options.isOn(ContainerOption.INTERACTIVE),
                privileged ? new PrivilegesSpec(Capabilities.ALL, false, true, same.unmasked(), same.limits()) : same,
                false);
    }

    private ContainerSpec spec(String image, Digest imageId, ImageProcess process, List<String> command) {
        return new ContainerSpec(
                image,
                imageId,
                process(process, command),
                root(),
                names(),
                limits(),
                network(process),
                stop(process),
                health(process),
                Environment.labels(
                        process.labels(),
                        options.lines(ContainerOption.LABEL_FILE),
                        options.all(ContainerOption.LABEL)),
                machine());
    }

    private ProcessSpec process(ImageProcess image, List<String> command) {
        List<String> entrypoint = image.entrypoint();
        List<String> arguments = command.isEmpty() ? image.cmd() : command;
        Optional<String> program = options.last(ContainerOption.ENTRYPOINT);
        if (program.isPresent()) {
            entrypoint = program.get().isEmpty() ? List.of() : List.of(program.get());
            arguments = command;
        }
        Sizes.require(!entrypoint.isEmpty() || !arguments.isEmpty(), "no command specified");
        return new ProcessSpec(
                entrypoint,
                arguments,
                environment(image.env()),
                directory(image.workingDir()),
                options.last(ContainerOption.USER).orElse(image.user()),
                options.all(ContainerOption.GROUP_ADD),
                options.isOn(ContainerOption.TTY),
                options.isOn(ContainerOption.INTERACTIVE),
                privileges(),
                options.isOn(ContainerOption.INIT));
    }

    private List<String> environment(List<String> below) {
        return Environment.merge(
                below, options.lines(ContainerOption.ENV_FILE), options.all(ContainerOption.ENV), caller);
    }

    private String directory(String below) {
        Optional<String> given = options.last(ContainerOption.WORKDIR).filter(path -> !path.isEmpty());
        if (given.isPresent() && !given.get().startsWith("/")) {
            throw new ConfigException(
                    "the working directory " + single(given.get()) + " is invalid, it needs to be an absolute path");
        }
        // Of an image it is below the root, whatever it says.
        return given.orElse(below.isEmpty() || below.startsWith("/") ? below : "/" + below);
    }

    private PrivilegesSpec privileges() {
        boolean privileged = options.isOn(ContainerOption.PRIVILEGED);
        boolean noNewPrivileges = false;
        boolean unconfined = privileged;
        boolean unmasked = privileged;
        for (String option : options.all(ContainerOption.SECURITY_OPT)) {
            switch (option.replaceFirst("^([a-z-]+):", "$1=")) {
                case NO_NEW_PRIVILEGES, NO_NEW_PRIVILEGES + "=true" -> noNewPrivileges = true;
                case NO_NEW_PRIVILEGES + "=false" -> noNewPrivileges = false;
                case "seccomp=unconfined" -> unconfined = true;
                // Docker's word, and podman's.
                case "systempaths=unconfined", "unmask=ALL", "unmask=all" -> unmasked = true;
                // Of hosts with these; a machine's kernel has neither.
                case "apparmor=unconfined", "label=disable" -> {}
                default ->
                    throw new ConfigException("invalid --security-opt: " + ContainerOptions.quoted(option)
                            + "; there are no-new-privileges, seccomp=unconfined and systempaths=unconfined");
            }
        }
        long capabilities =
                Capabilities.of(options.all(ContainerOption.CAP_ADD), options.all(ContainerOption.CAP_DROP));
        List<PrivilegesSpec.ResourceLimit> limits = new ArrayList<>();
        for (String text : options.all(ContainerOption.ULIMIT)) {
            PrivilegesSpec.ResourceLimit limit = Ulimits.parse(text);
            limits.removeIf(other -> other.resource() == limit.resource());
            limits.add(limit);
        }
        return new PrivilegesSpec(
                privileged ? Capabilities.ALL : capabilities, noNewPrivileges, unconfined, unmasked, limits);
    }

    private RootSpec root() {
        List<RootSpec.Tmpfs> mounts = new ArrayList<>();
        for (String text : options.all(ContainerOption.TMPFS)) {
            int colon = text.indexOf(':');
            String path = colon < 0 ? text : text.substring(0, colon);
            Sizes.require(path.startsWith("/"), "invalid mount path: " + single(path) + " mount path must be absolute");
            Sizes.require(
                    !Path.of(path).normalize().equals(Path.of("/")),
                    "invalid mount path: " + single(path) + ": destination can't be '/'");
            mounts.removeIf(other -> other.path().equals(path));
            mounts.add(new RootSpec.Tmpfs(path, colon < 0 ? "" : text.substring(colon + 1)));
        }
        long shm = options.last(ContainerOption.SHM_SIZE)
                .map(text -> Sizes.bytes(ContainerOption.SHM_SIZE, text))
                .filter(bytes -> bytes > 0)
                .orElse(DEFAULT_SHM_BYTES);
        return new RootSpec(options.isOn(ContainerOption.READ_ONLY), mounts, shm);
    }

    private NamesSpec names() {
        String hostname = options.last(ContainerOption.HOSTNAME).orElse("");
        Sizes.require(
                hostname.isEmpty() || isHostname(hostname), "invalid hostname: " + ContainerOptions.quoted(hostname));
        List<NamesSpec.HostLine> hosts = new ArrayList<>();
        for (String text : options.all(ContainerOption.ADD_HOST)) {
            hosts.add(hostLine(text));
        }
        for (String server : options.all(ContainerOption.DNS)) {
            address(ContainerOption.DNS, server, server);
        }
        List<String> search = options.all(ContainerOption.DNS_SEARCH);
        for (String domain : search) {
            if (!domain.matches("\\.|[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252})")) {
                throw ContainerOptions.invalid(ContainerOption.DNS_SEARCH, domain, "it is no domain");
            }
        }
        for (String option : options.all(ContainerOption.DNS_OPTION)) {
            if (!option.matches("[A-Za-z0-9:_-]{1,64}")) {
                throw ContainerOptions.invalid(ContainerOption.DNS_OPTION, option, "it is no option of resolv.conf(5)");
            }
        }
        return new NamesSpec(
                hostname, hosts, options.all(ContainerOption.DNS), search, options.all(ContainerOption.DNS_OPTION));
    }

    private static boolean isHostname(String text) {
        return text.length() <= HOSTNAME_LENGTH && text.matches("[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?");
    }

    private static NamesSpec.HostLine hostLine(String text) {
        int separator = text.indexOf('=') < 0 ? text.indexOf(':') : text.indexOf('=');
        String name = separator < 0 ? "" : text.substring(0, separator);
        if (name.isEmpty() || !name.matches("[A-Za-z0-9_.-]{1,253}")) {
            throw ContainerOptions.invalid(
                    ContainerOption.ADD_HOST, text, "bad format for add-host: " + ContainerOptions.quoted(text));
        }
        String address = text.substring(separator + 1);
        String plain =
                address.startsWith("[") && address.endsWith("]") ? address.substring(1, address.length() - 1) : address;
        address(ContainerOption.ADD_HOST, text, plain);
        return new NamesSpec.HostLine(name, plain);
    }

    private static void address(ContainerOption option, String text, String address) {
        if (!Addresses.isOne(address)) {
            throw ContainerOptions.invalid(
                    option,
                    text,
                    option == ContainerOption.DNS
                            ? "IP address is not correctly formatted: " + address
                            : "invalid IP address in add-host: " + ContainerOptions.quoted(address));
        }
    }

    private LimitsSpec limits() {
        return new LimitsSpec(
                options.last(ContainerOption.MEMORY).map(SpecMaker::memoryBytes).orElse(0L),
                options.last(ContainerOption.CPUS).map(SpecMaker::cpuMicros).orElse(0L),
                options.last(ContainerOption.PIDS_LIMIT)
                        .map(SpecMaker::processes)
                        .orElse(0L));
    }

    /** Of {@code --memory}; 0 is no limit. */
    public static long memoryBytes(String text) {
        long bytes = Sizes.bytes(ContainerOption.MEMORY, text);
        Sizes.require(bytes == 0 || bytes >= MIN_MEMORY_BYTES, "Minimum memory limit allowed is 6MB");
        return bytes;
    }

    /** Of {@code --cpus}: microseconds of 100 ms; 0 is no limit. */
    public static long cpuMicros(String text) {
        if (!text.matches("[0-9]{0,4}(\\.[0-9]{0,9})?") || !text.matches(".*[0-9].*")) {
            throw ContainerOptions.invalid(
                    ContainerOption.CPUS, text, "failed to parse " + text + " as a rational number");
        }
        BigDecimal cpus = new BigDecimal("0" + (text.endsWith(".") ? text + "0" : text));
        long micros = cpus.multiply(BigDecimal.valueOf(PERIOD_MICROS)).longValue();
        Sizes.require(
                cpus.signum() == 0 || (micros >= MIN_CPU_MICROS && micros <= (long) MAX_CPUS * PERIOD_MICROS),
                "range of CPUs is from 0.01 to " + MAX_CPUS + ".00, not " + text);
        return micros;
    }

    /** Of {@code --pids-limit}; 0 is no limit. */
    public static long processes(String text) {
        return Math.max(0, Sizes.number(ContainerOption.PIDS_LIMIT, text, -1, 4_194_304));
    }

    private NetworkSpec network(ImageProcess image) {
        NetworkSpec.Kind kind = options.last(ContainerOption.NETWORK)
                .map(SpecMaker::networkKind)
                .orElse(NetworkSpec.Kind.USER);
        Set<ExposedPort> exposed = new LinkedHashSet<>(image.exposedPorts());
        for (String text : options.all(ContainerOption.EXPOSE)) {
            exposed.add(Ports.exposed(text));
        }
        List<PublishedPort> published = new ArrayList<>();
        for (String text : options.all(ContainerOption.PUBLISH)) {
            for (PublishedPort port : ports.published(text)) {
                if (!published.contains(port)) {
                    published.add(port);
                }
            }
        }
        if (options.isOn(ContainerOption.PUBLISH_ALL)) {
            published = ports.all(List.copyOf(exposed), published);
        }
        // Docker drops what is published of a container without a network.
        return new NetworkSpec(kind, kind == NetworkSpec.Kind.NONE ? List.of() : published, List.copyOf(exposed));
    }

    private static NetworkSpec.Kind networkKind(String text) {
        return switch (text) {
            case "none" -> NetworkSpec.Kind.NONE;
            case "user", "default", "bridge" -> NetworkSpec.Kind.USER;
            default ->
                throw new ConfigException(
                        "network " + ContainerOptions.plain(text) + " not found; there are user and none");
        };
    }

    private StopSpec stop(ImageProcess image) {
        String signal = options.last(ContainerOption.STOP_SIGNAL).orElse(image.stopSignal());
        return new StopSpec(
                signal.isEmpty() ? StopSpec.DEFAULT.signal() : Signals.number(signal),
                options.last(ContainerOption.STOP_TIMEOUT)
                        .map(text -> (int) Sizes.number(ContainerOption.STOP_TIMEOUT, text, -1, Integer.MAX_VALUE))
                        .orElse(StopSpec.DEFAULT.timeoutSeconds()));
    }

    private Optional<Healthcheck> health(ImageProcess image) {
        Optional<String> command = options.last(ContainerOption.HEALTH_CMD);
        long interval = time(ContainerOption.HEALTH_INTERVAL);
        long timeout = time(ContainerOption.HEALTH_TIMEOUT);
        long startPeriod = time(ContainerOption.HEALTH_START_PERIOD);
        long startInterval = time(ContainerOption.HEALTH_START_INTERVAL);
        int retries = options.last(ContainerOption.HEALTH_RETRIES)
                .map(text -> (int) Sizes.number(ContainerOption.HEALTH_RETRIES, text, 0, Integer.MAX_VALUE))
                .orElse(0);
        boolean said = command.isPresent() || (interval | timeout | startPeriod | startInterval | retries) != 0;
        if (options.isOn(ContainerOption.NO_HEALTHCHECK)) {
            Sizes.require(!said, "--no-healthcheck conflicts with --health-* options");
            return Optional.empty();
        }
        Healthcheck below = image.healthcheck().orElse(new Healthcheck(List.of(), 0, 0, 0, 0, 0));
        Healthcheck merged = new Healthcheck(
                command.filter(text -> !text.isEmpty())
                        .map(text -> List.of("CMD-SHELL", text))
                        .orElse(below.test()),
                interval == 0 ? below.intervalNanos() : interval,
                timeout == 0 ? below.timeoutNanos() : timeout,
                startPeriod == 0 ? below.startPeriodNanos() : startPeriod,
                startInterval == 0 ? below.startIntervalNanos() : startInterval,
                retries == 0 ? below.retries() : retries);
        return merged.isNone() ? Optional.empty() : Optional.of(merged);
    }

    private long time(ContainerOption option) {
        return options.last(option).map(text -> Sizes.nanos(option, text)).orElse(0L);
    }

    private MachineSpec machine() {
        @Nullable String accel = options.last(ContainerOption.ACCEL).orElse(null);
        if (accel != null) {
            try {
                Accel _ = Accel.parse(accel);
            } catch (IllegalArgumentException e) {
                throw new ConfigException("--accel: " + e.getMessage(), e);
            }
        }
        @Nullable
        Path kernel = options.last(ContainerOption.KERNEL)
                .map(text -> Path.of(text).toAbsolutePath())
                .orElse(null);
        return new MachineSpec(0, 0, accel, kernel);
    }

    private static String single(String text) {
        return "'" + ContainerOptions.plain(text) + "'";
    }
}
