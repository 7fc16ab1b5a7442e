package io.javisor.images.ext4;

import static io.javisor.images.ext4.Ext4Layout.*;

import io.javisor.images.Fields;

/** Finds inodes in the tables of the block groups. */
record Inodes(Blocks blocks) {
    /**
     * The inode with {@code number}, which is used by something.
     *
     * @throws io.javisor.images.ImageException if the file system has none with this number
     */
    Inode inode(long number) {
        Superblock superblock = blocks.superblock();
        long group = (number - 1) / superblock.inodesPerGroup();
        if (number < 1 || group >= superblock.groupCount()) {
            throw blocks.damaged("it names inode " + number);
        }
        Fields descriptor = at(superblock.descriptorOffset(group), superblock.descriptorSize());
        long table = descriptor.u32(BG_INODE_TABLE_LO_OFFSET);
        if (superblock.descriptorSize() >= GROUP_DESCRIPTOR_64BIT_SIZE) {
            table |= descriptor.u32(BG_INODE_TABLE_HI_OFFSET) << 32;
        }
        blocks.requireBlocks(table, 1);
        long offset = (number - 1) % superblock.inodesPerGroup() * superblock.inodeSize();
        Fields fields = at(table * blocks.size() + offset, superblock.inodeSize());
        long size = fields.u32(I_SIZE_LO_OFFSET);
        // Others have had an ACL there since ext2.
        boolean largeSize = (fields.u16(I_MODE_OFFSET) & S_IFMT) == S_IFREG
                || superblock.features().incompat(INCOMPAT_LARGEDIR);
        size |= largeSize ? fields.u32(I_SIZE_HIGH_OFFSET) << 32 : 0;
        if (size < 0) {
            throw blocks.damaged("inode %d has %s bytes".formatted(number, Long.toUnsignedString(size)));
        }
        return new Inode(number, fields, size);
    }

    /** A structure that crosses no block's end: its size divides a block's, and so does its place. */
    private Fields at(long offset, int length) {
        return blocks.block(offset / blocks.size()).slice((int) (offset % blocks.size()), length);
    }
}
