package io.javisor.images.erofs;

import static io.javisor.images.erofs.ErofsLayout.*;

import io.javisor.images.Fields;
import io.javisor.images.ImageException;
import java.util.HashMap;
import java.util.Map;

/** Reads extended attributes: those of an inode alone, which follow it, and those that inodes share. */
record XattrReader(ErofsInodes inodes, ErofsInode inode) {
    /** Names with their values, as ISO 8859-1 strings. */
    Map<String, String> xattrs() {
        int size = inode.xattrBytes();
        if (size == 0) {
            return Map.of();
        }
        long start = inodes.offset(inode.nid()) + inode.headBytes();
        Fields body = blocks().fields(start, size, "an extended attribute");
        int sharedCount = body.u8(XATTR_SHARED_COUNT_OFFSET);
        int offset = XATTR_HEADER_SIZE + sharedCount * XATTR_UNIT;
        // Linux 6.1 takes no header alone (fs/erofs/xattr.c, init_inode_xattrs).
        if (size == XATTR_HEADER_SIZE || offset > size) {
            throw damaged("has extended attributes of %d bytes with %d shared ones".formatted(size, sharedCount));
        }
        Map<String, String> xattrs = new HashMap<>();
        for (int i = 0; i < sharedCount; i++) {
            addShared(xattrs, body.u32(XATTR_HEADER_SIZE + i * XATTR_UNIT));
        }
        while (offset < size) {
            int length = entrySize(body.slice(offset, XATTR_ENTRY_SIZE));
            if (length > size - offset) {
                throw damaged("has an extended attribute of %d bytes".formatted(length));
            }
            add(xattrs, body.slice(offset, length));
            offset += length;
        }
        return xattrs;
    }

    private void addShared(Map<String, String> xattrs, long number) {
        long start = blocks().superblock().xattrBlock() * BLOCK_SIZE + number * XATTR_UNIT;
        int length = entrySize(blocks().fields(start, XATTR_ENTRY_SIZE, "a shared extended attribute"));
        add(xattrs, blocks().fields(start, length, "a shared extended attribute"));
    }

    private void add(Map<String, String> xattrs, Fields entry) {
        int nameLength = entry.u8(0);
        int index = entry.u8(XATTR_NAME_INDEX_OFFSET);
        XattrPrefix prefix = XattrPrefix.ofIndex(index);
        String rest = entry.text(XATTR_ENTRY_SIZE, nameLength);
        if (prefix == null || !prefix.takes(rest) || rest.contains("\0")) {
            throw damaged("has an extended attribute whose name there can't be (index %d)".formatted(index));
        }
        String value = entry.text(XATTR_ENTRY_SIZE + nameLength, entry.u16(XATTR_VALUE_SIZE_OFFSET));
        if (xattrs.put(prefix.text() + rest, value) != null) {
            throw damaged("has an extended attribute twice");
        }
    }

    private static int entrySize(Fields header) {
        int size = XATTR_ENTRY_SIZE + header.u8(0) + header.u16(XATTR_VALUE_SIZE_OFFSET);
        return Math.ceilDiv(size, XATTR_UNIT) * XATTR_UNIT;
    }

    private ErofsBlocks blocks() {
        return inodes.blocks();
    }

    private ImageException damaged(String what) {
        return inodes.damaged(inode.nid(), what);
    }
}
