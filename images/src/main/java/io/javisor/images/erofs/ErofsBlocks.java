package io.javisor.images.erofs;

import static io.javisor.images.erofs.ErofsLayout.*;

import io.javisor.images.ByteSource;
import io.javisor.images.Fields;
import io.javisor.images.ImageException;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;

/** The bytes of a file system; those of metadata by way of a cache. Not thread-safe. */
final class ErofsBlocks {
    private static final int CACHE_SIZE = 64;

    private final ByteSource image;
    private final ErofsSuperblock superblock;
    private final Map<Long, Fields> cache = new LinkedHashMap<>(CACHE_SIZE, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Fields> eldest) {
            return size() > CACHE_SIZE;
        }
    };

    ErofsBlocks(ByteSource image, ErofsSuperblock superblock) {
        this.image = image;
        this.superblock = superblock;
    }

    ByteSource image() {
        return image;
    }

    ErofsSuperblock superblock() {
        return superblock;
    }

    /**
     * Metadata at a place in the image.
     *
     * @param what is there, for messages
     */
    Fields fields(long offset, int length, String what) {
        require(offset, length, what);
        int inBlock = (int) (offset % BLOCK_SIZE);
        if (inBlock + length <= BLOCK_SIZE) {
            return block(offset / BLOCK_SIZE).slice(inBlock, length);
        }
        return image.fields(offset, length);
    }

    /** Fills {@code target} with content, whose place was checked. */
    void read(long offset, MemorySegment target) {
        image.read(offset, target);
    }

    /** Checks that bytes are in the file system. */
    void require(long offset, long length, String what) {
        long end = superblock.blockCount() * BLOCK_SIZE;
        if (offset < 0 || length < 0 || length > end || offset > end - length) {
            throw damaged("%s is at byte %s of %d".formatted(what, Long.toUnsignedString(offset), end));
        }
    }

    ImageException damaged(String what) {
        return image.problem("its EROFS file system is damaged: %s; try: fsck.erofs".formatted(what));
    }

    private Fields block(long number) {
        Fields cached = cache.get(number);
        if (cached == null) {
            cached = image.fields(number * BLOCK_SIZE, BLOCK_SIZE);
            cache.put(number, cached);
        }
        return cached;
    }
}
