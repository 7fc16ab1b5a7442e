package io.javisor.images.ext4;

/** Offsets in the journal's structures, which are big-endian (Linux 6.12, Documentation/filesystems/ext4/journal.rst; names as there). */
final class JournalLayout {
    static final long JBD2_MAGIC = 0xC03B_3998L;
    static final int H_BLOCKTYPE_OFFSET = 4;
    static final int H_SEQUENCE_OFFSET = 8;
    static final int HEADER_SIZE = 12;
    static final int DESCRIPTOR_BLOCK = 1;
    static final int COMMIT_BLOCK = 2;
    static final int SUPERBLOCK_V1 = 3;
    static final int SUPERBLOCK_V2 = 4;
    static final int REVOKE_BLOCK = 5;

    static final int S_BLOCKSIZE_OFFSET = 0x0C;
    static final int S_MAXLEN_OFFSET = 0x10;
    static final int S_FIRST_OFFSET = 0x14;
    static final int S_SEQUENCE_OFFSET = 0x18;
    static final int S_START_OFFSET = 0x1C;
    static final int S_FEATURE_INCOMPAT_OFFSET = 0x28;
    static final int S_UUID_OFFSET = 0x30;
    static final int S_UUID_SIZE = 16;
    static final int S_NUM_FC_BLOCKS_OFFSET = 0x54;
    static final int SUPERBLOCK_SIZE = 1024;
    static final long INCOMPAT_REVOKE = 0x1;
    static final long INCOMPAT_64BIT = 0x2;
    static final long INCOMPAT_ASYNC_COMMIT = 0x4;
    static final long INCOMPAT_CSUM_V2 = 0x8;
    static final long INCOMPAT_CSUM_V3 = 0x10;
    static final long INCOMPAT_FAST_COMMIT = 0x20;
    /** If the superblock names no other number. */
    static final int NUM_FC_BLOCKS = 256;

    static final int TAG_SIZE = 8;
    static final int TAG_64BIT_SIZE = 12;
    static final int TAG_CSUM_V2_EXTRA_SIZE = 2;
    static final int TAG3_SIZE = 16;
    static final int T_FLAGS_OFFSET = 6;
    static final int T_BLOCKNR_HIGH_OFFSET = 8;
    static final int T3_FLAGS_OFFSET = 4;
    static final int FLAG_ESCAPE = 1;
    static final int FLAG_SAME_UUID = 2;
    static final int FLAG_LAST_TAG = 8;

    static final int H_CHKSUM_OFFSET = 0x10;
    static final int CHECKSUM_SIZE = 4;
    static final int R_COUNT_OFFSET = 12;
    static final int REVOKE_HEADER_SIZE = 16;

    private JournalLayout() {}
}
