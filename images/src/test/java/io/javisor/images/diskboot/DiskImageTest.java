package io.javisor.images.diskboot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.images.ByteSource;
import io.javisor.images.ImageFile;
import io.javisor.images.disk.BootFiles;
import io.javisor.images.disk.PartitionTable;
import io.javisor.testkit.image.ElfBuilder;
import io.javisor.testkit.image.GrubSamples;
import io.javisor.testkit.junit.HostTool;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole disks, as a distribution's cloud image has them: partitions by sfdisk (Debian: fdisk), file systems by mke2fs (e2fsprogs). */
class DiskImageTest {
    private static final long MIB = 1 << 20;
    private static final String ROOT_UUID = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
    private static final String BOOT_UUID = "b0070000-0000-4000-8000-000000000001";

    @TempDir
    private Path directory = Path.of("");

    @BeforeAll
    static void requireTools() {
        HostTool.require("sfdisk", "fdisk");
        HostTool.require("mke2fs", "e2fsprogs");
    }

    private Path disk(long size, String script) throws IOException {
        Path image = directory.resolve("disk.raw");
        try (FileChannel channel = FileChannel.open(image, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(1), size - 1);
        }
        HostTool.run(directory, script, "sfdisk", "-q", "disk.raw");
        return image;
    }

    private void write(String path, byte[] content) throws IOException {
        Path file = directory.resolve(path);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
    }

    private void write(String path, String content) throws IOException {
        write(path, content.getBytes(StandardCharsets.US_ASCII));
    }

    private void format(String tree, String uuid, long offset, long size, String type) {
        HostTool.run(
                directory,
                "",
                "mke2fs -q -F -t %s -U %s -E offset=%d -d %s disk.raw %dk"
                        .formatted(type, uuid, offset, tree, size >> 10)
                        .split(" "));
    }

    private void writeKernels(String boot) throws IOException {
        for (int i = 1; i <= 2; i++) {
            write(boot + "/vmlinuz-" + i, ElfBuilder.pattern(900_000, i));
            write(boot + "/initrd.img-" + i, ElfBuilder.pattern(1_300_000, 10 + i));
        }
    }

    private static void assertBoots(Path image, int kernel, String commandLine) throws IOException {
        try (Fd file = Fd.own("image", Libc.open(image.toString(), HostConstants.O_RDONLY, 0));
                Arena arena = Arena.ofConfined()) {
            BootFiles found = BootFinder.find(ByteSource.of("disk.raw", file, Files.size(image), 1))
                    .orElseThrow();
            assertEquals(commandLine, found.commandLine());
            ImageFile loaded = found.loadKernel(arena, 1 << 24);
            assertEquals(-1, loaded.bytes().mismatch(MemorySegment.ofArray(ElfBuilder.pattern(900_000, kernel))));
            ByteSource initrd = found.initrd();
            assertTrue(initrd != null
                    && initrd.load(arena, 1 << 24)
                                    .bytes()
                                    .mismatch(MemorySegment.ofArray(ElfBuilder.pattern(1_300_000, 10 + kernel)))
                            == -1);
        }
    }

    @ParameterizedTest
    @CsvSource({"gpt, ext4", "dos, ext4", "dos, ext3", "gpt, ext2"})
    void bootsADebianImage(String table, String type) throws IOException {
        String script = table.equals("gpt")
                ? "label: gpt\nfirst-lba: 34\n"
                        + "start=34, size=2014, type=21686148-6449-6E6F-744E-656564454649,"
                        + " uuid=00000000-0000-4000-8000-00000000000e\n"
                        + "start=2048, type=L\n"
                : "label: dos\n,2M,83\n,,83\n";
        Path image = disk(48 * MIB, script);
        PartitionTable parts;
        try (Fd file = Fd.own("image", Libc.open(image.toString(), HostConstants.O_RDONLY, 0))) {
            parts = PartitionTable.read(ByteSource.of("disk.raw", file, Files.size(image), 1));
        }
        writeKernels("root/boot");
        write("root/etc/hostname", "box");
        write("root/boot/grub/grub.cfg", GrubSamples.debian(ROOT_UUID));
        format("root", ROOT_UUID, parts.partitions().getLast().offsetBytes(), 40 * MIB, type);
        assertBoots(image, 2, "root=UUID=%s ro console=tty0 console=ttyS0,115200".formatted(ROOT_UUID));
    }

    @Test
    void bootsAnImageWithABootPartition() throws IOException {
        // Ubuntu's numbers since 24.04: root 1, BIOS 14, ESP 15, boot 16.
        Path image = disk(80 * MIB, """
            label: gpt
            1 : start=65536, size=81920, type=L
            14 : start=2048, size=2048, type=21686148-6449-6E6F-744E-656564454649
            15 : start=4096, size=4096, type=U
            16 : start=8192, size=49152, type=bc13c2ff-59e6-4262-a352-b275fd6f7172
            """);
        writeKernels("bootfs");
        write(
                "bootfs/grub/grub.cfg",
                "set default=0\nmenuentry u {\nsearch --no-floppy --fs-uuid --set=root %s\nlinux /vmlinuz-1 root=LABEL=cloudimg-rootfs ro\ninitrd /initrd.img-1\n}\n"
                        .formatted(BOOT_UUID));
        write("root/etc/hostname", "box");
        Files.createDirectories(directory.resolve("root/boot"));
        format("bootfs", BOOT_UUID, 8192 * 512, 24 * MIB, "ext4");
        format("root", ROOT_UUID, 65536 * 512, 40 * MIB, "ext4");
        assertBoots(image, 1, "root=LABEL=cloudimg-rootfs ro");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt", "dos"})
    void agreesWithSfdiskOnTables(String table) throws IOException {
        StringBuilder script = new StringBuilder("label: " + table + "\n");
        for (int i = 0; i < 3; i++) {
            script.append(",").append(1 + i).append("M\n");
        }
        script.append(table.equals("dos") ? ",,E\n,1M\n,2M\n,\n" : ",1M\n");
        Path image = disk(32 * MIB, script.toString());
        String dump = HostTool.run(directory, "", "sfdisk", "-d", "disk.raw");
        Matcher lines = Pattern.compile(
                        "disk\\.raw(\\d+) : start= *(\\d+), size= *(\\d+), type=([^, \\n]+)(?:, uuid=([^, \\n]+))?")
                .matcher(dump);
        List<String> expected = lines.results()
                .filter(line -> !line.group(4).equals("5"))
                .map(line -> "%s %s %s %s"
                                .formatted(line.group(1), line.group(2), line.group(3), line.group(4))
                                .toLowerCase(Locale.ROOT)
                        + (line.group(5) == null ? "" : " " + line.group(5).toLowerCase(Locale.ROOT)))
                .toList();
        try (Fd file = Fd.own("image", Libc.open(image.toString(), HostConstants.O_RDONLY, 0))) {
            boolean gpt = table.equals("gpt");
            List<String> seen =
                    PartitionTable.read(ByteSource.of("disk.raw", file, Files.size(image), 1)).partitions().stream()
                            .map(partition -> "%d %d %d %s%s"
                                    .formatted(
                                            partition.number(),
                                            partition.offsetBytes() / 512,
                                            partition.sizeBytes() / 512,
                                            partition.type(),
                                            gpt ? " " + partition.uuid() : ""))
                            .toList();
            assertEquals(expected, seen, dump);
            assertEquals(gpt ? 4 : 6, seen.size());
        }
    }
}
