package io.javisor.images.erofs;

import static io.javisor.images.erofs.ErofsLayout.*;

import io.javisor.images.Fields;
import org.jspecify.annotations.Nullable;

/**
 * A block of a directory, checked: as many entries as its first name's offset leaves room for, then their names. The last name ends with
 * the block, or before a NUL.
 *
 * @param end behind the last name
 */
record DirectoryBlock(Fields fields, int count, int end) {
    /** {@code fields} as such a block; null if it is none. */
    static @Nullable DirectoryBlock parse(Fields fields) {
        int size = fields.sizeBytes();
        int first = size < DIRENT_SIZE ? 0 : fields.u16(DIRENT_NAMEOFF_OFFSET);
        if (first == 0 || first % DIRENT_SIZE != 0 || first >= size) {
            return null;
        }
        int count = first / DIRENT_SIZE;
        int previous = first;
        for (int i = 1; i < count; i++) {
            int offset = fields.u16(i * DIRENT_SIZE + DIRENT_NAMEOFF_OFFSET);
            if (offset <= previous || offset >= size) {
                return null;
            }
            previous = offset;
        }
        int end = previous;
        while (end < size && fields.u8(end) != 0) {
            end++;
        }
        return new DirectoryBlock(fields, count, end);
    }

    String name(int index) {
        int start = nameOffset(index);
        return fields.text(start, (index == count - 1 ? end : nameOffset(index + 1)) - start);
    }

    long nid(int index) {
        return fields.u64(index * DIRENT_SIZE);
    }

    /** FT_REG_FILE and so on. */
    int fileType(int index) {
        return fields.u8(index * DIRENT_SIZE + DIRENT_FILE_TYPE_OFFSET);
    }

    private int nameOffset(int index) {
        return fields.u16(index * DIRENT_SIZE + DIRENT_NAMEOFF_OFFSET);
    }
}
