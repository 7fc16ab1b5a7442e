package io.javisor.images.ext4;

import static io.javisor.images.ext4.JournalLayout.*;

import io.javisor.images.Fields;

/**
 * The superblock of a journal, checked.
 *
 * @param first the first block of the log, counted in the journal
 * @param end the log ends before this block
 * @param start where the oldest transaction starts; 0 if nothing is to be replayed
 * @param sequence the oldest transaction's number
 */
record JournalHeader(long first, long end, long start, long sequence, long incompat, Fields uuid) {
    private static final long INCOMPAT_KNOWN = INCOMPAT_REVOKE
            | INCOMPAT_64BIT
            | INCOMPAT_ASYNC_COMMIT
            | INCOMPAT_CSUM_V2
            | INCOMPAT_CSUM_V3
            | INCOMPAT_FAST_COMMIT;

    /** The largest that mke2fs makes by itself. */
    private static final long SIZE_MAX = 1 << 30;

    /**
     * @param superblock the journal's first block, big-endian
     * @param length how many blocks the journal's file has
     */
    static JournalHeader parse(Blocks raw, Fields superblock, long length) {
        long type = superblock.u32(H_BLOCKTYPE_OFFSET);
        if (superblock.u32(0) != JBD2_MAGIC || (type != SUPERBLOCK_V1 && type != SUPERBLOCK_V2)) {
            throw raw.damaged("its journal has no superblock");
        }
        long incompat = type == SUPERBLOCK_V2 ? superblock.u32(S_FEATURE_INCOMPAT_OFFSET) : 0;
        long end = superblock.u32(S_MAXLEN_OFFSET);
        if (superblock.u32(S_BLOCKSIZE_OFFSET) != raw.size() || end > length || end > SIZE_MAX / raw.size()) {
            throw raw.damaged("its journal has %d blocks of %d bytes, its file has %d"
                    .formatted(end, superblock.u32(S_BLOCKSIZE_OFFSET), length));
        }
        if ((incompat & INCOMPAT_FAST_COMMIT) != 0) {
            long fast = superblock.u32(S_NUM_FC_BLOCKS_OFFSET);
            end -= fast == 0 ? NUM_FC_BLOCKS : fast;
        }
        long first = superblock.u32(S_FIRST_OFFSET);
        long start = superblock.u32(S_START_OFFSET);
        if (first < 1 || first >= end || (start != 0 && (start < first || start >= end))) {
            throw raw.damaged("its journal starts at block %d, its log at %d".formatted(first, start));
        }
        return new JournalHeader(
                first,
                end,
                start,
                superblock.u32(S_SEQUENCE_OFFSET),
                incompat,
                superblock.slice(S_UUID_OFFSET, S_UUID_SIZE));
    }

    boolean empty() {
        return start == 0;
    }

    long unknownFeatures() {
        return incompat & ~INCOMPAT_KNOWN;
    }

    boolean fastCommits() {
        return has(INCOMPAT_FAST_COMMIT);
    }

    boolean checksums() {
        return has(INCOMPAT_CSUM_V2 | INCOMPAT_CSUM_V3);
    }

    boolean has(long flags) {
        return (incompat & flags) != 0;
    }

    /** Of a tag in a descriptor block, without a UUID that may follow. */
    int tagSize() {
        if (has(INCOMPAT_CSUM_V3)) {
            return TAG3_SIZE;
        }
        // As the kernel counts (journal_tag_bytes): the first kind of tag with checksums is two bytes longer than it
        // needs to be.
        return (has(INCOMPAT_64BIT) ? TAG_64BIT_SIZE : TAG_SIZE) + (has(INCOMPAT_CSUM_V2) ? TAG_CSUM_V2_EXTRA_SIZE : 0);
    }
}
