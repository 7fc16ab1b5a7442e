package io.javisor.images.ext4;

/** Where the blocks of a file are. */
sealed interface BlockMap permits ExtentTree, IndirectBlocks {
    /**
     * Blocks of a file that are in a row on the disk, or all missing.
     *
     * @param physical the first one's number on the disk; 0 if they are a hole, which reads as zeros
     * @param count at least 1
     */
    record Run(long physical, long count) {
        boolean hole() {
            return physical == 0;
        }
    }

    /** The run that starts with block {@code logical} of the file; all of its blocks are in the file system. */
    Run run(long logical);

    /** The map of {@code inode}. */
    static BlockMap of(Blocks blocks, Inode inode) {
        return inode.has(Ext4Layout.EXT4_EXTENTS_FL)
                ? new ExtentTree(blocks, inode)
                : new IndirectBlocks(blocks, inode);
    }
}
