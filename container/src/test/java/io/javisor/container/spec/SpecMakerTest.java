package io.javisor.container.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.PublishedPort;
import io.javisor.oci.Digest;
import io.javisor.oci.model.ExposedPort;
import io.javisor.oci.model.Healthcheck;
import io.javisor.oci.model.ImageProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user and an image say, put together. */
class SpecMakerTest {
    private static final Digest ID = Digest.sha256(new byte[0]);
    private static final long DEFAULT_CAPABILITIES = 0xa80425fbL;
    static final ImageProcess IMAGE = new ImageProcess(
            "app",
            List.of(new ExposedPort(80, 80, "tcp"), new ExposedPort(53, 54, "udp")),
            List.of("PATH=/bin", "COLOUR=red"),
            List.of("/entry"),
            List.of("one", "two"),
            List.of(),
            "/srv",
            Map.of("of", "image"),
            "SIGQUIT",
            Optional.of(new Healthcheck(List.of("CMD", "check"), 5, 6, 7, 8, 9)),
            List.of());

    @TempDir
    private Path directory = Path.of("");

    /** The words are names of options and their values, one after the other. */
    static ContainerOptions options(String... words) {
        ContainerOptions options = ContainerOptions.NONE;
        for (int i = 0; i < words.length; i += 2) {
            options = options.with(ContainerOption.valueOf(words[i]), words[i + 1]);
        }
        return options;
    }

    static ContainerSpec make(ImageProcess image, ContainerOptions options, String... command) {
        AtomicInteger free = new AtomicInteger(40_000);
        return SpecMaker.make(
                "image:1",
                ID,
                image,
                options,
                List.of(command),
                Map.of("HERE", "value of here"),
                new Ports((_, _) -> free.getAndIncrement()));
    }

    static ContainerSpec make(String... words) {
        return make(IMAGE, options(words));
    }

    static String refusal(String... words) {
        String message = String.valueOf(
                assertThrows(ConfigException.class, () -> make(words)).getMessage());
        assertEquals(1, message.lines().count(), message);
        return message;
    }

    /** A pipe, that is. */
    @Test
    void aFileIsReadOnce() throws Exception {
        Path file = Files.writeString(directory.resolve("once"), "A=b\n");
        ContainerOptions read = new ContainerOptions(Map.of(
                        ContainerOption.ENV_FILE, List.of(file.toString()),
                        ContainerOption.LABEL_FILE, List.of(file.toString())))
                .withFilesRead();
        Files.delete(file);
        SpecMaker.check(read, Map.of());
        ContainerSpec made = SpecMaker.make(
                "image", Digest.sha256(new byte[0]), ImageProcess.NONE, read, List.of("command"), Map.of());
        assertEquals(List.of("A=b"), made.process().environment());
        assertEquals(Map.of("A", "b"), made.labels());
    }

    @Test
    void whatIsNotSaidIsTheImages() {
        ContainerSpec spec = make();
        assertEquals(List.of("/entry", "one", "two"), spec.process().arguments());
        assertEquals("app", spec.process().user());
        assertEquals("/srv", spec.process().directory());
        assertEquals(List.of("PATH=/bin", "COLOUR=red"), spec.process().environment());
        assertEquals(new StopSpec(3, 10), spec.stop());
        assertEquals(Map.of("of", "image"), spec.labels());
        assertEquals(IMAGE.healthcheck(), spec.health());
        assertEquals(DEFAULT_CAPABILITIES, spec.process().privileges().capabilities());
        assertEquals(64 << 20, spec.root().shmBytes());
        assertEquals(new LimitsSpec(0, 0, 0), spec.limits());
        assertEquals(NetworkSpec.Kind.USER, spec.network().kind());
    }

    @Test
    void aCommandTakesThePlaceOfTheImagesAndFollowsItsEntryPoint() {
        assertEquals(
                List.of("/entry", "mine"),
                make(IMAGE, ContainerOptions.NONE, "mine").process().arguments());
    }

