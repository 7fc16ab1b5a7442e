package io.javisor.images.erofs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.images.ByteSource;
import io.javisor.images.ImageException;
import io.javisor.testkit.HeapMeter;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads all of a file system that may be damaged in any way. Each call gives something sound or one {@link ImageException} of one line of
 * printable ASCII; names are those of files, each once and in order, and each is found when it is looked for; a file reads the same in one
 * piece and in several; the heap is bounded.
 */
final class ErofsHarness {
    private static final long HEAP_MAX = 3L << 30;
    private static final int INODES_MAX = 300;
    private static final int CONTENT_MAX = 1 << 20;

    private ErofsHarness() {}

    /** Says how many inodes were read; -1 if it was not opened. */
    static int read(byte[] image) {
        HeapMeter heap = HeapMeter.start();
        try {
            ErofsFileSystem files = ErofsFileSystem.open(
                    ByteSource.of("disk", MemorySegment.ofArray(image).asReadOnly()));
            assertEquals(36, files.uuid().length());
            attempt(() -> files.names("/a/b/../c"));
            return walk(files);
        } catch (ImageException e) {
            requireLine(e);
            return -1;
        } finally {
            heap.requireAtMost(HEAP_MAX);
        }
    }

    private static int walk(ErofsFileSystem files) {
        Set<Long> seen = new HashSet<>();
        Deque<ErofsInode> queue = new ArrayDeque<>();
        queue.add(files.root());
        int count = 0;
        while (!queue.isEmpty() && count < INODES_MAX) {
            ErofsInode inode = queue.remove();
            if (seen.add(inode.nid())) {
                count++;
                attempt(() -> check(files, inode));
                if (inode.kind() == ErofsKind.DIRECTORY) {
                    attempt(() -> addChildren(files, inode, queue));
                }
            }
        }
        return count;
    }

    private static void check(ErofsFileSystem files, ErofsInode inode) {
        assertTrue(inode.sizeBytes() >= 0 && inode.linkCount() > 0);
        switch (inode.kind()) {
            case REGULAR_FILE -> readTwice(files.content(inode, "file"));
            case SYMBOLIC_LINK -> {
                String target = files.target(inode);
                assertEquals(inode.sizeBytes(), target.length());
                assertFalse(target.isEmpty() || target.contains("\0"));
            }
            default -> assertTrue(inode.kind().isDevice() || inode.device() == 0);
        }
        files.attributes(inode);
    }

    private static void readTwice(ByteSource content) {
        if (content.sizeBytes() > CONTENT_MAX) {
            content.fields(content.sizeBytes() - 5000, 5000);
            return;
        }
        byte[] whole = Listing.read(content);
        byte[] parts = new byte[whole.length];
        for (int at = 0; at < parts.length; at += 3000) {
            int length = Math.min(3000, parts.length - at);
            content.read(at, MemorySegment.ofArray(parts).asSlice(at, length));
        }
        assertEquals(-1, MemorySegment.ofArray(whole).mismatch(MemorySegment.ofArray(parts)));
    }

    private static void addChildren(ErofsFileSystem files, ErofsInode directory, Deque<ErofsInode> queue) {
        List<ErofsEntry> entries = files.entries(directory);
        String last = "";
        for (ErofsEntry entry : entries.subList(0, Math.min(entries.size(), INODES_MAX))) {
            assertTrue(ErofsNames.isValid(entry.name()));
            assertTrue(entry.name().compareTo(last) > 0);
            last = entry.name();
            assertEquals(entry, files.entry(directory, entry.name()));
            attempt(() -> queue.add(files.inode(entry)));
            attempt(() -> files.find("/" + entry.name()));
        }
    }

    private static void attempt(Runnable reading) {
        try {
            reading.run();
        } catch (ImageException e) {
            requireLine(e);
        }
    }

    private static void requireLine(ImageException e) {
        String message = String.valueOf(e.getMessage());
        assertTrue(message.chars().allMatch(c -> c >= ' ' && c < 0x7F), message);
    }
}
