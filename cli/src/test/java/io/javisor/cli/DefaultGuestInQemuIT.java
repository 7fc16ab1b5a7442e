package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The default guest on QEMU's software emulation, which needs neither KVM nor an engine of ours: on a PC with virtio over PCI, and on a machine that
 * has virtio over MMIO by its DSDT, as javisor's has. Makes the guest where it is not cached yet.
 */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class DefaultGuestInQemuIT {
    private static final Path QEMU = Path.of("/usr/bin/qemu-system-x86_64");
    private static final Path BUSYBOX = Path.of("/bin/busybox");
    private static final String COMMAND_LINE = "console=ttyS0 reboot=k panic=-1 quiet cryptomgr.notests ";
    private static final List<String> PC = List.of("-M", "q35", "-smp", "2");

    /** It has no timer to measure the processor's clock with, so its clock counts instructions. */
    private static final List<String> MICROVM =
            List.of("-M", "microvm,acpi=on,isa-serial=on,rtc=on,x-option-roms=off", "-icount", "shift=0,sleep=off");

    /** In QEMU's console, which is multiplexed with the guest's: to the monitor and back. */
    private static final String MONITOR = "\u0001c";

    /** A boot takes some seconds of an idle processor. */
    private static final int WAIT_SECONDS = 240;

    @TempDir
    private Path directory = Path.of("");

    @BeforeAll
    static void qemuIsThere() {
        for (Path program : List.of(QEMU, BUSYBOX)) {
            boolean there = Files.isExecutable(program);
            String message = program + " is not there: install qemu-system-x86 and busybox-static";
            if (!there && "true".equals(System.getenv("CI"))) {
                fail(message);
            }
            assumeTrue(there, message);
        }
    }

    private static GuestSession boot(List<String> machine, String parameters, Object... devices) throws Exception {
        Path guest = GuestSession.defaultGuest();
        return GuestSession.run(
                Map.of(),
                Root.command(
                        QEMU,
                        machine,
                        List.of("-accel", "tcg", "-cpu", "max", "-m", "512M"),
                        List.of("-display", "none", "-serial", "mon:stdio", "-no-reboot"),
                        List.of("-kernel", guest.resolve("vmlinuz"), "-initrd", guest.resolve("initramfs.cpio")),
                        List.of("-append", COMMAND_LINE + parameters),
                        devices));
    }

    @Test
    void shellNetworkAndPowerButton() throws Exception {
        try (GuestSession guest = boot(
                PC,
                "ip=dhcp TERM=vt220",
                "-nic",
                "user,restrict=on,model=virtio-net-pci",
                "-device",
                "virtio-rng-pci")) {
            guest.await("eth0: ipaddr=10.0.2.15, mask=255.255.255.0", WAIT_SECONDS);
            guest.await("javisor guest ready", WAIT_SECONDS);
            guest.type("read -r rng </sys/class/misc/hw_random/rng_current; echo rng=$rng cpus=$(nproc) term=$TERM.");
            guest.await("rng=virtio_rng.0 cpus=2 term=vt220.", WAIT_SECONDS);
            // No process is left for process 1 to reap.
            guest.type("(sleep 0 & exec true); sleep 0.1; grep -l '^State:.Z' /proc/[0-9]*/status; echo zom'bies'=$?");
            guest.await("zombies=1", WAIT_SECONDS);
            guest.type(MONITOR + "system_powerdown");
            guest.await("reboot: Power down", WAIT_SECONDS);
            assertEquals(0, guest.awaitEnd(WAIT_SECONDS));
        }
    }

    /** It gets the kernel's arguments, a root that can be written to, only /dev mounted, and modules for what it asks for later. */
    @Test
    void initOnADiskOverMmio() throws Exception {
        Path disk = makeDisk("""
            #!/bin/busybox sh
            echo "disk: $* pid=$$ term=$TERM proc=$(busybox ls /proc | busybox wc -l)"
            busybox mount -t proc proc /proc
            busybox mount -t overlay -o lowerdir=/bin:/sbin overlay /mnt && echo overlay=mounted
            echo kept >/kept && busybox sync && busybox mount -o remount,ro / && busybox poweroff -f
            """);
        try (GuestSession guest =
                boot(MICROVM, "root=/dev/vda rw TERM=vt220 -- single", "-nic", "none", virtioDisk(disk))) {
            guest.await("disk: single pid=1 term=vt220 proc=0", WAIT_SECONDS);
            guest.await("overlay=mounted", WAIT_SECONDS);
            guest.await("reboot: Power down", WAIT_SECONDS);
            assertEquals(0, guest.awaitEnd(WAIT_SECONDS));
        }
        Program.Result check = Program.run("/usr/sbin/e2fsck", "-fn", disk.toString());
        assertEquals(0, check.status(), check::toString);
        try (GuestSession guest =
                boot(MICROVM, "root=LABEL=small init=/bin/sh rootfstype=ext4", "-nic", "none", virtioDisk(disk))) {
            guest.await("# ", WAIT_SECONDS);
            guest.type("read -r line </kept; echo line=$line; echo x >/kept || echo read'only'");
            guest.await("line=kept", WAIT_SECONDS);
            guest.await("readonly", WAIT_SECONDS);
            guest.type("busybox poweroff -f");
            assertEquals(0, guest.awaitEnd(WAIT_SECONDS));
        }
    }

    /** It ends as a kernel without an initramfs does that finds no root. */
    @Test
    void rootThatIsNotThere() throws Exception {
        try (GuestSession guest = boot(MICROVM, "root=/dev/vdz rootwait=0", "-nic", "none", virtioDisk(makeDisk("")))) {
            guest.await("init: root=/dev/vdz: there is no such device; those that are there: vda", WAIT_SECONDS);
            guest.await("Kernel panic", WAIT_SECONDS);
            assertEquals(0, guest.awaitEnd(WAIT_SECONDS));
        }
    }

    private static List<String> virtioDisk(Path disk) {
        return List.of("-drive", "file=" + disk + ",if=none,id=d,format=raw", "-device", "virtio-blk-device,drive=d");
    }

    private Path makeDisk(String init) throws IOException, InterruptedException {
        Path tree = directory.resolve("tree");
        for (String name : List.of("bin", "sbin", "dev", "proc", "lib", "mnt")) {
            Files.createDirectories(tree.resolve(name));
        }
        Files.copy(BUSYBOX, tree.resolve("bin/busybox"));
        Files.createSymbolicLink(tree.resolve("bin/sh"), Path.of("busybox"));
        Files.createSymbolicLink(tree.resolve("sbin/modprobe"), Path.of("../bin/busybox"));
        assertTrue(Files.writeString(tree.resolve("sbin/init"), init).toFile().setExecutable(true));
        Path disk = directory.resolve("disk.ext4");
        Program.Result made = Program.run(
                "/usr/sbin/mke2fs", "-q", "-t", "ext4", "-L", "small", "-d", tree.toString(), disk.toString(), "32M");
        assertEquals(0, made.status(), made::toString);
        return disk;
    }
}
