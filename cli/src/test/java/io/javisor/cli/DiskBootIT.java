package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Debian from a disk, by the launcher as a user starts it, in two boots: its login, an image that brings its own kernel, a machine that is killed. */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class DiskBootIT {
    private static final int SYNCED_FILES = 8;
    private static final long PARTITION_OFFSET = 1 << 20;
    private static final int ROOT_SIZE_MIB = 320;

    @TempDir
    private static Path directory = Path.of("");

    private static Path root = Path.of("");

    @BeforeAll
    static void makeRoot() throws Exception {
        Root.assumeAvailable();
        root = directory.resolve("root.ext4");
        run(600, Checkout.DIRECTORY.resolve("guest/make-rootfs"), root, "--size", ROOT_SIZE_MIB + "M");
    }

    private static String run(int seconds, Object... command) throws Exception {
        try (Program program = Program.start(Root.command(command))) {
            Program.Result result = program.awaitEnd(seconds);
            assertEquals(0, result.status(), result::toString);
            return result.out();
        }
    }

    /**
     * An image brings its own kernel: GPT, GRUB's configuration and the kernel in it, and nothing but the image is named. It is killed, and what was
     * fsynced is there by the journal, for the default guest too, which starts the bare file system; and that is clean when the machine was stopped.
     */
    @Test
    void anImageWithItsOwnKernelIsKilledAndRecovers() throws Exception {
        Path disk = partitioned(withKernel());
        try (GuestSession session = GuestSession.start("--disk", disk.toString())) {
            session.await("EXT4-fs (vda1): mounted filesystem", GuestSession.BOOT_SECONDS);
            logIn(session);
            session.type("read -r v < /etc/hostname; echo host=$v.");
            session.await("host=debian.", 60);
            // Not as the echo has it. It never ends by itself.
            session.type("i=0; while :; do i=$((i + 1)); echo line$i > f$i; sync f$i; echo syn'ced'=$i.; done");
            session.await("synced=" + SYNCED_FILES + ".", 240);
            session.kill();
        }
        String root = partition(disk).toString();
        assertTrue(needsRecovery(root), "there is something to recover");
        try (MachineHome home = new MachineHome();
                GuestSession session = GuestSession.start(
                        home.environment(),
                        "--name",
                        "web",
                        "--disk",
                        root,
                        "--cmdline",
                        "console=ttyS0 reboot=k panic=-1 root=/dev/vda rw")) {
            session.await("EXT4-fs (vda): recovery complete", GuestSession.BOOT_SECONDS);
            logIn(session);
            session.type("i=0; while [ $i -lt " + SYNCED_FILES + " ]; do i=$((i + 1)); read -r l < f$i;"
                    + " [ \"$l\" = line$i ] || echo lo'st'=$i; done; echo che'cked'.");
            String found = session.awaitAndTake("checked.", 60);
            assertTrue(!found.contains("lost="), found);
            home.stop("web");
            assertEquals(0, session.awaitEnd(60));
        }
        assertTrue(!needsRecovery(root), "its file system was left whole");
        run(60, "/usr/sbin/e2fsck", "-fn", root);
    }

    private static void logIn(GuestSession session) throws Exception {
        session.await("login: ", GuestSession.BOOT_SECONDS);
        session.type("root");
        session.await("# ", 120);
    }

    private static boolean needsRecovery(String disk) throws Exception {
        return run(60, "/usr/sbin/dumpe2fs", "-h", disk).contains("needs_recovery");
    }

    /** The userland with the default guest's kernel and a menu in it. */
    private static Path withKernel() throws Exception {
        Path guest = GuestSession.defaultGuest();
        Path menu = Files.writeString(directory.resolve("grub.cfg"), """
            set default=1
            menuentry 'not this one' { linux /boot/nothing }
            menuentry 'Debian' {
              linux /boot/vmlinuz root=/dev/vda1 rw console=ttyS0 reboot=k panic=-1
              initrd /boot/initramfs.cpio
            }
            """);
        Path requests = Files.writeString(
                directory.resolve("requests"),
                "mkdir /boot/grub\nwrite %s /boot/vmlinuz\nwrite %s /boot/initramfs.cpio\ncd /boot/grub\nwrite %s grub.cfg\n"
                        .formatted(guest.resolve("vmlinuz"), guest.resolve("initramfs.cpio"), menu));
        run(60, "/usr/sbin/debugfs", "-w", "-f", requests, root);
        return root;
    }

    private static Path partitioned(Path fileSystem) throws Exception {
        Path disk = directory.resolve("disk.img");
        try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
            file.setLength(2 * PARTITION_OFFSET + Files.size(fileSystem));
        }
        Path table = Files.writeString(
                directory.resolve("table"), "label: gpt\nstart=2048, size=%dMiB, type=L\n".formatted(ROOT_SIZE_MIB));
        run(60, "sh", "-c", "exec /usr/sbin/sfdisk -q $0 < $1", disk, table);
        try (FileChannel from = FileChannel.open(fileSystem);
                FileChannel to = FileChannel.open(disk, StandardOpenOption.WRITE)) {
            to.position(PARTITION_OFFSET);
            assertEquals(Files.size(fileSystem), from.transferTo(0, Files.size(fileSystem), to));
        }
        return disk;
    }

    /** The file system in the partition, taken out of the disk. */
    private static Path partition(Path disk) throws Exception {
        Path fileSystem = directory.resolve("partition.ext4");
        long size = (long) ROOT_SIZE_MIB << 20;
        try (FileChannel from = FileChannel.open(disk);
                FileChannel to =
                        FileChannel.open(fileSystem, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            assertEquals(size, from.transferTo(PARTITION_OFFSET, size, to));
        }
        return fileSystem;
    }
}
