package io.javisor.images.ext4;

import static io.javisor.images.ext4.Ext4Layout.*;

import io.javisor.images.Fields;

/**
 * Content that lies in the inode (inlinedata.rst): 60 bytes in the place of the block map, the rest as the value of the extended attribute
 * {@code system.data}.
 */
record InlineData(Blocks blocks, Inode inode) {
    private static final String NAME = "data";

    /** What the attribute holds; nothing if there is none. */
    Fields rest() {
        Fields fields = inode.fields();
        if (fields.sizeBytes() <= INODE_SIZE) {
            return none();
        }
        int first = INODE_SIZE + fields.u16(I_EXTRA_ISIZE_OFFSET) + XATTR_HEADER_SIZE;
        if (first + Integer.BYTES > fields.sizeBytes() || fields.u32(first - XATTR_HEADER_SIZE) != XATTR_MAGIC) {
            return none();
        }
        int entry = first;
        // attributes.rst: the list ends with four zero bytes.
        while (entry + XATTR_NAME_OFFSET <= fields.sizeBytes() && fields.u32(entry) != 0) {
            int nameLength = fields.u8(entry);
            if (nameLength > fields.sizeBytes() - entry - XATTR_NAME_OFFSET) {
                break;
            }
            if (fields.u8(entry + 1) == XATTR_INDEX_SYSTEM
                    && fields.text(entry + XATTR_NAME_OFFSET, nameLength).equals(NAME)) {
                return value(fields, first, entry);
            }
            entry += (XATTR_NAME_OFFSET + nameLength + 3) & ~3;
        }
        return none();
    }

    private Fields value(Fields fields, int first, int entry) {
        long offset = (long) first + fields.u16(entry + 2);
        long length = fields.u32(entry + 8);
        if (length > fields.sizeBytes() - offset) {
            throw blocks.damaged("inode %d has inline data beyond its end".formatted(inode.number()));
        }
        return fields.slice((int) offset, (int) length);
    }

    private static Fields none() {
        return Fields.littleEndian(new byte[0]);
    }

    /** All of it, as long as the inode says. */
    byte[] content() {
        Fields rest = rest();
        long size = inode.sizeBytes();
        if (size > I_BLOCK_SIZE + rest.sizeBytes()) {
            throw blocks.damaged("inode %d has %d bytes of inline data, but claims %d"
                    .formatted(inode.number(), I_BLOCK_SIZE + rest.sizeBytes(), size));
        }
        byte[] content = new byte[(int) size];
        int inBlock = Math.min(content.length, I_BLOCK_SIZE);
        System.arraycopy(inode.iBlock().copy(0, inBlock), 0, content, 0, inBlock);
        int beyond = content.length - inBlock;
        System.arraycopy(rest.copy(0, beyond), 0, content, inBlock, beyond);
        return content;
    }
}
