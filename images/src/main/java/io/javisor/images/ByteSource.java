package io.javisor.images;

import io.javisor.core.host.Fd;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.List;

/**
 * Bytes that are read at any place and never written: a disk image, a partition, a file in a file system or in memory. What it reads comes from
 * outside: whoever uses a value of it checks it first.
 */
public interface ByteSource {
    /** For messages: where it is, as the user knows it. One line of printable ASCII. */
    String name();

    /** Its length in bytes, at least 0. */
    long sizeBytes();

    /**
     * Fills {@code target} with the bytes from {@code offset} on.
     *
     * @throws ImageException in one line, if they are not all there or can't be read
     */
    void read(long offset, MemorySegment target);

    /**
     * An image in a file or a block device. It is read by calls, not mapped: a file that shrinks under a mapping kills the process.
     *
     * @param file stays the caller's, and open for as long as the source is used
     * @param sizeBytes at most the file's length
     * @param unit what places, lengths and addresses of reads have to be multiples of, a power of two, where the file was opened for direct I/O,
     *     and {@code sizeBytes} is one then; 1 elsewhere
     */
    static ByteSource of(String name, Fd file, long sizeBytes, int unit) {
        return new FileSource(name, file, sizeBytes, unit);
    }

    /** An image in memory. */
    static ByteSource of(String name, MemorySegment bytes) {
        return new ImageFile(name, bytes);
    }

    /**
     * Several of them as one, each right behind the one before.
     *
     * @throws ImageException if no number says how long they are together
     */
    static ByteSource concat(String name, List<ByteSource> parts) {
        return ConcatSource.of(name, parts);
    }

    /**
     * A part of it.
     *
     * @throws ImageException if it is not all there
     */
    default ByteSource slice(String sliceName, long offset, long length) {
        require(offset, length);
        return new SliceSource(sliceName, this, offset, length);
    }

    /** {@code length} bytes at {@code offset}, little-endian; throws as {@link #read} does. */
    default Fields fields(long offset, int length) {
        require(offset, length);
        byte[] bytes = new byte[length];
        read(offset, MemorySegment.ofArray(bytes));
        return Fields.littleEndian(bytes);
    }

    /**
     * All of it, in memory.
     *
     * @param limitBytes how much there may be, and the memory that is asked for at most
     * @throws ImageException in one line, if there is more, or it can't be read
     */
    default ImageFile load(SegmentAllocator memory, long limitBytes) {
        if (sizeBytes() > limitBytes) {
            throw problem("it has %d bytes; %d are the most that fit here".formatted(sizeBytes(), limitBytes));
        }
        if (sizeBytes() == 0) {
            return new ImageFile(name(), MemorySegment.NULL);
        }
        MemorySegment bytes = memory.allocate(sizeBytes(), 1);
        read(0, bytes);
        return new ImageFile(name(), bytes.asReadOnly());
    }

    /**
     * Checks that bytes are there.
     *
     * @throws ImageException if {@code length} bytes at {@code offset} are not
     */
    default void require(long offset, long length) {
        if (offset < 0 || length < 0 || offset > sizeBytes() || length > sizeBytes() - offset) {
            throw problem("it ends at byte %d; %s bytes at %s are asked for: is it truncated or damaged?"
                    .formatted(sizeBytes(), Long.toUnsignedString(length), Long.toUnsignedString(offset)));
        }
    }

    /** The exception that says {@code what} is wrong with it. */
    default ImageException problem(String what) {
        return new ImageException(name() + ": " + what);
    }
}
