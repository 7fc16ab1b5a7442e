package io.javisor.firmware.elf;

import io.javisor.firmware.image.ImageFile;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Reads the notes of one PT_NOTE segment: namesz, descsz, type, name, descriptor, the last two padded. */
final class ElfNoteReader {
    private static final int HEADER_SIZE = 12;

    /** Longer than any owner that is asked for; a longer name is read no further. */
    private static final int NAME_LIMIT = 32;

    private final ImageFile file;
    private final int index;
    private final long startOffset;
    private final long sizeBytes;
    private final int align;

    /** The segment lies in the file. */
    ElfNoteReader(ImageFile file, int index, long startOffset, long sizeBytes, int align) {
        this.file = file;
        this.index = index;
        this.startOffset = startOffset;
        this.sizeBytes = sizeBytes;
        this.align = align;
    }

    void forEach(Consumer<ElfNote> reader) {
        long at = 0;
        // Padding after the last note may be less than a header.
        while (sizeBytes - at >= HEADER_SIZE) {
            long namesz = file.u32(startOffset + at);
            long descsz = file.u32(startOffset + at + 4);
            long type = file.u32(startOffset + at + 8);
            long descAt = alignUp(at + HEADER_SIZE + namesz);
            // Sums of 32-bit sizes and an offset in a file: no overflow.
            if (descAt + descsz > sizeBytes) {
                throw file.problem("malformed: a note at 0x%x of note segment %d goes beyond the segment's 0x%x bytes"
                        .formatted(at, index, sizeBytes));
            }
            reader.accept(new ElfNote(name(at + HEADER_SIZE, namesz), type, startOffset + descAt, descsz));
            at = alignUp(descAt + descsz);
        }
    }

    private String name(long at, long namesz) {
        byte[] name = new byte[(int) Math.min(namesz, NAME_LIMIT)];
        int length = 0;
        while (length < name.length) {
            name[length] = (byte) file.u8(startOffset + at + length);
            if (name[length] == 0) {
                break;
            }
            length++;
        }
        return new String(name, 0, length, StandardCharsets.ISO_8859_1);
    }

    private long alignUp(long value) {
        return (value + align - 1) & -align;
    }
}
