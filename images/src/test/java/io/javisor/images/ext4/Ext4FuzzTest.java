package io.javisor.images.ext4;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.javisor.images.ByteSource;
import io.javisor.images.ImageException;
import io.javisor.images.testing.DiskHarness;
import io.javisor.testkit.HeapMeter;
import io.javisor.testkit.image.ExtBuilder;
import java.lang.foreign.MemorySegment;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes as a file system, walked two levels deep. Every name that is listed is one entry's; a file reads the same in one piece and in
 * several; all else is one {@link ImageException} of one line.
 */
class Ext4FuzzTest {
    private static final long HEAP_MAX = 3L << 30;
    private static final int WALK_MAX = 100;

    static Stream<byte[]> seeds() {
        return Stream.of(
                sample(ExtBuilder.ext4(64)).bytes(),
                sample(ExtBuilder.ext2()).bytes(),
                inline(),
                journaled(0),
                journaled(0x12));
    }

    private static ExtBuilder sample(ExtBuilder builder) {
        return builder.file("/boot/k", new byte[15_000])
                .file("/boot/e", "")
                .link("/k", "boot/k")
                .link("/l", "x".repeat(100))
                .directory("/d");
    }

    /** A file and a directory whose content is in the inode. */
    private static byte[] inline() {
        ExtBuilder builder = sample(ExtBuilder.ext4(64)).file("/boot/i", "short");
        int file = ExtBuilder.inodeOffset(builder.inode("/boot/i"));
        builder.image().putInt(ExtBuilder.SUPERBLOCK + 0x60, 0x8042).putInt(file + 0x20, 0x1000_0000);
        int directory = ExtBuilder.inodeOffset(builder.inode("/d"));
        builder.image()
                .putInt(directory + 0x20, 0x1000_0000)
                .putInt(directory + 4, 60)
                .putInt(directory + 0x28, 2)
                .putInt(directory + 0x2C, builder.inode("/boot/k"))
                .putShort(directory + 0x30, (short) 56)
                .putShort(directory + 0x32, (short) 1)
                .put(directory + 0x34, (byte) 'k');
        return builder.bytes();
    }

    /** One with a transaction in its journal: a descriptor, a block, a commit, a revocation. */
    private static byte[] journaled(int features) {
        ExtBuilder builder = sample(ExtBuilder.ext4(128)).file("/journal", new byte[32 << 10]);
        int journal = builder.contentOffset("/journal");
        builder.image()
                .putInt(ExtBuilder.SUPERBLOCK + 0x60, 0x46)
                .putInt(ExtBuilder.SUPERBLOCK + 0xE0, builder.inode("/journal"));
        int[] superblock = {0xC03B3998, 4, 0, 1024, 32, 1, 1, 1, 0, 0, features | 1};
        int[] descriptor = {0xC03B3998, 1, 1, builder.contentOffset("/boot/k") / 1024, 8, 0, 8};
        int[] commit = {0xC03B3998, 2, 1};
        int[] revocation = {0xC03B3998, 5, 2, 20, 40};
        put(builder, journal, superblock);
        put(builder, journal + 1024, descriptor);
        put(builder, journal + 3 * 1024, commit);
        put(builder, journal + 4 * 1024, revocation);
        return builder.bytes();
    }

    private static void put(ExtBuilder builder, int at, int... values) {
        for (int i = 0; i < values.length; i++) {
            builder.image().putInt(at + 4 * i, Integer.reverseBytes(values[i]));
        }
    }

    @MethodSource("seeds")
    @FuzzTest
    void readsOrRefuses(byte[] input) {
        HeapMeter heap = HeapMeter.start();
        try {
            Ext4FileSystem files = Ext4FileSystem.open(
                    ByteSource.of("disk", MemorySegment.ofArray(input).asReadOnly()));
            int walked = 0;
            for (String name : files.names("/")) {
                if (++walked > WALK_MAX) {
                    break;
                }
                check(files, "/" + name);
                for (String inner :
                        files.names("/" + name).stream().limit(WALK_MAX).toList()) {
                    check(files, "/" + name + "/" + inner);
                }
            }
        } catch (ImageException e) {
            String message = String.valueOf(e.getMessage());
            assertTrue(message.chars().allMatch(c -> c >= ' ' && c < 0x7F), message);
        } finally {
            heap.requireAtMost(HEAP_MAX);
        }
    }

    private static void check(Ext4FileSystem files, String path) {
        ByteSource file = files.file(path);
        assertFalse(file != null && files.isDirectory(path), "a file and a directory");
        if (file == null || file.sizeBytes() > DiskHarness.LIMIT) {
            return;
        }
        byte[] whole = new byte[(int) file.sizeBytes()];
        file.read(0, MemorySegment.ofArray(whole));
        byte[] parts = new byte[whole.length];
        for (int at = 0; at < parts.length; at += 3000) {
            int length = Math.min(3000, parts.length - at);
            file.read(at, MemorySegment.ofArray(parts).asSlice(at, length));
        }
        assertEquals(-1, MemorySegment.ofArray(whole).mismatch(MemorySegment.ofArray(parts)), path);
    }
}
