package io.javisor.images.ext4;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.images.ByteSource;
import io.javisor.images.ImageException;
import io.javisor.testkit.junit.HostTool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** File systems that were not unmounted: debugfs writes to their journals, e2fsck says what they mean (Debian: e2fsprogs). */
class JournalTest {
    private static final int SIZE = 4096;

    /** What a block of the journal starts with (journal.rst). */
    private static final byte[] MAGIC = {(byte) 0xC0, 0x3B, 0x39, (byte) 0x98};

    @TempDir
    private Path directory = Path.of("");

    private Path image = Path.of("");

    @BeforeAll
    static void requireTools() {
        for (String tool : new String[] {"mke2fs", "debugfs", "e2fsck"}) {
            HostTool.require(tool, "e2fsprogs");
        }
    }

    @BeforeEach
    void writeContents() throws IOException {
        image = directory.resolve("image");
        Files.createDirectories(directory.resolve("tree"));
        Files.write(directory.resolve("tree/file"), filled('A'));
        Files.write(directory.resolve("B"), filled('B'));
        Files.write(directory.resolve("C"), filled('C'));
        byte[] magic = filled('M');
        System.arraycopy(MAGIC, 0, magic, 0, MAGIC.length);
        Files.write(directory.resolve("M"), magic);
    }

