package io.javisor.firmware.layout;

import io.javisor.core.memory.GuestMemory;
import io.javisor.images.ByteSource;
import io.javisor.images.ImageException;
import io.javisor.images.ImageFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Copies what the guest gets as it is, such as an initrd. */
public final class GuestCopy {
    /** What is copied in one piece, in bytes: it stays in a processor's cache. */
    static final int PIECE_SIZE = 256 << 10;

    private GuestCopy() {}

    /**
     * Copies all of {@code source} to fresh guest memory: what is in memory directly, other sources by way of a buffer of 256 KiB. Pieces of that
     * size which are zeros are not touched then, so that a hole costs the host nothing.
     *
     * @param memory all zeros from {@code gpa} on, RAM for all of the source
     * @throws ImageException in one line, if it can't be read
     */
    public static void copy(ByteSource source, GuestMemory memory, long gpa) {
        if (source instanceof ImageFile file) {
            memory.copyIn(file.bytes(), 0, gpa, file.sizeBytes());
        } else {
            copyPieces(source, memory, gpa);
        }
    }

    private static void copyPieces(ByteSource source, GuestMemory memory, long gpa) {
        long size = source.sizeBytes();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(Math.min(PIECE_SIZE, size));
            MemorySegment zeros = arena.allocate(buffer.byteSize());
            for (long done = 0; done < size; done += buffer.byteSize()) {
                long length = Math.min(buffer.byteSize(), size - done);
                MemorySegment piece = buffer.asSlice(0, length);
                source.read(done, piece);
                if (piece.mismatch(zeros.asSlice(0, length)) >= 0) {
                    memory.copyIn(piece, 0, gpa + done, length);
                }
            }
        }
    }
}
