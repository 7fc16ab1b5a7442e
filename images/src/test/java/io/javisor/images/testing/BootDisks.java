package io.javisor.images.testing;

import io.javisor.images.disk.Partition;
import io.javisor.testkit.image.DiskBuilder;
import io.javisor.testkit.image.ExtBuilder;
import io.javisor.testkit.image.GrubSamples;

/** Small disks that boot, by the tests' own builders. */
public final class BootDisks {
    private BootDisks() {}

    /** A root file system with kernels 1 and 2, as a distribution's, without a boot loader's configuration. */
    public static ExtBuilder root(ExtBuilder builder) {
        return builder.file("/etc/hostname", "box\n")
                .directory("/usr")
                .file("/boot/vmlinuz-1", "\u007fELFkernel one")
                .file("/boot/initrd.img-1", "initrd one")
                .file("/boot/vmlinuz-2", "\u007fELFkernel two")
                .file("/boot/initrd.img-2", "initrd two")
                .link("/vmlinuz", "boot/vmlinuz-2");
    }

    /** A GPT with such a root that GRUB boots. */
    public static byte[] grub() {
        ExtBuilder files = root(ExtBuilder.ext4()).file("/boot/grub/grub.cfg", GrubSamples.debian(ExtBuilder.UUID));
        return new DiskBuilder()
                .partition(DiskBuilder.LINUX_TYPE, files.bytes())
                .gpt();
    }

    /** A GPT with an empty root, and entries in an Extended Boot Loader Partition. */
    public static byte[] bls() {
        ExtBuilder boot = ExtBuilder.ext4(64)
                .file("/vmlinuz-1", "kernel one")
                .file("/initrd-1", "initrd one")
                .file("/ucode", "u")
                .file(
                        "/loader/entries/m-1.conf",
                        "title One\nlinux /vmlinuz-1\ninitrd /ucode\ninitrd /initrd-1\noptions root=LABEL=box ro\n")
                .file("/loader/entries/m-2.conf", "title Gone\nlinux /vmlinuz-2\n");
        return new DiskBuilder()
                .partition(
                        Partition.ROOT_X86_64_TYPE,
                        ExtBuilder.ext2().directory("/etc").directory("/usr").bytes())
                .partition(Partition.XBOOTLDR_TYPE, boot.bytes())
                .gpt();
    }

    /** An MBR with a root whose kernels have nothing but names. */
    public static byte[] names() {
        return new DiskBuilder().partition("", root(ExtBuilder.ext2()).bytes()).mbr();
    }
}
