package io.javisor.container.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SparseFileTest {
    private static final int BLOCK = 4096;

    @TempDir
    private Path directory = Path.of("");

    /** Blocks of data at random places, in a file of some MiB. */
    private Path made(int seed) throws IOException {
        Random random = new Random(seed);
        Path file = directory.resolve("from-" + seed);
        try (RandomAccessFile writer = new RandomAccessFile(file.toFile(), "rw")) {
            writer.setLength(random.nextInt(1, 4 << 20));
            for (int part = random.nextInt(8); part > 0; part--) {
                byte[] bytes = new byte[random.nextInt(1, 3 * BLOCK)];
                random.nextBytes(bytes);
                writer.seek(random.nextInt(1, 4 << 20));
                writer.write(bytes);
            }
        }
        return file;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void aCopyIsTheSameAndTakesNoMore(int seed) throws IOException {
        Path from = made(seed);
        Path to = directory.resolve("to");
        SparseFile.copy(from, to);
        assertEquals(-1, Files.mismatch(from, to));
        assertEquals(Files.size(from), Files.size(to));
        assertTrue(SparseFile.dataBytes(to) <= SparseFile.dataBytes(from), "holes are holes");
    }

    @Test
    void holesAreNotCounted() throws IOException {
        Path file = directory.resolve("file");
        try (RandomAccessFile writer = new RandomAccessFile(file.toFile(), "rw")) {
            writer.setLength(1L << 40);
            writer.seek(1L << 39);
            writer.write(new byte[BLOCK]);
        }
        assertEquals(BLOCK, SparseFile.dataBytes(file));
    }

    @Test
    void anEmptyFileIsCopied() throws IOException {
        Path from = Files.createFile(directory.resolve("from"));
        SparseFile.copy(from, directory.resolve("to"));
        assertEquals(0, Files.size(directory.resolve("to")));
        assertEquals(0, SparseFile.dataBytes(from));
    }

    @Test
    void nothingIsOverwritten() throws IOException {
        Path from = made(1);
        Path to = Files.writeString(directory.resolve("to"), "mine");
        assertThrows(FileAlreadyExistsException.class, () -> SparseFile.copy(from, to));
        assertEquals("mine", Files.readString(to));
    }

    @Test
    void whatIsNotThereIsSaid() {
        FileSystemException refused =
                assertThrows(FileSystemException.class, () -> SparseFile.dataBytes(directory.resolve("gone")));
        assertEquals("ENOENT (No such file or directory)", refused.getReason());
    }
}
