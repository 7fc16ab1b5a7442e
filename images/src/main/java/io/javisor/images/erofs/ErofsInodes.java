package io.javisor.images.erofs;

import static io.javisor.images.erofs.ErofsLayout.*;

import io.javisor.images.Fields;
import io.javisor.images.ImageException;

/** Finds inodes by their numbers, and checks what all rely on. */
record ErofsInodes(ErofsBlocks blocks) {
    private static final int MODE_MASK = 07777;
    private static final long NANOS_MAX = 999_999_999;

    /**
     * The inode with number {@code nid}.
     *
     * @throws ImageException if there is none, or it is damaged, compressed or made of chunks
     */
    ErofsInode inode(long nid) {
        if (nid < 0 || nid > blocks.superblock().blockCount() * BLOCK_SIZE / SLOT_SIZE) {
            throw damaged(nid, "is not there");
        }
        Fields start = blocks.fields(offset(nid), COMPACT_INODE_SIZE, "an inode");
        int format = start.u16(I_FORMAT_OFFSET);
        int layout = (format >> I_DATALAYOUT_SHIFT) & I_DATALAYOUT_MASK;
        if ((format & ~I_FORMAT_KNOWN) != 0 || (layout != FLAT_PLAIN && layout != FLAT_INLINE)) {
            throw blocks.image()
                    .problem(
                            "inode %d of its EROFS file system is compressed, or of another format that javisor can't read (0x%x)"
                                    .formatted(nid, format));
        }
        ErofsInode inode = (format & I_VERSION_EXTENDED) != 0 ? extended(nid, layout) : compact(nid, layout, start);
        check(inode);
        return inode;
    }

    /** Where the inode starts in the image. */
    long offset(long nid) {
        return blocks.superblock().metaBlock() * BLOCK_SIZE + nid * SLOT_SIZE;
    }

    private ErofsInode extended(long nid, int layout) {
        Fields fields = blocks.fields(offset(nid), EXTENDED_INODE_SIZE, "an inode");
        long nanos = fields.u32(EXTENDED_I_MTIME_NSEC_OFFSET);
        if (nanos > NANOS_MAX) {
            throw damaged(nid, "was modified at %d nanoseconds".formatted(nanos));
        }
        ErofsKind kind = kind(nid, fields);
        return new ErofsInode(
                nid,
                kind,
                fields.u16(I_MODE_OFFSET) & MODE_MASK,
                (int) fields.u32(EXTENDED_I_UID_OFFSET),
                (int) fields.u32(EXTENDED_I_GID_OFFSET),
                fields.u32(EXTENDED_I_NLINK_OFFSET),
                fields.u64(I_SIZE_OFFSET),
                fields.u64(EXTENDED_I_MTIME_OFFSET),
                (int) nanos,
                kind.isDevice() ? (int) fields.u32(I_U_OFFSET) : 0,
                layout,
                fields.u32(I_U_OFFSET),
                EXTENDED_INODE_SIZE,
                xattrBytes(fields.u16(I_XATTR_ICOUNT_OFFSET)));
    }

    private ErofsInode compact(long nid, int layout, Fields fields) {
        ErofsKind kind = kind(nid, fields);
        return new ErofsInode(
                nid,
                kind,
                fields.u16(I_MODE_OFFSET) & MODE_MASK,
                fields.u16(COMPACT_I_UID_OFFSET),
                fields.u16(COMPACT_I_GID_OFFSET),
                fields.u16(COMPACT_I_NLINK_OFFSET),
                fields.u32(I_SIZE_OFFSET),
                blocks.superblock().buildTimeSeconds(),
                blocks.superblock().buildTimeNanos(),
                kind.isDevice() ? (int) fields.u32(I_U_OFFSET) : 0,
                layout,
                fields.u32(I_U_OFFSET),
                COMPACT_INODE_SIZE,
                xattrBytes(fields.u16(I_XATTR_ICOUNT_OFFSET)));
    }

    private ErofsKind kind(long nid, Fields fields) {
        int mode = fields.u16(I_MODE_OFFSET);
        ErofsKind kind = ErofsKind.ofMode(mode);
        if (kind == null) {
            throw damaged(nid, "has mode 0%o".formatted(mode));
        }
        return kind;
    }

    private void check(ErofsInode inode) {
        if (inode.linkCount() == 0) {
            throw damaged(inode.nid(), "has no name");
        }
        if (inode.sizeBytes() < 0) {
            throw damaged(inode.nid(), "has %s bytes".formatted(Long.toUnsignedString(inode.sizeBytes())));
        }
        if (inode.kind() == ErofsKind.SYMBOLIC_LINK
                && (inode.sizeBytes() == 0 || inode.sizeBytes() > TARGET_LENGTH_MAX)) {
            throw damaged(inode.nid(), "is a symbolic link of %d bytes".formatted(inode.sizeBytes()));
        }
    }

    ImageException damaged(long nid, String what) {
        return blocks.damaged("inode %s %s".formatted(Long.toUnsignedString(nid), what));
    }
}
