package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.javisor.core.cpu.HostCpu;
import io.javisor.testkit.host.NetNamespace;
import io.javisor.testkit.junit.TapTest;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Debian with systemd, on a host without KVM by the software engine: first as the root of the default guest's kernel, where Debian's own update-grub writes the
 * menu, then in an image with partitions, by that menu, with the kernel and initrd that Debian's packages made. {@code guest/make-rootfs} keeps the unpacked
 * packages in the user's cache, so they are made once. The host's side of the network is in a namespace of the test's.
 */
@TapTest
@Timeout(value = 30, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SystemdIT {
    private static final int MAKE_SECONDS = 1200;

    /** For what takes seconds on an idle host. */
    private static final int SECONDS = 600;

    private static final int SIZE_MIB = 1536;
    private static final long MIB = 1 << 20;
    private static final String PACKAGES =
            "linux-image-amd64,initramfs-tools,zstd,grub2-common,grub-pc-bin,openssl,wget";

    @TempDir
    private static Path directory = Path.of("");

    private static Path root = Path.of("");

    private NetNamespace host;

    @BeforeAll
    static void makeRoot() throws Exception {
        Root.assumeAvailable();
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/passt")), "needs passt");
        // Before a boot, whose namespace has no way to Debian's packages.
        var _ = GuestSession.defaultGuest();
        root = directory.resolve("full.ext4");
        run(
                MAKE_SECONDS,
                Checkout.DIRECTORY.resolve("guest/make-rootfs"),
                root,
                List.of("--init", "systemd", "--size", SIZE_MIB + "M", "--include", PACKAGES));
    }

    /** A host on a network 10.77.0.0/24, which passt gives to the guest; the guest finds the host at the gateway's address. */
    @BeforeEach
    void makeHost() throws Exception {
        host = NetNamespace.create();
        host.run("ip", "link", "set", "lo", "up");
        host.run("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1");
        host.run("ip", "link", "set", "v0", "up");
        host.run("ip", "link", "set", "v1", "up");
        host.run("ip", "addr", "add", "10.77.0.5/24", "dev", "v0");
        host.run("ip", "route", "add", "default", "via", "10.77.0.1");
    }

    @AfterEach
    void removeHost() {
        host.close();
    }

    private static String run(int seconds, Object... command) throws Exception {
        try (Program program = Program.start(Root.command(command))) {
            Program.Result result = program.awaitEnd(seconds);
            assertEquals(0, result.status(), result::toString);
            return result.out();
        }
    }

    private GuestSession boot(Path disk) throws Exception {
        // CryptoServer's address is the loopback interface's, which a guest gets by asking only.
        return host.call(() -> GuestSession.start("--disk", disk.toString(), "--net", "user,host-loopback=on"));
    }

    private static void logIn(GuestSession session) throws Exception {
        session.await("debian login: ", SECONDS);
        session.type("root");
        session.await(":~# ", SECONDS);
        // Neither escapes for a prompt nor lines that are wrapped.
        session.type(
                "PS1='# '; export SYSTEMD_PAGER=cat; bind 'set enable-bracketed-paste off'; stty -echo cols 500; echo"
                        + " rea'dy'.");
        session.await("ready.", SECONDS);
    }

    private static void powerOff(GuestSession session) throws Exception {
        session.type("poweroff");
        session.await("reboot: Power down", SECONDS);
        assertEquals(ExitStatus.POWER_OFF, session.awaitEnd(SECONDS));
    }

    /** What a command prints. */
    private static String ask(GuestSession session, String command) throws Exception {
        session.type(command + "; echo; echo do'ne'.");
        return session.awaitAndTake("done.", SECONDS)
                .replace("\r", "")
                .replace("# ", "")
                .strip();
    }

    @Test
    void fromTheDefaultKernelAndFromItsOwnMenuToItsLoginAndOut() throws Exception {
        try (CryptoServer server = host.call(CryptoServer::new)) {
            bootByTheDefaultKernel(server);
            bootByItsOwnMenu(server);
        }
    }

    /** To its login, over the network, through OpenSSL's ways to compute, and out. */
    private void bootByTheDefaultKernel(CryptoServer server) throws Exception {
        try (GuestSession session = boot(root)) {
            logIn(session);
            assertEquals("systemd", ask(session, "cat /proc/1/comm"));
            if (HostCpu.flags(HostCpu.CPUINFO).contains("avx2")) {
                assertEquals("avx2", ask(session, "grep -m 1 -ow avx2 /proc/cpuinfo"));
            }
            assertEquals("", ask(session, "systemctl --failed --no-legend"));
            assertEquals("ro", ask(session, "findmnt -no OPTIONS /lib/modules/$(uname -r) | cut -c1-2"));
            String fetch = "wget -qO check http://%s:%d/check".formatted(CryptoServer.ADDRESS, server.port());
            server.assertRight(ask(session, fetch + " && sh check"));
            assertTrue(ask(session, "mkdir -p /boot/grub && update-grub").contains("Found linux image"));
            powerOff(session);
        }
        run(SECONDS, "/usr/sbin/e2fsck", "-fn", root);
    }

    /** GPT, ext4, the grub.cfg that Debian wrote, its kernel and its initrd; nothing but the image is named. */
    private void bootByItsOwnMenu(CryptoServer server) throws Exception {
        Path disk = partitioned();
        try (GuestSession session = boot(disk)) {
            logIn(session);
            assertEquals("/dev/vda1 rw", ask(session, "echo $(findmnt -no SOURCE,OPTIONS / | cut -d, -f1)"));
            assertTrue(ask(session, "cat /proc/cmdline").contains("root=UUID="));
            assertEquals("there", ask(session, "[ -e /boot/vmlinuz-$(uname -r) ] && echo there"));
            assertEquals("", ask(session, "systemctl --failed --no-legend"));
            String fetch = "wget -qO- http://%s:%d/file".formatted(CryptoServer.ADDRESS, server.port());
            assertEquals(server.fileDigest(), ask(session, fetch + " | sha256sum | cut -c1-64"));
            powerOff(session);
        }
        run(SECONDS, "/usr/sbin/e2fsck", "-fn", disk + "?offset=" + MIB);
    }

    private static Path partitioned() throws Exception {
        Path disk = directory.resolve("disk.img");
        try (FileChannel file = FileChannel.open(
                disk, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
            file.write(ByteBuffer.allocate(1), (SIZE_MIB + 2) * MIB - 1);
        }
        Path table = Files.writeString(
                directory.resolve("table"), "label: gpt\nstart=2048, size=%dMiB, type=L\n".formatted(SIZE_MIB));
        run(SECONDS, "sh", "-c", "exec /usr/sbin/sfdisk -q $0 < $1", disk, table);
        run(SECONDS, "dd", "if=" + root, "of=" + disk, "bs=1M", "seek=1", "conv=sparse,notrunc", "status=none");
        return disk;
    }
}
