package io.javisor.images.erofs;

import static io.javisor.images.erofs.ErofsLayout.*;

import io.javisor.images.ByteSource;
import java.lang.foreign.MemorySegment;

/**
 * The content of an inode: blocks in a row, of which the last may be missing; its bytes then follow the inode.
 *
 * @param plainBytes how many are in the row
 * @param plainOffset where they start in the image
 * @param tailOffset where the others do
 */
record ErofsContent(String name, ErofsBlocks blocks, long sizeBytes, long plainBytes, long plainOffset, long tailOffset)
        implements ByteSource {
    /**
     * That of {@code inode}.
     *
     * @throws io.javisor.images.ImageException if it is not all in the file system
     */
    static ErofsContent of(String name, ErofsInodes inodes, ErofsInode inode) {
        ErofsBlocks blocks = inodes.blocks();
        long size = inode.sizeBytes();
        boolean tail = inode.dataLayout() == FLAT_INLINE && size > 0;
        long plain = tail ? (blocksOf(size) - 1) * BLOCK_SIZE : size;
        long plainOffset = plain == 0 ? 0 : inode.startBlock() * BLOCK_SIZE;
        long tailOffset = inodes.offset(inode.nid()) + inode.headBytes() + inode.xattrBytes();
        blocks.require(plainOffset, plain, "the content of inode %d".formatted(inode.nid()));
        if (tail) {
            blocks.require(tailOffset, size - plain, "the content of inode %d".formatted(inode.nid()));
            // fs/erofs/data.c, erofs_map_blocks_flatmode
            if (tailOffset % BLOCK_SIZE + (size - plain) > BLOCK_SIZE) {
                throw inodes.damaged(inode.nid(), "has inline content that crosses the end of a block");
            }
        }
        return new ErofsContent(name, blocks, size, plain, plainOffset, tailOffset);
    }

    @Override
    public void read(long offset, MemorySegment target) {
        require(offset, target.byteSize());
        long fromPlain = Math.clamp(plainBytes - offset, 0, target.byteSize());
        if (fromPlain > 0) {
            blocks.read(plainOffset + offset, target.asSlice(0, fromPlain));
        }
        if (fromPlain < target.byteSize()) {
            blocks.read(tailOffset + offset + fromPlain - plainBytes, target.asSlice(fromPlain));
        }
    }

    /** Where the byte at {@code offset}, which there is, is in the image. */
    long imageOffset(long offset) {
        return offset < plainBytes ? plainOffset + offset : tailOffset + offset - plainBytes;
    }
}
