package io.javisor.oci.tar;

/** A header block: POSIX.1-2017, pax, "ustar Interchange Format"; GNU's fields: tar.h of GNU tar, {@code struct oldgnu_header}, {@code struct sparse_header}. */
final class TarLayout {
    static final int BLOCK_SIZE = 512;

    static final int NAME_OFFSET = 0;
    static final int NAME_SIZE = 100;
    static final int MODE_OFFSET = 100;
    static final int UID_OFFSET = 108;
    static final int GID_OFFSET = 116;
    static final int ID_SIZE = 8;
    static final int SIZE_OFFSET = 124;
    static final int MTIME_OFFSET = 136;
    static final int NUMBER_SIZE = 12;
    static final int CHECKSUM_OFFSET = 148;
    static final int CHECKSUM_SIZE = 8;
    static final int TYPE_OFFSET = 156;
    static final int TARGET_OFFSET = 157;
    static final int TARGET_SIZE = 100;
    static final int MAGIC_OFFSET = 257;
    static final int MAJOR_OFFSET = 329;
    static final int MINOR_OFFSET = 337;
    static final int PREFIX_OFFSET = 345;
    static final int PREFIX_SIZE = 155;

    /** star's header: the prefix is shorter, times follow it, and this is at the end. */
    static final int STAR_PREFIX_SIZE = 131;

    static final int STAR_MAGIC_OFFSET = 508;

    static final int GNU_ATIME_OFFSET = 345;
    static final int GNU_CTIME_OFFSET = 357;

    /** Pairs of an offset and a size; a flag: whether a block with more of them follows; how long the file is. */
    static final int GNU_SPARSE_OFFSET = 386;

    static final int GNU_SPARSE_COUNT = 4;
    static final int GNU_EXTENDED_OFFSET = 482;
    static final int GNU_REAL_SIZE_OFFSET = 483;

    /** The same in the blocks that follow. */
    static final int GNU_MORE_SPARSE_COUNT = 21;

    static final int GNU_MORE_EXTENDED_OFFSET = 504;

    static final String USTAR_MAGIC = "ustar\0";
    static final String USTAR_VERSION = "00";
    static final String GNU_MAGIC = "ustar  \0";
    static final String STAR_MAGIC = "tar\0";

    static final String PAX_XATTR = "SCHILY.xattr.";

    private TarLayout() {}
}
