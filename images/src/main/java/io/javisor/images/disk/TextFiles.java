package io.javisor.images.disk;

import io.javisor.images.ByteSource;
import io.javisor.images.ImageException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** Configuration files on a disk. */
public final class TextFiles {
    private TextFiles() {}

    /**
     * What the file at {@code path} says, a character a byte; empty if there is none.
     *
     * @throws ImageException if it has more than {@code limitBytes}, or can't be read
     */
    public static String text(FileSystem files, String path, int limitBytes) {
        ByteSource file = files.file(path);
        if (file == null) {
            return "";
        }
        if (file.sizeBytes() > limitBytes) {
            throw file.problem("it has %d bytes, too many for a configuration".formatted(file.sizeBytes()));
        }
        byte[] bytes = new byte[(int) file.sizeBytes()];
        file.read(0, MemorySegment.ofArray(bytes));
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
