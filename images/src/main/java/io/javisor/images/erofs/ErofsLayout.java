package io.javisor.images.erofs;

/** Offsets in EROFS's on-disk structures, which are little-endian (Linux 6.1, fs/erofs/erofs_fs.h; names as there). */
final class ErofsLayout {
    static final int BLOCK_BITS = 12;
    /** Bytes; the only size that Linux 6.1 mounts on x86-64. */
    static final int BLOCK_SIZE = 1 << BLOCK_BITS;

    /** Block addresses have 32 bits, and this one, all ones, says that there is none. */
    static final long NULL_ADDR = 0xFFFF_FFFFL;

    // struct erofs_super_block
    static final int EROFS_SUPER_OFFSET = 1024;
    static final int SUPERBLOCK_SIZE = 128;
    static final int EXTSLOT_SIZE = 16;
    static final long EROFS_SUPER_MAGIC_V1 = 0xE0F5_E1E2L;
    static final int SB_CHECKSUM_OFFSET = 4;
    static final int SB_FEATURE_COMPAT_OFFSET = 8;
    static final int SB_BLKSZBITS_OFFSET = 12;
    static final int SB_EXTSLOTS_OFFSET = 13;
    static final int SB_ROOT_NID_OFFSET = 14;
    static final int SB_INOS_OFFSET = 16;
    static final int SB_BUILD_TIME_OFFSET = 24;
    static final int SB_BUILD_TIME_NSEC_OFFSET = 32;
    static final int SB_BLOCKS_OFFSET = 36;
    static final int SB_META_BLKADDR_OFFSET = 40;
    static final int SB_XATTR_BLKADDR_OFFSET = 44;
    static final int SB_UUID_OFFSET = 48;
    static final int SB_VOLUME_NAME_OFFSET = 64;
    static final int SB_VOLUME_NAME_SIZE = 16;
    static final int SB_FEATURE_INCOMPAT_OFFSET = 80;
    /** Reserved in 6.1; a logarithm since 6.4, of which 0 means that directories have the blocks of all. */
    static final int SB_DIRBLKBITS_OFFSET = 90;

    static final long FEATURE_COMPAT_SB_CHKSUM = 0x1;
    static final long FEATURE_COMPAT_MTIME = 0x2;
    static final long FEATURE_INCOMPAT_ZERO_PADDING = 0x1;
    static final long FEATURE_INCOMPAT_COMPR_CFGS = 0x2;
    static final long FEATURE_INCOMPAT_CHUNKED_FILE = 0x4;
    static final long FEATURE_INCOMPAT_ZTAILPACKING = 0x10;
    static final long FEATURE_INCOMPAT_FRAGMENTS = 0x20;

    // struct erofs_inode_compact and struct erofs_inode_extended: these are in both
    static final int I_FORMAT_OFFSET = 0;
    static final int I_XATTR_ICOUNT_OFFSET = 2;
    static final int I_MODE_OFFSET = 4;
    static final int I_SIZE_OFFSET = 8;
    static final int I_U_OFFSET = 16;

    static final int COMPACT_INODE_SIZE = 32;
    static final int COMPACT_I_NLINK_OFFSET = 6;
    static final int COMPACT_I_UID_OFFSET = 24;
    static final int COMPACT_I_GID_OFFSET = 26;

    static final int EXTENDED_INODE_SIZE = 64;
    static final int EXTENDED_I_UID_OFFSET = 24;
    static final int EXTENDED_I_GID_OFFSET = 28;
    static final int EXTENDED_I_MTIME_OFFSET = 32;
    static final int EXTENDED_I_MTIME_NSEC_OFFSET = 40;
    static final int EXTENDED_I_NLINK_OFFSET = 44;

    /** An inode's number (nid) is its place in units of this many bytes. */
    static final int SLOT_SIZE = 32;

    static final int I_VERSION_EXTENDED = 1;
    static final int I_DATALAYOUT_SHIFT = 1;
    static final int I_DATALAYOUT_MASK = 0x7;
    static final int I_FORMAT_KNOWN = 0xF;

    static final int FLAT_PLAIN = 0;
    static final int FLAT_INLINE = 2;

    // struct erofs_xattr_ibody_header and struct erofs_xattr_entry
    static final int XATTR_HEADER_SIZE = 12;
    static final int XATTR_SHARED_COUNT_OFFSET = 4;
    /** What i_xattr_icount counts beyond the header, entries are aligned to, and numbers of shared ones count. */
    static final int XATTR_UNIT = 4;

    static final int XATTR_ENTRY_SIZE = 4;
    static final int XATTR_NAME_INDEX_OFFSET = 1;
    static final int XATTR_VALUE_SIZE_OFFSET = 2;

    // struct erofs_dirent
    static final int DIRENT_SIZE = 12;
    static final int DIRENT_NAMEOFF_OFFSET = 8;
    static final int DIRENT_FILE_TYPE_OFFSET = 10;
    static final int EROFS_NAME_LEN = 255;

    /** A symbolic link's target, as in Linux (PATH_MAX, without the NUL). */
    static final int TARGET_LENGTH_MAX = 4095;

    private ErofsLayout() {}

    /** How many blocks {@code sizeBytes} take. */
    static long blocksOf(long sizeBytes) {
        return Math.ceilDiv(sizeBytes, BLOCK_SIZE);
    }

    /** How long the extended attributes of an inode are, in bytes, by its i_xattr_icount. */
    static int xattrBytes(int icount) {
        return icount == 0 ? 0 : XATTR_HEADER_SIZE + (icount - 1) * XATTR_UNIT;
    }
}
