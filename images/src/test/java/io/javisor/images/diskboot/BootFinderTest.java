package io.javisor.images.diskboot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.images.ByteSource;
import io.javisor.images.ImageException;
import io.javisor.images.disk.BootFiles;
import io.javisor.images.disk.Partition;
import io.javisor.images.testing.BootDisks;
import io.javisor.testkit.image.DiskBuilder;
import io.javisor.testkit.image.ExtBuilder;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BootFinderTest {
    private static final long LIMIT = 1 << 20;

    private static ByteSource disk(byte[] bytes) {
        return ByteSource.of("disk box.raw", MemorySegment.ofArray(bytes));
    }

    private static BootFiles find(byte[] bytes) {
        return BootFinder.find(disk(bytes)).orElseThrow();
    }

    private static String refusal(byte[] bytes) {
        String message = String.valueOf(assertThrows(ImageException.class, () -> BootFinder.find(disk(bytes)))
                .getMessage());
        assertEquals(1, message.lines().count(), message);
        return message;
    }

    private static String text(@Nullable ByteSource file) {
        return file == null
                ? "none"
                : new String(
                                file.load(Arena.ofAuto(), LIMIT).bytes().toArray(ValueLayout.JAVA_BYTE),
                                StandardCharsets.ISO_8859_1)
                        .replaceFirst("^\u007fELF", "");
    }

    @Test
    void bootsByGrub() {
        BootFiles found = find(BootDisks.grub());
        assertEquals("kernel two", text(found.loadKernel(Arena.ofAuto(), LIMIT)));
        assertEquals("initrd two", text(found.initrd()));
        assertEquals(
                "/boot/vmlinuz-2 in disk box.raw, partition 1", found.kernel().name());
        assertEquals(
                "root=UUID=%s ro console=tty0 console=ttyS0,115200".formatted(ExtBuilder.UUID), found.commandLine());
        assertEquals(List.of(), found.notes());
    }

    @Test
    void bootsByEntriesInABootPartition() {
        BootFiles found = find(BootDisks.bls());
        assertEquals("kernel one", text(found.loadKernel(Arena.ofAuto(), LIMIT)));
        // The first archive is padded to where the next may start.
        assertEquals("u\0\0\0initrd one\0\0", text(found.initrd()));
        assertEquals("root=LABEL=box ro", found.commandLine());
        assertEquals("entry 'One' in /loader/entries of partition 2", found.description());
    }

    @Test
    void bootsTheNewestKernelByItsName() {
        BootFiles found = find(BootDisks.names());
        assertEquals("kernel two", text(found.loadKernel(Arena.ofAuto(), LIMIT)));
        assertEquals("initrd two", text(found.initrd()));
        assertEquals("root=PARTUUID=deadbeef-01 ro", found.commandLine());
        assertTrue(found.notes().getFirst().contains("made up"), found.notes().toString());
    }

    @Test
    void takesTheRootPartitionForAKernelElsewhere() {
        byte[] boot = ExtBuilder.ext4(64).file("/vmlinuz-3", "\u007fELFthree").bytes();
        byte[] root = ExtBuilder.ext4().directory("/etc").directory("/sbin").bytes();
        BootFiles found =
                find(new DiskBuilder().partition("", boot).partition("", root).mbr());
        assertEquals("root=PARTUUID=deadbeef-02 ro", found.commandLine());
        assertNull(found.initrd());

        byte[] typed = new DiskBuilder()
                .partition(DiskBuilder.LINUX_TYPE, boot)
                .partition(Partition.ROOT_X86_64_TYPE, new byte[4096])
                .gpt();
        assertEquals(
                "root=PARTUUID=%s ro".formatted(DiskBuilder.gptUuid(2)),
                find(typed).commandLine());

        String message = refusal(new DiskBuilder().partition("", boot).mbr());
        assertTrue(message.contains("a kernel is in partition 1, but no root file system was found"), message);
    }

    @Test
    void takesALinkWhereNamesHaveNoVersion() {
        byte[] root = ExtBuilder.ext4()
                .directory("/etc")
                .directory("/usr")
                .file("/kernels/k", "\u007fELFplain")
                .link("/vmlinuz", "/kernels/k")
                .file("/initrd.img", "i")
                .bytes();
        BootFiles found = find(new DiskBuilder().partition("", root).mbr());
        assertEquals("plain", text(found.loadKernel(Arena.ofAuto(), LIMIT)));
        assertEquals("i", text(found.initrd()));
    }

    @Test
    void asksABootPartitionFirst() {
        ExtBuilder hidden =
                BootDisks.root(ExtBuilder.ext4()).file("/boot/grub/grub.cfg", "linux /boot/vmlinuz-1 hidden\n");
        ExtBuilder boot =
                ExtBuilder.ext4(64).file("/vmlinuz-9", "nine").file("/grub/grub.cfg", "linux /vmlinuz-9 shown\n");
        byte[] disk = new DiskBuilder()
                .partition("", hidden.bytes())
                .partition("", boot.bytes())
                .mbr();
        assertEquals("shown", find(disk).commandLine());
    }

    @Test
    void goesOnWhereABootLoaderLeadsNowhere() {
        byte[] root = BootDisks.root(ExtBuilder.ext4())
                .file("/boot/grub/grub.cfg", "if [ x ]; then")
                .file("/boot/loader/entries/a.conf", "linux /gone\n")
                .bytes();
        BootFiles found = find(new DiskBuilder().partition("", root).mbr());
        assertEquals("kernel two", text(found.loadKernel(Arena.ofAuto(), LIMIT)));
        // Why it is not what the boot loader would start.
        assertEquals(
                List.of(
                        "/boot/grub/grub.cfg in partition 1, line 1: 'fi' is missing",
                        "entry 'a' names files that are not in partition 1",
                        "the kernel was chosen by its name, and its command line is made up: root=PARTUUID=deadbeef-01"
                                + " ro"),
                found.notes());
    }

    @Test
    void seesThatADiskIsNotPartitioned() {
        assertTrue(
                BootFinder.find(disk(BootDisks.root(ExtBuilder.ext4()).bytes())).isEmpty());
        assertTrue(BootFinder.find(disk(new byte[1 << 16])).isEmpty());
        assertTrue(BootFinder.find(disk(new byte[0])).isEmpty());
    }

    @Test
    void saysWhatItLookedForInVain() {
        byte[] xfs = new byte[4096];
        System.arraycopy("XFSB".getBytes(StandardCharsets.US_ASCII), 0, xfs, 0, 4);
        byte[] broken = ExtBuilder.ext4().bytes();
        broken[ExtBuilder.SUPERBLOCK + 0x18] = 99;
        String message = refusal(new DiskBuilder()
                .partition("", xfs)
                .partition("", new byte[512])
                .partition("", ExtBuilder.ext4().bytes())
                .partition("", broken)
                .mbr());
        assertEquals(
                "disk box.raw: it is partitioned, but no kernel was found: looked for grub.cfg, loader/entries/*.conf,"
                    + " extlinux.conf and vmlinuz-* in partition 1 (XFS), 2 (nothing known), 3 (ext2, ext3 or ext4), 4"
                    + " (ext2, ext3 or ext4) (disk box.raw, partition 4: its ext4 superblock is damaged:"
                    + " s_log_block_size is 99; try: e2fsck); give --kernel",
                message);
    }

    @Test
    void passesByWhatIsNoKernel() {
        ExtBuilder root = BootDisks.root(ExtBuilder.ext4())
                .file("/boot/vmlinuz-3.dpkg-tmp", "\u007fELF")
                .file("/boot/vmlinuz-3.rpmsave", "\u007fELF")
                .file("/boot/vmlinuz-3.old", "\u007fELF")
                .file("/boot/vmlinuz-3~", "\u007fELF")
                .file("/boot/vmlinuz-0-rescue-1", "\u007fELF")
                .file("/boot/vmlinuz-5", "text")
                .file("/boot/vmlinuz-4", new byte[1024])
                .file("/boot/vmlinuz-6", "")
                .directory("/boot/vmlinuz-7")
                .link("/boot/vmlinuz-8", "gone");
        BootFiles found = find(new DiskBuilder().partition("", root.bytes()).mbr());
        assertEquals("kernel two", text(found.loadKernel(Arena.ofAuto(), LIMIT)));
        assertEquals(
                List.of(
                        "/boot/vmlinuz-6 in partition 1 is no kernel",
                        "/boot/vmlinuz-5 in partition 1 is no kernel",
                        "/boot/vmlinuz-4 in partition 1 is no kernel"),
                found.notes().subList(0, 3));
        byte[] bzImage = new byte[0x206];
        System.arraycopy("HdrS".getBytes(StandardCharsets.US_ASCII), 0, bzImage, 0x202, 4);
        root.file("/boot/vmlinuz-9", bzImage);
        assertEquals(
                "/boot/vmlinuz-9 in disk box.raw, partition 1",
                find(new DiskBuilder().partition("", root.bytes()).mbr())
                        .kernel()
                        .name());
    }

    @Test
    void saysWhatOfOtherBootLoadersItDoesNotRead() {
        ExtBuilder root = BootDisks.root(ExtBuilder.ext4())
                .file("/boot/grub/menu.lst", "x")
                .file("/boot/kernel-6.1", "x");
        List<String> notes =
                find(new DiskBuilder().partition("", root.bytes()).mbr()).notes();
        assertEquals("/boot/grub/menu.lst in partition 1 is not read", notes.getFirst());
        assertEquals("kernel-6.1 in /boot of partition 1 may be a kernel, but is not looked at", notes.get(1));
        root = ExtBuilder.ext4().file("/bzImage", "x");
        String message = refusal(new DiskBuilder().partition("", root.bytes()).mbr());
        assertTrue(message.contains("(bzImage in / of partition 1 may be a kernel, but is not looked at)"), message);
    }

    @Test
    void knowsAnInstallersImage() {
        byte[] iso = new DiskBuilder().partition("", new byte[1 << 16]).mbr();
        System.arraycopy("CD001".getBytes(StandardCharsets.US_ASCII), 0, iso, 0x8001, 5);
        String expected = "disk box.raw: it is an ISO image, as installers are on";
        assertTrue(refusal(iso).startsWith(expected), refusal(iso));
        // Its partition may begin where it does itself, or behind what was downloaded of it.
        DiskBuilder.mbrEntry(ByteBuffer.wrap(iso).order(ByteOrder.LITTLE_ENDIAN), 0, 0, 0x17, 0, 64);
        assertTrue(refusal(iso).startsWith(expected), refusal(iso));
        DiskBuilder.mbrEntry(ByteBuffer.wrap(iso).order(ByteOrder.LITTLE_ENDIAN), 0, 1, 0xEF, 1 << 20, 64);
        assertTrue(refusal(iso).startsWith(expected), refusal(iso));
        DiskBuilder.mbrEntry(ByteBuffer.wrap(iso).order(ByteOrder.LITTLE_ENDIAN), 0, 2, 0xEE, 1, 64);
        assertTrue(refusal(iso).startsWith(expected), refusal(iso));
    }

    @Test
    void keepsNamesFromTheDiskToOneLine() {
        ExtBuilder files = BootDisks.root(ExtBuilder.ext4())
                .file("/boot/grub/grub.cfg", "menuentry 'a\nb\u001b[2J' { linux /boot/vmlinuz-1 }");
        BootFiles found = find(new DiskBuilder().partition("", files.bytes()).mbr());
        assertEquals("GRUB entry 'a?b?[2J' of /boot/grub/grub.cfg in partition 1", found.description());
        files = ExtBuilder.ext4().file("/boot/grub/grub.cfg", "menuentry x { linux '/\n\u0007' }");
        assertTrue(refusal(new DiskBuilder().partition("", files.bytes()).mbr()).contains("missing is /??, which"));
    }

    @Test
    void holdsLoadingToALimit() {
        BootFiles found = find(BootDisks.bls());
        assertThrows(ImageException.class, () -> found.loadKernel(Arena.ofAuto(), 9));
    }
}
