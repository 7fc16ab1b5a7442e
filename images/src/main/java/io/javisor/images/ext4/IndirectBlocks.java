package io.javisor.images.ext4;

import io.javisor.images.Fields;

/** The block map of ext2 and ext3 (ifork.rst, "Direct/Indirect Block Addressing"): twelve blocks, then trees of one to three levels. */
record IndirectBlocks(Blocks blocks, Inode inode) implements BlockMap {
    private static final int DIRECT_COUNT = 12;
    private static final int LEVEL_MAX = 3;

    @Override
    public Run run(long logical) {
        if (logical < DIRECT_COUNT) {
            return row(inode.iBlock(), (int) logical, DIRECT_COUNT);
        }
        int perBlock = blocks.size() / Integer.BYTES;
        long rest = logical - DIRECT_COUNT;
        long span = perBlock;
        for (int level = 1; level <= LEVEL_MAX; level++) {
            if (rest < span) {
                return indirect(inode.iBlock().u32((DIRECT_COUNT + level - 1) * Integer.BYTES), span, rest, perBlock);
            }
            rest -= span;
            span *= perBlock;
        }
        throw blocks.damaged("inode %d has a block %d".formatted(inode.number(), logical));
    }

    /** @param span how many blocks of the file the tree at {@code root} covers */
    private Run indirect(long root, long span, long index, int perBlock) {
        long block = root;
        long below = span;
        long rest = index;
        while (true) {
            if (block == 0) {
                return new Run(0, below - rest);
            }
            Fields pointers = blocks.block(block);
            below /= perBlock;
            if (below == 1) {
                return row(pointers, (int) rest, perBlock);
            }
            block = pointers.u32((int) (rest / below) * Integer.BYTES);
            rest %= below;
        }
    }

    /** As many of {@code pointers} as are in a row, from {@code index} on. */
    private Run row(Fields pointers, int index, int end) {
        long first = pointers.u32(index * Integer.BYTES);
        int count = 1;
        while (index + count < end
                && pointers.u32((index + count) * Integer.BYTES) == (first == 0 ? 0 : first + count)) {
            count++;
        }
        if (first != 0) {
            blocks.requireBlocks(first, count);
        }
        return new Run(first, count);
    }
}
