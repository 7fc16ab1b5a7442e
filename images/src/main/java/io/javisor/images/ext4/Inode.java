package io.javisor.images.ext4;

import static io.javisor.images.ext4.Ext4Layout.*;

import io.javisor.images.Fields;

/**
 * An inode.
 *
 * @param number from 1
 * @param fields all of it; at least 128 bytes
 * @param sizeBytes as it claims; never negative
 */
record Inode(long number, Fields fields, long sizeBytes) {
    private int type() {
        return fields.u16(I_MODE_OFFSET) & S_IFMT;
    }

    boolean isDirectory() {
        return type() == S_IFDIR;
    }

    boolean isRegular() {
        return type() == S_IFREG;
    }

    boolean isSymbolicLink() {
        return type() == S_IFLNK;
    }

    boolean has(long flag) {
        return (fields.u32(I_FLAGS_OFFSET) & flag) != 0;
    }

    /** The 60 bytes that hold the block map, or a short content. */
    Fields iBlock() {
        return fields.slice(I_BLOCK_OFFSET, I_BLOCK_SIZE);
    }
}
