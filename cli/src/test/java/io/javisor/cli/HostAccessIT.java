package io.javisor.cli;

import io.javisor.testkit.guest.TinyKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A host that has no KVM, or not for this user, or files that this user may not read: one line that names what helps. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class HostAccessIT {
    /** Replaces /dev by $1 with only a few nodes in it, does $2 there, and runs the rest as a command. */
    private static final String WITH_OWN_DEV = """
        dev=$1 change=$2
        shift 2
        mount -t tmpfs -o mode=755 none $dev
        for node in null zero random urandom tty; do
            touch $dev/$node
            mount --bind /dev/$node $dev/$node
        done
        ln -s /proc/self/fd $dev/fd
        cd $dev
        eval "$change"
        cd /
        mount --rbind $dev /dev
        exec "$@"
        """;

    /** The packaged javisor where everybody may read it; outside a checkout it builds nothing. */
    @TempDir
    private static Path installed = Path.of("");

    private static Path launcher = Path.of("");
    private static Path kernel = Path.of("");

    @BeforeAll
    static void install() throws IOException {
        Root.openToAll(installed);
        launcher = Files.copy(Checkout.LAUNCHER, installed.resolve("javisor"));
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path built = Checkout.DIRECTORY.resolve("cli/target/javisor");
        Root.copy(built.resolve("lib"), installed.resolve("lib"));
        Root.copy(built.resolve("native"), installed.resolve("native"));
        Path _ = Files.copy(built.resolve("jvm.options"), installed.resolve("jvm.options"));
        kernel = TinyKernel.writeTo(installed);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "true                                 | cannot open /dev/kvm: ENOENT | modprobe kvm_intel",
                "touch kvm; mount --bind /dev/null kvm | /dev/kvm | not Linux KVM",
                "echo text >kvm                       | /dev/kvm | not Linux KVM",
            })
    void kvmIsNotThere(String change, String what, String advice, @TempDir Path dev) throws Exception {
        Root.assumeAvailable();
        Program.run(Root.withPrivateMounts(
                        WITH_OWN_DEV, dev, change, launcher, "run", "--accel", "kvm", "--kernel", kernel))
                .assertFailed(125, "javisor: ", what, advice);
    }

    @Test
    void kvmIsForOthersOnly(@TempDir Path dev) throws Exception {
        Root.assumeAvailable();
        String change = "mknod -m 660 kvm c 10 232"; // as udev makes it: root's, and a group's
        List<String> run = Root.asNobody(launcher, "run", "--accel", "kvm", "--kernel", kernel);
        Program.run(Root.withPrivateMounts(WITH_OWN_DEV, dev, change, run))
                .assertFailed(125, "javisor: cannot open /dev/kvm: EACCES", "sudo usermod -aG kvm $USER");
    }

    @Test
    void unreadableImages() throws Exception {
        Root.assumeAvailable();
        Path secret = Files.copy(kernel, installed.resolve("secret"));
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        Program.run(Root.asNobody(launcher, "run", "--accel", "software", "--kernel", secret))
                .assertFailed(125, "javisor: kernel " + secret + " is not readable", "chmod a+r " + secret);
        Program.run(Root.asNobody(launcher, "run", "--accel", "software", "--kernel", kernel, "--initrd", secret))
                .assertFailed(125, "javisor: initrd " + secret + " is not readable", "chmod a+r " + secret);
    }

    @Test
    void unreadableConfiguration() throws Exception {
        Root.assumeAvailable();
        Path secret = Files.writeString(installed.resolve("secret.json"), "{}");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        Program.run(Root.asNobody(launcher, "run", "--accel", "software", "--config", secret))
                .assertFailed(125, "javisor: config " + secret + " is not readable", "chmod a+r " + secret);
    }

    @Test
    void imageInAnUnreadableDirectory() throws Exception {
        Root.assumeAvailable();
        Path secret = Files.createDirectory(
                installed.resolve("secrets"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Program.run(Root.asNobody(launcher, "run", "--accel", "software", "--kernel", secret.resolve("kernel")))
                .assertFailed(125, "javisor: kernel " + secret.resolve("kernel") + " is not readable");
    }

    /** More than the 128 TiB that a process on x86-64 can map, however freely the host promises memory. */
    @ParameterizedTest
    @ValueSource(strings = {"anon", "memfd"})
    void moreMemoryThanTheHostCanMap(String backing) throws Exception {
        Program.run(Root.command(launcher, "run", "--memory", "200T", "--memory-backing", backing, "--kernel", kernel))
                .assertFailed(125, "javisor: guest memory of 204800 GiB is more than the host can map");
    }
}
