package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.testkit.junit.KvmTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The default guest, which is Debian's stock kernel, by the launcher: few boots, that the emulated host has time for too. */
@KvmTest
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class WholeRunsIT {
    private static final String READY = "javisor guest ready";
    private static final int SECONDS = 400;

    @TempDir
    private Path directory = Path.of("");

    @Test
    void twoCpusToTheShellAndOut() throws Exception {
        try (MachineHome home = new MachineHome();
                GuestSession session = GuestSession.start(home.environment(), "--cpus", "2")) {
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
                GuestSession session = GuestSession.start(home.environment(), "--name", "whole")) {
            session.await(READY, SECONDS);
            session.type("touch /before; reboot -f");
            session.await(READY, SECONDS);
            session.type("[ -e /before ] || echo memory=$((6 * 7))");
            session.await("memory=42", SECONDS);
            Program.Result stop = home.javisor(SECONDS, "stop", "--timeout", "" + SECONDS, "whole");
            assertEquals(new Program.Result(0, "whole\n", ""), stop);
            session.await("reboot: Power down", SECONDS);
            assertEquals(ExitStatus.POWER_OFF, session.awaitEnd(SECONDS));
        }
    }

    @Test
    void whatItWritesToADiskIsThere() throws Exception {
        Path disk = directory.resolve("disk");
        run("truncate", "--size", "16M", disk.toString());
        run("mkfs.ext4", "-q", "-F", disk.toString());
        Path guest = GuestSession.defaultGuest();
        try (MachineHome home = new MachineHome();
                GuestSession session = GuestSession.start(
                        home.environment(),
                        "--kernel",
                        guest.resolve("vmlinuz").toString(),
                        "--initrd",
                        guest.resolve("initramfs.cpio").toString(),
                        "--cmdline",
                        "console=ttyS0 panic=-1",
                        "--disk",
                        disk.toString())) {
            session.await(READY, SECONDS);
            session.type("mkdir -p /mnt && mount -t ext4 /dev/vda /mnt && echo hello >/mnt/file && umount /mnt && echo"
                    + " disk=$((6 * 7))");
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
