package io.javisor.images.ext4;

import io.javisor.images.ByteSource;
import io.javisor.images.Fields;
import io.javisor.images.ImageException;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The blocks of a file system: as the partition has them, or as its journal has them where that is newer. Counts the work, which no
 * sound file system makes much of. Not thread-safe.
 */
final class Blocks {
    /** Bytes of metadata, from the disk or looked through, for all that is ever asked of one file system. */
    private static final long WORK_MAX = 128L << 20;

    /** What it costs to use a block that is at hand. */
    private static final int CACHED_WORK = 64;

    private static final int CACHE_SIZE = 64;

    private final ByteSource partition;
    private final Superblock superblock;
    private final Map<Long, Journal.Copy> journaled;
    private final Map<Long, Fields> cache = new LinkedHashMap<>(CACHE_SIZE, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Fields> eldest) {
            return size() > CACHE_SIZE;
        }
    };
    private long work;

    /**
     * @param journaled blocks that are newer in the journal, and where
     */
    Blocks(ByteSource partition, Superblock superblock, Map<Long, Journal.Copy> journaled) {
        this.partition = partition;
        this.superblock = superblock;
        this.journaled = journaled;
    }

    Superblock superblock() {
        return superblock;
    }

    ByteSource partition() {
        return partition;
    }

    int size() {
        return superblock.blockSize();
    }

    /** Counts {@code bytes} of work; throws when it gets too much. */
    void work(long bytes) {
        work += bytes;
        if (work > WORK_MAX) {
            throw partition.problem("its ext4 file system takes too long to read: it is damaged, or made to do so");
        }
    }

    /** A block of metadata. */
    Fields block(long number) {
        Fields cached = cache.get(number);
        if (cached != null) {
            work(CACHED_WORK);
            return cached;
        }
        work(size());
        byte[] bytes = new byte[size()];
        read(number, 1, 0, MemorySegment.ofArray(bytes));
        Fields block = Fields.littleEndian(bytes);
        cache.put(number, block);
        return block;
    }

    /** Fills {@code target} from {@code count} blocks in a row, {@code offset} bytes into the first. */
    void read(long number, long count, long offset, MemorySegment target) {
        requireBlocks(number, count);
        if (journaled.isEmpty()) {
            partition.read(number * size() + offset, target);
            return;
        }
        long done = 0;
        while (done < target.byteSize()) {
            long at = offset + done;
            int inBlock = (int) (at % size());
            long length = Math.min(size() - inBlock, target.byteSize() - done);
            readOne(number + at / size(), inBlock, target.asSlice(done, length));
            done += length;
        }
    }

    private void readOne(long number, int offset, MemorySegment target) {
        Journal.Copy copy = journaled.get(number);
        if (copy == null) {
            partition.read(number * size() + offset, target);
        } else {
            copy.read(partition, size(), offset, target);
        }
    }

    /** Checks that blocks are in the file system. */
    void requireBlocks(long number, long count) {
        if (number < 0 || count < 1 || count > superblock.blockCount() || number > superblock.blockCount() - count) {
            throw damaged("it names block %s of %d".formatted(Long.toUnsignedString(number), superblock.blockCount()));
        }
    }

    ImageException damaged(String what) {
        return partition.problem("its ext4 file system is damaged: %s; try: e2fsck".formatted(what));
    }
}