    @Test
    void anEntryPointTakesThePlaceOfBoth() {
        assertEquals(List.of("echo"), make("ENTRYPOINT", "echo").process().arguments());
        assertEquals(
                List.of("echo", "a"),
                make(IMAGE, options("ENTRYPOINT", "echo"), "a").process().arguments());
        assertEquals(
                List.of("a"),
                make(IMAGE, options("ENTRYPOINT", ""), "a").process().arguments());
        assertEquals("no command specified", refusal("ENTRYPOINT", ""));
        assertEquals(
                "no command specified",
                assertThrows(ConfigException.class, () -> make(ImageProcess.NONE, ContainerOptions.NONE))
                        .getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "A=b, PATH=/bin COLOUR=red A=b",
        "COLOUR=blue, PATH=/bin COLOUR=blue",
        "COLOUR=, PATH=/bin COLOUR=",
        "COLOUR, PATH=/bin",
        "HERE, PATH=/bin COLOUR=red HERE=value of here",
        "NOT_HERE, PATH=/bin COLOUR=red",
        "A=b=c, PATH=/bin COLOUR=red A=b=c"
    })
    void variables(String given, String expected) {
        assertEquals(expected, String.join(" ", make("ENV", given).process().environment()));
    }

    @Test
    void filesOfVariables() throws Exception {
        Path file = Files.writeString(
                directory.resolve("env"), "\ufeff# comment\n\n  A=1\nB= two words \nHERE\nNOT_HERE\nCOLOUR=green\n");
        assertEquals(
                List.of("PATH=/bin", "COLOUR=x", "A=1", "B= two words ", "HERE=value of here"),
                make("ENV_FILE", file.toString(), "ENV", "COLOUR=x").process().environment());
        Path bad = Files.writeString(directory.resolve("bad"), "A B=1\n");
        assertEquals(
                "poorly formatted environment: variable \"A B\" contains whitespaces",
                refusal("ENV_FILE", bad.toString()));
        Path none = Files.writeString(directory.resolve("none"), "=1\n");
        assertEquals("no variable name on line \"=1\"", refusal("ENV_FILE", none.toString()));
        assertEquals("open /no/such/file: no such file or directory", refusal("ENV_FILE", "/no/such/file"));
        Path bytes = Files.write(directory.resolve("bytes"), new byte[] {'A', '=', (byte) 0xff, '\n'});
        assertEquals(bytes + " contains invalid utf8 bytes", refusal("ENV_FILE", bytes.toString()));
    }

    @Test
    void labels() throws Exception {
        Path file = Files.writeString(directory.resolve("labels"), "a=1\nb\n");
        assertEquals(
                Map.of("of", "user", "a", "1", "b", "", "c", "=2"),
                make("LABEL_FILE", file.toString(), "LABEL", "of=user", "LABEL", "c==2")
                        .labels());
    }

    @ParameterizedTest
    @CsvSource({
        "MEMORY, 256M, 268435456",
        "MEMORY, 6m, 6291456",
        "MEMORY, 1.5g, 1610612736",
        "MEMORY, 6291456, 6291456",
        "MEMORY, 6291456b, 6291456",
        "MEMORY, 8192k, 8388608",
        "MEMORY, 8192KiB, 8388608",
        "MEMORY, 1GB, 1073741824",
        "MEMORY, 0, 0",
        "CPUS, 0.5, 50000",
        "CPUS, .5, 50000",
        "CPUS, 2, 200000",
        "CPUS, 1.25, 125000",
        "CPUS, 0, 0",
        "PIDS_LIMIT, 10, 10",
        "PIDS_LIMIT, -1, 0",
        "PIDS_LIMIT, 0, 0"
    })
    void limits(ContainerOption option, String text, long expected) {
        LimitsSpec limits = make(option.name(), text).limits();
        assertEquals(expected, limits.memoryBytes() + limits.cpuMicros() + limits.processes());
    }

    @ParameterizedTest
    @CsvSource({
        "8080:80, 8080:80",
        "8080:80/tcp, 8080:80",
        "127.0.0.1:8080:80/udp, 127.0.0.1:8080:80/udp",
        "0.0.0.0:8080:80, 8080:80",
        "'[::1]:8080:80', '[::1]:8080:80'",
        "80, 40000:80",
        "80/udp, 40000:80/udp",
        ":80, 40000:80",
        "127.0.0.1::80, 127.0.0.1:40000:80",
        "8000-8002:80-82, 8000:80 8001:81 8002:82",
        "80-81, 40000:80 40001:81",
        "8000-8010:80, 8000:80"
    })
    void publishedPorts(String text, String expected) {
        assertEquals(
                expected,
                String.join(
                        " ",
                        make("PUBLISH", text).network().published().stream()
                                .map(PublishedPort::toString)
                                .toList()));
    }

