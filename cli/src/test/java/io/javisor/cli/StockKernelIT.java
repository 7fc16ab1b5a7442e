package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.testing.KvmTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whole runs by the launcher of Debian's stock cloud kernel with a busybox of its own: few boots, that the emulated host has time for
 * too. The kernel is quiet, because there each character on the console costs milliseconds.
 */
@KvmTest
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class StockKernelIT {
    private static final String READY = "stock guest ready";
    private static final int SECONDS = 400;

    @TempDir
    private Path directory = Path.of("");

    private static GuestSession start(MachineHome home, String... options) throws Exception {
        Path files = Path.of(
                run(Checkout.DIRECTORY.resolve("lab/stock-guest").toString()).strip());
        List<String> arguments = new ArrayList<>(List.of(
                "--memory",
                "256M",
                "--kernel",
                files.resolve("vmlinuz").toString(),
                "--initrd",
                files.resolve("initramfs.cpio").toString(),
                "--cmdline",
                "console=ttyS0 quiet panic=-1"));
        arguments.addAll(List.of(options));
        return GuestSession.start(home.environment(), arguments.toArray(String[]::new));
    }

    @Test
    void twoCpusToTheShellAndOut() throws Exception {
        try (MachineHome home = new MachineHome();
                GuestSession session = start(home, "--cpus", "2")) {
            session.await(READY, SECONDS);
            session.type("echo cpus=$(nproc).");
            session.await("cpus=2.", SECONDS);
            session.type("exit");
            assertEquals(ExitStatus.POWER_OFF, session.awaitEnd(SECONDS));
        }
    }

    @Test
    void itsResetStartsItAgainAndThePowerButtonEndsIt() throws Exception {
        try (MachineHome home = new MachineHome();
                GuestSession session = start(home, "--name", "stock")) {
            session.await(READY, SECONDS);
            session.type("touch /before; reboot -f");
            session.await(READY, SECONDS);
            session.type("[ -e /before ] || echo memory=$((6 * 7))");
            session.await("memory=42", SECONDS);
            Program.Result stop = home.javisor(SECONDS, "stop", "--timeout", "" + SECONDS, "stock");
            assertEquals(new Program.Result(0, "stock\n", ""), stop);
            session.await("reboot: Power down", SECONDS);
            assertEquals(ExitStatus.POWER_OFF, session.awaitEnd(SECONDS));
        }
    }

    @Test
    void whatItWritesToADiskIsThere() throws Exception {
        Path disk = directory.resolve("disk");
        run("truncate", "--size", "16M", disk.toString());
        run("mkfs.ext4", "-q", "-F", disk.toString());
        try (MachineHome home = new MachineHome();
                GuestSession session = start(home, "--disk", disk.toString())) {
            session.await(READY, SECONDS);
            session.type("mount -t ext4 /dev/vda /mnt && echo hello >/mnt/file && umount /mnt && echo disk=$((6 * 7))");
            session.await("disk=42", SECONDS);
            session.type("exit");
            assertEquals(ExitStatus.POWER_OFF, session.awaitEnd(SECONDS));
        }
        run("e2fsck", "-f", "-n", disk.toString());
        assertEquals("hello\n", run("debugfs", "-R", "cat /file", disk.toString()));
        assertTrue(Files.size(disk) == 16 << 20, "as large as before");
    }

    private static String run(String... command) throws Exception {
        try (Program program = Program.start(List.of(command))) {
            Program.Result result = program.awaitEnd(SECONDS);
            assertEquals(0, result.status(), result::toString);
            return result.out();
        }
    }
}
