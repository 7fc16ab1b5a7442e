package io.javisor.firmware.elf;

import io.javisor.images.ImageFile;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Reads the notes of one PT_NOTE segment: namesz, descsz, type, name, descriptor, the last two padded. */
final class ElfNoteReader {
    private static final int HEADER_SIZE = 12;

    /** Longer than any owner that is asked for; a longer name is read no further. */
    private static final int NAME_LIMIT = 32;

    /** What everybody writes. */
    private static final int NARROW = 4;

    /** What gABI says of 64-bit files. */
    private static final int WIDE = 8;

    private final ImageFile file;
    private final long startOffset;
    private final long sizeBytes;
    private final boolean mayHaveWide;

    /**
     * The segment lies in the file.
     *
     * @param mayHaveWide whether {@code p_align} is 8: then all notes are padded to 8 bytes, or those of some section that was linked with
     *     others', which are padded to 4
     */
    ElfNoteReader(ImageFile file, long startOffset, long sizeBytes, boolean mayHaveWide) {
        this.file = file;
        this.startOffset = startOffset;
        this.sizeBytes = sizeBytes;
        this.mayHaveWide = mayHaveWide;
    }

    /** Gives {@code reader} the notes up to the first that does not lie in the segment, which ends the walk. */
    void forEach(Consumer<ElfNote> reader) {
        walk(mayHaveWide && walk(WIDE, _ -> {}) ? WIDE : NARROW, reader);
    }

    /** Whether all of the segment is notes of that alignment. */
    private boolean walk(int align, Consumer<ElfNote> reader) {
        long at = 0;
        // Padding after the last note may be less than a header.
        while (sizeBytes - at >= HEADER_SIZE) {
            long namesz = file.u32(startOffset + at);
            long descsz = file.u32(startOffset + at + 4);
            long type = file.u32(startOffset + at + 8);
            if (mayHaveWide && align == NARROW && namesz == 0 && (at & (WIDE - 1)) != 0) {
                at += NARROW; // padding in front of a section with wider notes
                continue;
            }
            long descAt = alignUp(at + HEADER_SIZE + namesz, align);
            // Sums of 32-bit sizes and an offset in a file: no overflow.
            if (descAt + descsz > sizeBytes) {
                return false;
            }
            reader.accept(new ElfNote(name(at + HEADER_SIZE, namesz), type, startOffset + descAt, descsz));
            at = alignUp(descAt + descsz, align);
        }
        return true;
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

    private static long alignUp(long value, int align) {
        return (value + align - 1) & -align;
    }
}