    @Test
    void allExposedPortsArePublishedOnce() {
        assertEquals(
                List.of("8080:80", "40000:53/udp", "40001:54/udp", "40002:7"),
                make("PUBLISH", "8080:80", "PUBLISH_ALL", "true", "EXPOSE", "7", "EXPOSE", "9/sctp")
                        .network()
                        .published()
                        .stream()
                        .map(PublishedPort::toString)
                        .toList());
    }

    @Test
    void freePortsAreFreeAndNoneTwice() {
        HostPorts ports = new HostPorts();
        Set<Integer> chosen = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            assertTrue(chosen.add(ports.next("127.0.0.1", PublishedPort.Protocol.TCP)));
            assertTrue(chosen.add(ports.next(null, PublishedPort.Protocol.UDP)));
        }
    }

    @Test
    void nothingIsPublishedWithoutANetwork() {
        NetworkSpec network = make("NETWORK", "none", "PUBLISH", "80:80").network();
        assertEquals(NetworkSpec.Kind.NONE, network.kind());
        assertEquals(List.of(), network.published());
    }

    @ParameterizedTest
    @CsvSource({
        "'', '', a80425fb",
        "SYS_TIME, '', aa0425fb",
        "CAP_SYS_TIME, '', aa0425fb",
        "sys_time, '', aa0425fb",
        "'', CHOWN, a80425fa",
        "'', ALL, 0",
        "CHOWN, ALL, 1",
        "CHOWN KILL, all, 21",
        "ALL, '', 1ffffffffff",
        "ALL, CHOWN, 1fffffffffe",
        "CHECKPOINT_RESTORE, ALL, 10000000000"
    })
    void capabilities(String added, String dropped, String mask) {
        ContainerOptions options = ContainerOptions.NONE;
        for (String name : added.isEmpty() ? new String[0] : added.split(" ", -1)) {
            options = options.with(ContainerOption.CAP_ADD, name);
        }
        for (String name : dropped.isEmpty() ? new String[0] : dropped.split(" ", -1)) {
            options = options.with(ContainerOption.CAP_DROP, name);
        }
        assertEquals(
                mask,
                Long.toHexString(make(IMAGE, options).process().privileges().capabilities()));
    }

    @Test
    void privileges() {
        PrivilegesSpec privileged = make("PRIVILEGED", "true").process().privileges();
        assertEquals(Capabilities.ALL, privileged.capabilities());
        assertTrue(privileged.unconfined() && privileged.unmasked());
        PrivilegesSpec careful =
                make("SECURITY_OPT", "no-new-privileges").process().privileges();
        assertTrue(careful.noNewPrivileges());
        assertFalse(careful.unconfined() || careful.unmasked());
        assertTrue(make("SECURITY_OPT", "no-new-privileges:true")
                .process()
                .privileges()
                .noNewPrivileges());
        assertTrue(make("SECURITY_OPT", "seccomp=unconfined")
                .process()
                .privileges()
                .unconfined());
    }

    @ParameterizedTest
    @ValueSource(strings = {"systempaths=unconfined", "systempaths:unconfined", "unmask=ALL", "unmask=all"})
    void nothingIsHiddenIfThatIsSaid(String option) {
        PrivilegesSpec privileges = make("SECURITY_OPT", option).process().privileges();
        assertTrue(privileges.unmasked());
        assertFalse(privileges.unconfined());
        assertEquals(DEFAULT_CAPABILITIES, privileges.capabilities());
    }

    @Test
    void theLastLimitOfAResourceCounts() {
        assertEquals(
                List.of(new PrivilegesSpec.ResourceLimit(4, -1, -1), new PrivilegesSpec.ResourceLimit(7, 3, 4)),
                make("ULIMIT", "nofile=1", "ULIMIT", "core=-1", "ULIMIT", "nofile=3:4")
                        .process()
                        .privileges()
                        .limits());
    }

    @ParameterizedTest
    @CsvSource({
        "TERM, 15",
        "SIGTERM, 15",
        "sigkill, 9",
        "9, 9",
        "64, 64",
        "RTMIN, 34",
        "SIGRTMIN+3, 37",
        "RTMAX-1, 63",
        "RTMAX, 64",
        "HUP, 1",
        "SYS, 31",
        "WINCH, 28",
        "CLD, 17",
        "IOT, 6",
        "POLL, 29"
    })
    void signals(String text, int number) {
        assertEquals(number, Signals.number(text));
        assertEquals(number, make("STOP_SIGNAL", text).stop().signal());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "SIG", "RTMIN+31", "RTMAX-31", "100", "-1", "TERM ", "RTMIN+"})
    void noSignals(String text) {
        assertThrows(ConfigException.class, () -> Signals.number(text));
    }

    @Test
    void names() {
        NamesSpec names = make(
                        "HOSTNAME",
                        "bottle",
                        "ADD_HOST",
                        "peer:192.0.2.7",
                        "ADD_HOST",
                        "six:2001:db8::7",
                        "ADD_HOST",
                        "seven=[2001:db8::8]",
                        "DNS",
                        "192.0.2.53",
                        "DNS",
                        "::1",
                        "DNS_SEARCH",
                        "example.org",
                        "DNS_OPTION",
                        "ndots:2")
                .names();
        assertEquals(
                new NamesSpec(
                        "bottle",
                        List.of(
                                new NamesSpec.HostLine("peer", "192.0.2.7"),
                                new NamesSpec.HostLine("six", "2001:db8::7"),
                                new NamesSpec.HostLine("seven", "2001:db8::8")),
                        List.of("192.0.2.53", "::1"),
                        List.of("example.org"),
                        List.of("ndots:2")),
                names);
    }

    @Test
    void aFileSystemInMemory() {
        assertEquals(
                new RootSpec(
                        true,
                        List.of(new RootSpec.Tmpfs("/tmp", ""), new RootSpec.Tmpfs("/run", "size=64k,mode=700")),
                        1 << 20),
                make(
                                "READ_ONLY",
                                "true",
                                "TMPFS",
                                "/run",
                                "TMPFS",
                                "/tmp",
                                "TMPFS",
                                "/run:size=64k,mode=700",
                                "SHM_SIZE",
                                "1m")
                        .root());
    }

    @Test
    void healthChecks() {
        Healthcheck merged = make("HEALTH_CMD", "true", "HEALTH_INTERVAL", "1m30.5s", "HEALTH_RETRIES", "2")
                .health()
                .orElseThrow();
        assertEquals(new Healthcheck(List.of("CMD-SHELL", "true"), 90_500_000_000L, 6, 7, 8, 2), merged);
        assertEquals(Optional.empty(), make("NO_HEALTHCHECK", "true").health());
        assertEquals(
                "--no-healthcheck conflicts with --health-* options",
                refusal("NO_HEALTHCHECK", "true", "HEALTH_CMD", "true"));
        assertEquals(
                Optional.empty(),
                make(ImageProcess.NONE, options("HEALTH_RETRIES", "2"), "a").health());
    }

    @Test
    void aFurtherProcessIsAsTheFirstButForWhatIsSaid() {
        ContainerSpec container = make("ENV", "A=1", "GROUP_ADD", "video", "INIT", "true", "TTY", "true");
        ProcessSpec same = SpecMaker.further(container, ContainerOptions.NONE, List.of("sh"), Map.of());
        assertEquals(List.of("sh"), same.arguments());
        assertEquals(container.process().environment(), same.environment());
        assertEquals("/srv", same.directory());
        assertEquals("app", same.user());
        assertEquals(List.of("video"), same.groups());
        assertFalse(same.terminal() || same.input() || same.init());
        ProcessSpec other = SpecMaker.further(
                container,
                options("ENV", "A=2", "USER", "0", "WORKDIR", "/", "PRIVILEGED", "true", "TTY", "true"),
                List.of("sh", "-c", "x"),
                Map.of());
        assertEquals("A=2", other.environment().getLast());
        assertEquals("0", other.user());
        assertEquals("/", other.directory());
        assertEquals(Capabilities.ALL, other.privileges().capabilities());
        assertTrue(other.terminal());
    }

    @ParameterizedTest
    @EnumSource
    void anOptionsNamesAreItsOwn(ContainerOption option) {
        Map<ContainerOption, List<String>> others = new EnumMap<>(ContainerOption.class);
        Arrays.stream(ContainerOption.values())
                .filter(other -> other != option)
                .forEach(other -> others.put(other, other.names()));
        assertTrue(others.values().stream().flatMap(List::stream).noneMatch(option.names()::contains));
        assertEquals(
                option.form() == ContainerOption.Form.SWITCH,
                option.paramLabel().isEmpty());
        assertTrue(option.help().endsWith("."), option.help());
    }
}
