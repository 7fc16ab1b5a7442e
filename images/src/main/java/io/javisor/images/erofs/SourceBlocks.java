package io.javisor.images.erofs;

import static io.javisor.images.erofs.ErofsLayout.*;

import io.javisor.images.ImageException;
import java.util.Arrays;

/** Where the data sources are, which follow the metadata. */
final class SourceBlocks {
    private final long[] lengths;
    private final long[] starts;
    private final long end;

    private SourceBlocks(long[] lengths, long[] starts, long end) {
        this.lengths = lengths;
        this.starts = starts;
        this.end = end;
    }

    /**
     * Puts sources of {@code lengths} blocks behind {@code start} blocks.
     *
     * @throws ImageException if they are more than EROFS can address
     */
    static SourceBlocks after(long start, long[] lengths) {
        long[] starts = new long[lengths.length];
        long end = start;
        for (int i = 0; i < lengths.length; i++) {
            if (lengths[i] < 0) {
                throw new IllegalArgumentException("sourceBlocks " + Arrays.toString(lengths));
            }
            starts[i] = end;
            end += Math.min(lengths[i], NULL_ADDR + 1);
        }
        if (end > NULL_ADDR) {
            throw new ImageException("the image is larger than the 16 TiB that EROFS can address");
        }
        return new SourceBlocks(lengths.clone(), starts, end);
    }

    /** The first block behind the last source. */
    long end() {
        return end;
    }

    /** The address of a checked file's first block; 0 if it is empty. */
    long address(ErofsNode.RegularFile file) {
        return file.sizeBytes() == 0 ? 0 : starts[file.source()] + file.firstBlock();
    }

    /** Checks that the file's bytes are in its source. */
    void check(PlannedInode inode, ErofsNode.RegularFile file) {
        if (file.sizeBytes() == 0) {
            return;
        }
        boolean good = file.sizeBytes() > 0
                && file.source() >= 0
                && file.source() < lengths.length
                && file.firstBlock() >= 0
                && blocksOf(file.sizeBytes()) <= lengths[file.source()]
                && file.firstBlock() <= lengths[file.source()] - blocksOf(file.sizeBytes());
        if (!good) {
            throw inode.problem("its %d bytes from block %d are not in data source %d of %d"
                    .formatted(file.sizeBytes(), file.firstBlock(), file.source(), lengths.length));
        }
    }
}
