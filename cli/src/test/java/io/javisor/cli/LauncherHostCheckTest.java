package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.kvm.KvmHost;
import io.javisor.kvm.KvmUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher in a checkout where nothing is built: a host without an engine is told so instead of a build. */
class LauncherHostCheckTest {
    private static final String MISSING = "javisor: cannot open /dev/kvm: ENOENT";

    /** $1 a directory with the host's cpuinfo; $2 makes ./kvm in /dev, or does nothing; the rest is a command. */
    private static final String ON_A_HOST = """
        host=$1 kvm=$2
        shift 2
        mount --bind $host/cpuinfo /proc/cpuinfo
        mkdir -p $host/dev
        mount -t tmpfs -o mode=755 none $host/dev
        for node in null zero random urandom tty; do
            touch $host/dev/$node
            mount --bind /dev/$node $host/dev/$node
        done
        (cd $host/dev && eval "$kvm")
        mount --rbind $host/dev /dev
        exec "$@"
        """;

    /** The launcher opens it, so it has to be one that opens anywhere: null(4). */
    private static final String OPEN = "mknod -m 666 kvm c 1 3";

    private static final String NO_FLAGS = "none";

    @TempDir
    private Path directory = Path.of("");

    private Path launcher = Path.of("");

    @BeforeEach
    void checkOut() throws IOException, InterruptedException {
        Root.assumeAvailable();
        Root.openToAll(directory);
        launcher = Files.copy(Checkout.LAUNCHER, directory.resolve("javisor"));
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(directory.resolve("pom.xml"), "<project/>");
        Path maven = Files.writeString(directory.resolve("mvnw"), "#!/bin/sh\necho a build >&2\nexit 1\n");
        Files.setPosixFilePermissions(maven, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Program.Result run(String flags, String kvm, String environment, List<?> command) throws Exception {
        Files.writeString(
                directory.resolve("cpuinfo"),
                flags.equals(NO_FLAGS) ? "" : "processor\t: 0\nflags\t\t: fpu " + flags + " sse\n");
        return Program.run(Root.withPrivateMounts(
                ON_A_HOST,
                directory,
                kvm,
                "env",
                "JAVISOR_JAVA_HOME=" + System.getProperty("java.home"),
                "JAVISOR_ACCEL=" + environment,
                command));
    }

    private Program.Result run(String flags, String kvm, String environment, String arguments) throws Exception {
        List<Object> command = new ArrayList<>(List.of(launcher));
        command.addAll(List.of(arguments.split(" ")));
        return run(flags, kvm, environment, command);
    }

    @ParameterizedTest
    @ValueSource(strings = {"run --accel kvm", "run --accel=kvm --kernel k -m 1G"})
    void withoutKvmNothingIsBuilt(String arguments) throws Exception {
        Program.Result result = run("vmx", "true", "", arguments);
        result.assertFailed(125, MISSING, "sudo modprobe kvm_intel");
        assertFalse(result.err().contains("build"), result::toString);
    }

    @ParameterizedTest
    @CsvSource({
        "run --help, ''",
        "run, ''",
        "run --detach, auto",
        "run --accel auto, kvm",
        "run --config f, kvm",
        "start vm, kvm",
        "run --dry-run, ''",
        "run --accel software, ''",
        "run --accel=software, ''",
        "run, software",
        "run, tcg",
        "doctor, ''",
        "ps, ''",
        "--version, ''",
        "help run, ''"
    })
    void whatNeedsNoEngineIsBuiltWithoutOne(String arguments, String environment) throws Exception {
        assertBuilds(run("", "true", environment, arguments));
    }

    @ParameterizedTest
    @CsvSource({"run --accel kvm, ''", "run --accel=kvm, ''", "run, kvm"})
    void kvmThatDoesNotCountIsTakenByName(String arguments, String environment) throws Exception {
        assertBuilds(run("", OPEN, environment, arguments));
    }

    @Test
    void aDeviceOfOthers() throws Exception {
        Program.Result result =
                run("vmx", "mknod -m 660 kvm c 10 232", "", Root.asNobody(launcher, "run", "--accel", "kvm"));
        result.assertFailed(125, "javisor: cannot open /dev/kvm: EACCES", "sudo usermod -aG kvm $USER");
        assertFalse(result.err().contains("build"), result::toString);
    }

    /** Major number 10 is there on each kernel, without that minor; 120 is for experiments. */
    @ParameterizedTest
    @CsvSource({"10, 1000, ENODEV", "120, 0, ENXIO"})
    void aDeviceWithoutADriver(String major, String minor, String errno) throws Exception {
        Path node = directory.resolve("node");
        assertEquals(
                0,
                Program.run("mknod", "-m", "666", node.toString(), "c", major, minor)
                        .status());
        KvmHost.Unusable host = (KvmHost.Unusable) KvmHost.look(node.toString(), KvmHost.CPUINFO);
        assertEquals(KvmUnavailableException.Reason.NO_DRIVER, host.reason());
        assertTrue(host.why().toString().contains(errno), host::toString);
        for (String arguments : List.of("run --accel kvm", "run --accel=kvm")) {
            Program.Result result = run("vmx", "mknod -m 666 kvm c " + major + " " + minor, "", arguments);
            assertEquals("javisor: " + host.why().toString().replace(node.toString(), "/dev/kvm") + "\n", result.err());
            assertEquals(125, result.status());
        }
    }

    /** The product's words, which doctor and run have. */
    @Test
    void theWordsAreTheProducts() throws Exception {
        String missing = ((KvmHost.Unusable) KvmHost.look("/nonexistent", Path.of("/proc/cpuinfo")))
                .why()
                .toString();
        assertEquals(
                "javisor: " + missing.replace("/nonexistent", "/dev/kvm") + "\n",
                run("vmx", "true", "", "run --accel kvm").err());
    }

    private static void assertBuilds(Program.Result result) {
        assertTrue(result.err().contains("a build"), result::toString);
        assertEquals(125, result.status());
    }
}
