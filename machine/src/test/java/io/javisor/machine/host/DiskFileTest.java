package io.javisor.machine.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.DiskConfig;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What can be wrong with a disk's file, and what it says. */
class DiskFileTest {
    @TempDir
    private Path directory = Path.of("");

    private Path image(String name, long size) throws IOException {
        Path path = directory.resolve(name);
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(size);
        }
        return path;
    }

    private static DiskFile open(DiskConfig config) {
        return DiskFile.open(config, List.of());
    }

    private static void assertRefused(String disk, String reason) {
        ConfigException refusal = assertThrows(ConfigException.class, () -> open(DiskConfig.parse(disk)));
        String message = String.valueOf(refusal.getMessage());
        assertTrue(message.contains(reason), message);
        assertEquals(1, message.lines().count());
    }

    @Test
    void anImageHasItsSize() throws IOException {
        try (DiskFile file = open(DiskConfig.of(image("a", 1 << 20)))) {
            assertEquals(1 << 20, file.sizeBytes());
            assertEquals(512, file.device().logicalBlockSize());
        }
    }

    @Test
    void aMissingDiskIsRefused() {
        assertRefused(directory.resolve("none").toString(), "does not exist; make one with");
        assertRefused(directory.resolve("none/a").toString(), "does not exist");
    }

    @Test
    void aDirectoryIsRefused() {
        assertRefused(directory.toString(), "is a directory; give an image in it");
    }

    @Test
    void anEmptyFileIsRefused() throws IOException {
        assertRefused(image("a", 0).toString(), "is empty; give it a size");
    }

    @Test
    void aFileOfHalfASectorIsRefused() throws IOException {
        assertRefused(image("a", 1000).toString(), "has 1000 bytes, which is not a multiple of 512");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 514649fb, a.qcow2, 'is a qcow2 image, not a raw one; convert it (package qemu-utils): qemu-img convert -O"
                + " raw'",
        "0, 51454400, a, is a QED image",
        "0, 4b444d56, a.vmdk, is a VMDK image",
        "0, 434f574401000000, a.vmdk, is a VMDK image",
        "0, 636f6e6563746978, a.vhd, 'is a VHD image, not a raw one; convert it (package qemu-utils): qemu-img convert"
                + " -O'",
        "0, 576974686f7574467265655370616365, a.hds, is a Parallels image",
        "0, 576974686f7546726553706163457874, a.hds, is a Parallels image",
        "0, 23204469736b2044657363726970746f7246696c65, a, is a VMDK image",
        "64, 7f10dabe, a, is a VDI image",
        "0, 7668647866696c65, a, is a VHDX image",
    })
    void anImageInAnotherFormatIsRefusedWhateverItsSize(int offset, String magic, String name, String reason)
            throws IOException {
        for (int size : new int[] {4096, 1000}) {
            Path path = image(name, size);
            write(path, offset, magic);
            assertRefused(path + ",readonly", reason);
            assertRefused(path.toString(), path + " " + directory.resolve("a.raw"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "fd377a585a00, is packed with xz; xz -dk",
        "1f8b08, is packed with gzip; gzip -dk",
        "28b52ffd, is packed with zstd; zstd -d",
        "425a68, is packed with bzip2; bzip2 -dk",
    })
    void aPackedImageIsSaidToBeOne(String magic, String parts) throws IOException {
        Path path = image("a.img", 1000);
        write(path, 0, magic);
        for (String part : parts.split("; ", -1)) {
            assertRefused(path.toString(), part);
        }
        // The guest may be meant to unpack it.
        Path whole = image("whole", 1024);
        write(whole, 0, magic);
        open(DiskConfig.of(whole)).close();
    }

    private static void write(Path path, int offset, String hex) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.seek(offset);
            file.write(HexFormat.of().parseHex(hex));
        }
    }

    @Test
    void whatIsNoFileIsRefused() {
        assertRefused("/dev/null", "is neither a file nor a block device");
    }

    @Test
    void aFifoIsRefusedAndNotWaitedFor() throws IOException, InterruptedException {
        Path fifo = directory.resolve("fifo");
        assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor());
        assertRefused(fifo.toString(), "is neither a file nor a block device");
    }

    @Test
    void aSecondWriterIsRefused() throws IOException {
        Path path = image("a", 4096);
        try (DiskFile _ = open(DiskConfig.of(path))) {
            assertRefused(path.toString(), "is in use by another machine or program");
            assertRefused(path + ",readonly", "which writes to it");
        }
        try (DiskFile _ = open(DiskConfig.parse(path + ",readonly"));
                DiskFile _ = open(DiskConfig.parse(path + ",readonly"))) {
            assertRefused(path.toString(), "give it to both with ,readonly");
        }
        try (DiskFile again = open(DiskConfig.of(path))) {
            assertEquals(4096, again.sizeBytes(), "the lock ends with the descriptor");
        }
    }

    @Test
    void aReadOnlyFileCanBeReadOnly() throws IOException {
        Path path = image("a", 4096);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("r--r--r--"));
        try (DiskFile file = open(DiskConfig.parse(path + ",readonly"))) {
            assertTrue(file.device().readOnly());
        }
    }

    /** Its name may lead to another file by then. */
    @Test
    void itsSizeIsThatOfTheFileThatIsOpen() throws IOException {
        Path path = image("a", 4096);
        try (DiskFile file = open(DiskConfig.of(path))) {
            Path own = Files.move(path, directory.resolve("own"));
            Path _ = image("a", 16_384);
            assertEquals(4096, file.remeasure());
            Files.write(own, new byte[8192]);
            assertEquals(8192, file.remeasure());
            assertEquals(8192, file.sizeBytes());
            Files.write(own, new byte[8200]);
            assertThrows(ConfigException.class, file::remeasure);
            assertEquals(8192, file.sizeBytes());
        }
    }

    @Test
    void knowsWhetherItsPathLeadsToIt() throws IOException {
        Path path = image("a", 4096);
        try (DiskFile file = open(DiskConfig.of(path))) {
            file.requireAtItsPath();
            Path own = Files.move(path, directory.resolve("own"));
            ConfigException gone = assertThrows(ConfigException.class, file::requireAtItsPath);
            assertEquals(
                    "disk " + path + " can't be found any more; a disk keeps the file that it has open",
                    gone.getMessage());
            Path _ = image("a", 4096);
            ConfigException other = assertThrows(ConfigException.class, file::requireAtItsPath);
            assertEquals(
                    "disk " + path + " is another file by now; a disk keeps the one that it has open",
                    other.getMessage());
            Files.move(own, path, StandardCopyOption.REPLACE_EXISTING);
            file.requireAtItsPath();
        }
    }

    @Test
    void aDiskCanGrowInWholeBlocks() throws IOException {
        Path path = image("a", 4096);
        try (DiskFile file = open(DiskConfig.of(path))) {
            file.grow(8192);
            assertEquals(8192, file.sizeBytes());
            assertEquals(8192, Files.size(path));
            assertThrows(ConfigException.class, () -> file.grow(4096));
            assertThrows(ConfigException.class, () -> file.grow(8193));
            assertEquals(8192, Files.size(path));
        }
    }
}
