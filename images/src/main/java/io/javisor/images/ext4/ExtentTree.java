package io.javisor.images.ext4;

import static io.javisor.images.ext4.Ext4Layout.*;

import io.javisor.images.Fields;
import io.javisor.images.ImageException;

/** A file's extents (ifork.rst, "Extent Tree"). Each step down must lead one level down, so that a loop ends. */
record ExtentTree(Blocks blocks, Inode inode) implements BlockMap {
    /** No file has more blocks: their numbers have 32 bits. */
    private static final long LOGICAL_END = 1L << 32;

    /** An index or leaf in a node, and where the next one starts. */
    private record Found(int offset, long first, long nextFirst) {}

    @Override
    public Run run(long logical) {
        Fields node = inode.iBlock();
        int depth = node.u16(EH_DEPTH_OFFSET);
        if (depth > EXTENT_DEPTH_MAX) {
            throw damaged("is %d levels deep".formatted(depth));
        }
        long end = LOGICAL_END;
        while (true) {
            Found found = find(node, depth, logical);
            end = Math.min(end, found.nextFirst);
            if (found.offset == 0) {
                return new Run(0, Math.max(1, end - logical));
            }
            if (depth == 0) {
                return leaf(node, found, logical, end);
            }
            node = blocks.block(node.u32(found.offset + EI_LEAF_LO_OFFSET)
                    | ((long) node.u16(found.offset + EI_LEAF_HI_OFFSET) << 32));
            depth--;
        }
    }

    private Run leaf(Fields node, Found found, long logical, long end) {
        int length = node.u16(found.offset + EE_LEN_OFFSET);
        boolean initialized = length <= EXTENT_LEN_MAX;
        long count = found.first + (initialized ? length : length - EXTENT_LEN_MAX) - logical;
        if (count <= 0) {
            return new Run(0, Math.max(1, end - logical));
        }
        if (!initialized) {
            return new Run(0, count);
        }
        long start = node.u32(found.offset + EE_START_LO_OFFSET)
                | ((long) node.u16(found.offset + EE_START_HI_OFFSET) << 32);
        long physical = start + (logical - found.first);
        if (start == 0) {
            throw damaged("has an extent at block 0");
        }
        blocks.requireBlocks(physical, count);
        return new Run(physical, count);
    }

    /** The last entry of a node that starts at or before {@code logical}; its offset is 0 if there is none. */
    private Found find(Fields node, int depth, long logical) {
        int entries = node.u16(EH_ENTRIES_OFFSET);
        if (node.u16(0) != EXTENT_MAGIC || node.u16(EH_DEPTH_OFFSET) != depth) {
            throw damaged("has a node without magic number, or of another level than its place");
        }
        if ((entries + 1) * EXTENT_ENTRY_SIZE > node.sizeBytes()) {
            throw damaged("has a node of %d entries".formatted(entries));
        }
        int offset = 0;
        long first = 0;
        for (int i = 1; i <= entries; i++) {
            long entryFirst = node.u32(i * EXTENT_ENTRY_SIZE);
            if (entryFirst > logical) {
                return new Found(offset, first, entryFirst);
            }
            offset = i * EXTENT_ENTRY_SIZE;
            first = entryFirst;
        }
        return new Found(offset, first, LOGICAL_END);
    }

    private ImageException damaged(String what) {
        return blocks.damaged("the extent tree of inode %d %s".formatted(inode.number(), what));
    }
}
