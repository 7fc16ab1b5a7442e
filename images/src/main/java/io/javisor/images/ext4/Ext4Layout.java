package io.javisor.images.ext4;

/** Offsets in ext4's on-disk structures, which are little-endian (Linux 6.12, Documentation/filesystems/ext4/; names as there). */
final class Ext4Layout {
    // super.rst
    static final int SUPERBLOCK_OFFSET = 1024;
    static final int SUPERBLOCK_SIZE = 1024;
    static final int EXT4_SUPER_MAGIC = 0xEF53;
    static final int S_BLOCKS_COUNT_LO_OFFSET = 0x04;
    static final int S_FIRST_DATA_BLOCK_OFFSET = 0x14;
    static final int S_LOG_BLOCK_SIZE_OFFSET = 0x18;
    static final int S_BLOCKS_PER_GROUP_OFFSET = 0x20;
    static final int S_INODES_PER_GROUP_OFFSET = 0x28;
    static final int S_MAGIC_OFFSET = 0x38;
    static final int S_REV_LEVEL_OFFSET = 0x4C;
    static final int S_INODE_SIZE_OFFSET = 0x58;
    static final int S_FEATURE_COMPAT_OFFSET = 0x5C;
    static final int S_FEATURE_INCOMPAT_OFFSET = 0x60;
    static final int S_FEATURE_RO_COMPAT_OFFSET = 0x64;
    static final int S_UUID_OFFSET = 0x68;
    static final int S_VOLUME_NAME_OFFSET = 0x78;
    static final int S_VOLUME_NAME_SIZE = 16;
    static final int S_JOURNAL_INUM_OFFSET = 0xE0;
    static final int S_DESC_SIZE_OFFSET = 0xFE;
    static final int S_FIRST_META_BG_OFFSET = 0x104;
    static final int S_BLOCKS_COUNT_HI_OFFSET = 0x150;
    static final int S_BACKUP_BGS_OFFSET = 0x24C;

    static final long COMPAT_SPARSE_SUPER2 = 0x200;
    static final long RO_COMPAT_SPARSE_SUPER = 0x1;
    static final long INCOMPAT_COMPRESSION = 0x1;
    static final long INCOMPAT_FILETYPE = 0x2;
    static final long INCOMPAT_RECOVER = 0x4;
    static final long INCOMPAT_JOURNAL_DEV = 0x8;
    static final long INCOMPAT_META_BG = 0x10;
    static final long INCOMPAT_EXTENTS = 0x40;
    static final long INCOMPAT_64BIT = 0x80;
    static final long INCOMPAT_MMP = 0x100;
    static final long INCOMPAT_FLEX_BG = 0x200;
    static final long INCOMPAT_EA_INODE = 0x400;
    static final long INCOMPAT_CSUM_SEED = 0x2000;
    static final long INCOMPAT_LARGEDIR = 0x4000;
    static final long INCOMPAT_INLINE_DATA = 0x8000;
    static final long INCOMPAT_ENCRYPT = 0x1_0000;
    static final long INCOMPAT_CASEFOLD = 0x2_0000;

    // group_descr.rst
    static final int GROUP_DESCRIPTOR_SIZE = 32;
    static final int GROUP_DESCRIPTOR_64BIT_SIZE = 64;
    static final int BG_INODE_TABLE_LO_OFFSET = 0x08;
    static final int BG_INODE_TABLE_HI_OFFSET = 0x28;

    // inodes.rst
    static final int INODE_SIZE = 128;
    static final int I_MODE_OFFSET = 0x00;
    static final int I_SIZE_LO_OFFSET = 0x04;
    static final int I_FLAGS_OFFSET = 0x20;
    static final int I_BLOCK_OFFSET = 0x28;
    static final int I_BLOCK_SIZE = 60;
    static final int I_SIZE_HIGH_OFFSET = 0x6C;
    static final int I_EXTRA_ISIZE_OFFSET = 0x80;
    static final long EXT4_ENCRYPT_FL = 0x800;
    static final long EXT4_EXTENTS_FL = 0x8_0000;
    static final long EXT4_INLINE_DATA_FL = 0x1000_0000;
    static final int S_IFMT = 0xF000;
    static final int S_IFDIR = 0x4000;
    static final int S_IFREG = 0x8000;
    static final int S_IFLNK = 0xA000;
    static final int EXT4_ROOT_INO = 2;

    // ifork.rst: an extent tree's header, index and leaf
    static final int EXTENT_MAGIC = 0xF30A;
    static final int EXTENT_ENTRY_SIZE = 12;
    static final int EH_ENTRIES_OFFSET = 2;
    static final int EH_DEPTH_OFFSET = 6;
    static final int EI_LEAF_LO_OFFSET = 4;
    static final int EI_LEAF_HI_OFFSET = 8;
    static final int EE_LEN_OFFSET = 4;
    static final int EE_START_HI_OFFSET = 6;
    static final int EE_START_LO_OFFSET = 8;
    /** A longer one is allocated, but not initialized: it reads as zeros. */
    static final int EXTENT_LEN_MAX = 32768;

    static final int EXTENT_DEPTH_MAX = 5;

    // directory.rst
    static final int DIRENT_REC_LEN_OFFSET = 4;
    static final int DIRENT_NAME_LEN_OFFSET = 6;
    static final int DIRENT_NAME_OFFSET = 8;

    // attributes.rst: inside of an inode
    static final long XATTR_MAGIC = 0xEA02_0000L;
    static final int XATTR_HEADER_SIZE = 4;
    static final int XATTR_NAME_OFFSET = 16;
    static final int XATTR_INDEX_SYSTEM = 7;

    private Ext4Layout() {}
}