    private static byte[] filled(int value) {
        byte[] bytes = new byte[SIZE];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private void make(String options) {
        String command = "mke2fs -q -F -t ext4 -J size=4 -d tree %s image 16M".formatted(options);
        HostTool.run(directory, "", command.split(" "));
    }

    /** Runs debugfs; {@code BLOCKS} stands for those of the file. */
    private void debugfs(String... commands) {
        String blocks = HostTool.run(directory, "", "debugfs", "-R", "blocks /file", "image")
                .lines()
                .toList()
                .getLast()
                .strip()
                .replace(' ', ',');
        HostTool.run(
                directory,
                String.join("\n", commands).replace("BLOCKS", blocks) + "\n",
                "debugfs",
                "-w",
                "-f",
                "-",
                "image");
    }

    private Ext4FileSystem open() {
        try {
            return Ext4FileSystem.open(ByteSource.of("image", MemorySegment.ofArray(Files.readAllBytes(image))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] read() {
        ByteSource file = open().file("/file");
        assertNotNull(file);
        return file.fields(0, SIZE).copy(0, SIZE);
    }

    /** What is read before the journal is written back must be what is there afterwards. */
    private void assertReads(byte[] expected) {
        assertArrayEquals(expected, read());
        // 0 or 1: sound, or mended.
        HostTool.run(directory, "", "sh", "-c", "PATH=$PATH:/sbin:/usr/sbin; e2fsck -fy image || test $? = 1");
        assertEquals(0, open().notes().size());
        assertArrayEquals(expected, read());
    }

    @ParameterizedTest
    @CsvSource({
        "-b 4096, jo",
        "-b 1024, jo",
        "-b 4096 -O ^64bit, jo",
        "-b 4096, jo -c -v 3",
        "-b 4096, jo -c -v 2",
        "-b 1024 -O ^64bit, jo -c -v 2",
        "-b 1024 -O ^64bit, jo -c -v 3",
    })
    void readsWhatWasCommitted(String options, String open) throws IOException {
        make(options);
        debugfs(open, "jw -b BLOCKS B", "jc");
        String note = open().notes().getFirst();
        assertTrue(note.startsWith("image: it was not unmounted; the ") && note.contains("in its journal"), note);
        // Before: the file as it is on the disk.
        assertReads(Files.readAllBytes(directory.resolve("B")));
    }

    @Test
    void takesTheNewestCopy() {
        make("-b 4096");
        debugfs("jo", "jw -b BLOCKS B", "jc", "jo", "jw -b BLOCKS C", "jc");
        assertReads(filled('C'));
    }

    @Test
    void leavesOutWhatWasRevoked() {
        make("-b 4096");
        debugfs("jo", "jw -b BLOCKS B", "jc", "jo", "jw -r BLOCKS", "jc");
        assertReads(filled('A'));
    }

    @Test
    void takesACopyThatIsNewerThanItsRevocation() {
        make("-b 4096");
        debugfs("jo", "jw -b BLOCKS B", "jc", "jo", "jw -r BLOCKS", "jc", "jo", "jw -b BLOCKS C", "jc");
        assertReads(filled('C'));
    }

    @Test
    void restoresTheMagicNumberInCopies() throws IOException {
        make("-b 4096");
        debugfs("jo", "jw -b BLOCKS M", "jc");
        assertReads(Files.readAllBytes(directory.resolve("M")));
    }

    /** Of all file systems on a disk together. */
    @Test
    void takesNoMoreThanTheBudget() throws IOException {
        make("-b 4096");
        debugfs("jo", "jw -b BLOCKS B", "jc", "jo", "jw -r BLOCKS", "jc");
        ByteSource source = ByteSource.of("image", MemorySegment.ofArray(Files.readAllBytes(image)));
        // A header, a copy and a commit; a revocation and a commit; and the block behind.
        JournalBudget twice = new JournalBudget(12, 2);
        assertEquals(1, Ext4FileSystem.open(source, twice).notes().size());
        assertEquals(1, Ext4FileSystem.open(source, twice).notes().size());
        String blocks = String.valueOf(assertThrows(ImageException.class, () -> Ext4FileSystem.open(source, twice))
                .getMessage());
        assertTrue(blocks.contains("its journal, with those before it, has too many blocks"), blocks);
        String revoked = String.valueOf(assertThrows(
                        ImageException.class, () -> Ext4FileSystem.open(source, new JournalBudget(12, 0)))
                .getMessage());
        assertTrue(revoked.contains("its journal, with those before it, revokes too many blocks"), revoked);
    }

    /** The blocks of the journal with this type, by their places in the image. */
    private int journalBlock(byte[] bytes, int type) {
        for (int at = 0; at < bytes.length; at += SIZE) {
            if (Arrays.equals(bytes, at, at + 4, MAGIC, 0, 4)
                    && ByteBuffer.wrap(bytes).getInt(at + 4) == type) {
                return at;
            }
        }
        throw new AssertionError("no such block");
    }

    @Test
    void leavesOutWhatWasNotCommitted() throws IOException {
        make("-b 4096");
        debugfs("jo", "jw -b BLOCKS B", "jc");
        byte[] bytes = Files.readAllBytes(image);
        Arrays.fill(bytes, journalBlock(bytes, 2), journalBlock(bytes, 2) + SIZE, (byte) 0);
        Files.write(image, bytes);
        assertReads(filled('A'));
    }

    @Test
    void leavesOutWhatHasAWrongChecksum() throws IOException {
        make("-b 4096");
        debugfs("jo -c -v 3", "jw -b BLOCKS B", "jc");
        byte[] bytes = Files.readAllBytes(image);
        bytes[journalBlock(bytes, 2) + 0x30] ^= 1;
        Files.write(image, bytes);
        assertArrayEquals(filled('A'), read());
    }

    @Test
    void refusesAJournalThatIsDamaged() throws IOException {
        make("-b 4096");
        debugfs("jo", "jw -b BLOCKS B", "jc");
        byte[] sound = Files.readAllBytes(image);
        int superblock = journalBlock(sound, 4);
        refused(sound, superblock, 0, "has no superblock");
        refused(sound, superblock + 0x0C, 1024, "blocks of 1024 bytes");
        refused(sound, superblock + 0x10, -1, "has 4294967295 blocks");
        refused(sound, superblock + 0x14, 0, "starts at block 0");
        refused(sound, superblock + 0x1C, 5000, "its log at 5000");
        byte[] features = sound.clone();
        ByteBuffer.wrap(features).putInt(superblock + 0x28, 0x100);
        Ext4FileSystem files = Ext4FileSystem.open(ByteSource.of("image", MemorySegment.ofArray(features)));
        assertTrue(files.notes().getFirst().contains("features that javisor can't read (0x100): it is read as it is"));
    }

    private static void refused(byte[] sound, int at, int value, String expected) {
        byte[] bytes = sound.clone();
        ByteBuffer.wrap(bytes).putInt(at, value);
        String message = String.valueOf(assertThrows(
                        ImageException.class,
                        () -> Ext4FileSystem.open(ByteSource.of("image", MemorySegment.ofArray(bytes))))
                .getMessage());
        assertTrue(message.contains(expected), message);
    }
}
