package io.javisor.images.ext4;

import static io.javisor.images.ext4.Ext4Layout.*;

import io.javisor.images.ByteSource;
import io.javisor.images.Fields;
import io.javisor.images.ImageException;
import java.util.ArrayList;
import java.util.List;

/**
 * A directory, searched from start to end (directory.rst). That goes for hashed ones too: their index looks like unused entries to who does
 * not know it, which it was made to do.
 */
record Directory(Blocks blocks, Inode inode, ByteSource content) {
    /** More than a million short names. */
    private static final long SIZE_MAX = 16 << 20;

    private static final int BLOCK_SIZE_MAX = 1 << 16;
    private static final int NAME_COUNT_MAX = 65_536;

    /** The parent's inode number, in front of inline entries. */
    private static final int INLINE_PARENT_SIZE = 4;

    private interface Visitor {
        /** Gets an entry in use, by the offset of its name; says whether to go on. */
        boolean visit(Fields block, long inodeNumber, int nameOffset, int nameLength);
    }

    /** The number of the inode with this name; 0 if there is none. */
    long find(String name) {
        long[] found = {0};
        walk((block, number, nameOffset, nameLength) -> {
            if (nameLength == name.length()
                    && block.text(nameOffset, nameLength).equals(name)) {
                found[0] = number;
            }
            return found[0] == 0;
        });
        return found[0];
    }

    /** All names but dot and dot-dot. */
    List<String> names() {
        List<String> names = new ArrayList<>();
        walk((block, number, nameOffset, nameLength) -> {
            String name = block.text(nameOffset, nameLength);
            if (!name.equals(".") && !name.equals("..")) {
                names.add(name);
            }
            if (names.size() > NAME_COUNT_MAX) {
                throw blocks.partition()
                        .problem("a directory has more than %d names, too many to look for kernels in"
                                .formatted(NAME_COUNT_MAX));
            }
            return true;
        });
        return names;
    }

    private void walk(Visitor visitor) {
        if (inode.has(EXT4_INLINE_DATA_FL)) {
            Fields first = inode.iBlock().slice(INLINE_PARENT_SIZE, I_BLOCK_SIZE - INLINE_PARENT_SIZE);
            if (walk(first, visitor)) {
                walk(new InlineData(blocks, inode).rest(), visitor);
            }
            return;
        }
        if (inode.sizeBytes() > SIZE_MAX) {
            throw blocks.damaged("the directory of inode %d has %d bytes".formatted(inode.number(), inode.sizeBytes()));
        }
        blocks.work(inode.sizeBytes());
        for (long offset = 0; offset < inode.sizeBytes(); offset += blocks.size()) {
            int length = (int) Math.min(blocks.size(), inode.sizeBytes() - offset);
            Fields block = content.fields(offset, length);
            // A hole; e2fsck would mend it, the kernel passes it by.
            if (!block.isZero() && !walk(block, visitor)) {
                return;
            }
        }
    }

    private boolean walk(Fields block, Visitor visitor) {
        int size = block.sizeBytes();
        int offset = 0;
        while (offset < size) {
            int recordLength = size - offset < DIRENT_NAME_OFFSET ? 0 : recordLength(block, offset);
            if (recordLength < DIRENT_NAME_OFFSET || recordLength % 4 != 0 || recordLength > size - offset) {
                throw damagedRecord(recordLength);
            }
            long number = block.u32(offset);
            int nameLength = block.u8(offset + DIRENT_NAME_LEN_OFFSET);
            if (nameLength > recordLength - DIRENT_NAME_OFFSET) {
                throw damagedRecord(recordLength);
            }
            if (number != 0 && !visitor.visit(block, number, offset + DIRENT_NAME_OFFSET, nameLength)) {
                return false;
            }
            offset += recordLength;
        }
        return true;
    }

    /** One that takes a whole block of 64 KiB does not fit its field. */
    private static int recordLength(Fields block, int offset) {
        int length = block.u16(offset + DIRENT_REC_LEN_OFFSET);
        boolean whole = block.sizeBytes() == BLOCK_SIZE_MAX && (length == 0 || length == 0xFFFF);
        return whole ? BLOCK_SIZE_MAX : length;
    }

    private ImageException damagedRecord(int length) {
        return blocks.damaged("the directory of inode %d has an entry of %d bytes".formatted(inode.number(), length));
    }
}
