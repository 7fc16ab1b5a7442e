package io.javisor.oci.tar;

import io.javisor.core.text.Printable;
import io.javisor.oci.OciException;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a tar archive as a stream: those of Version 7, of POSIX (ustar and pax, with global headers), of star and of GNU tar (long names, binary numbers, sparse files of all its formats). It
 * takes from the stream what it needs and no byte more. Volume labels are passed over; entries of types that it does not know are refused. Any damage ends in one {@link OciException}.
 * Not for several threads.
 */
public final class TarReader {
    /** Bytes of a name or of a link's target: what Linux takes for a path. */
    public static final int NAME_MAX = 4096;

    /** Bytes of an extended header, as Go's reader has it, by which images are read elsewhere. */
    private static final int EXTENSION_MAX = 1 << 20;

    private final TarInput input;
    private final byte[] block = new byte[TarLayout.BLOCK_SIZE];
    private final TarHeader header = new TarHeader(block);
    private final EntryBuilder builder;
    private long headerPosition;
    private boolean ended;

    /** @param name of the archive, for messages */
    public TarReader(String name, InputStream in) {
        input = new TarInput(name, in);
        builder = new EntryBuilder(input, block);
    }

    /**
     * Goes to the next entry, past what was not read of this one.
     *
     * @return null behind the last one
     * @throws OciException in one line, if the archive is damaged
     * @throws IOException if the stream fails
     */
    public @Nullable TarEntry next() throws IOException {
        try {
            return ended ? null : advance();
        } catch (TarSyntaxException e) {
            throw input.problem("its tar is damaged at byte %d: %s".formatted(headerPosition, e.getMessage()));
        }
    }

    private @Nullable TarEntry advance() throws IOException, TarSyntaxException {
        input.endContent();
        builder.reset();
        while (nextHeader()) {
            switch (header.type()) {
                case 'L' -> builder.longPath(extension());
                case 'K' -> builder.longTarget(extension());
                case 'x', 'X' -> builder.extend(extension());
                case 'g' -> builder.extendAll(extension());
                case 'V' -> input.begin(header.sizeBytes());
                default -> {
                    return builder.make();
                }
            }
            input.endContent();
        }
        ended = true;
        if (builder.isBegun()) {
            throw new TarSyntaxException("it ends behind a header that says what the next file is");
        }
        return null;
    }

    /** Reads the next header; false at the end: two blocks of zeros, or one, or none, if nothing is behind it. */
    private boolean nextHeader() throws IOException, TarSyntaxException {
        headerPosition = input.position();
        if (!input.readBlock(block)) {
            return false;
        }
        if (header.isZero()) {
            if (input.readBlock(block) && !header.isZero()) {
                throw new TarSyntaxException("zeros where a header should be");
            }
            return false;
        }
        if (!header.checksumFits()) {
            throw new TarSyntaxException("a header whose checksum is wrong");
        }
        return true;
    }

    private byte[] extension() throws IOException, TarSyntaxException {
        long size = header.sizeBytes();
        if (size > EXTENSION_MAX) {
            throw new TarSyntaxException(
                    "an extended header of %d bytes; %d are the most".formatted(size, EXTENSION_MAX));
        }
        input.begin(size);
        byte[] bytes = new byte[(int) size];
        input.readFully(bytes, 0, bytes.length);
        return bytes;
    }

    /** Which pieces of the entry's content the archive has. */
    public SparseMap pieces() {
        return builder.pieces();
    }

    /** How many bytes of the archive were read: behind {@link #next}, where the entry's content starts. */
    public long position() {
        return input.position();
    }

    /**
     * Reads on in the entry's content, as it is stored: piece behind piece, without the holes.
     *
     * @return how many bytes, at least 1; -1 behind the last
     * @throws OciException in one line, if the archive ends before
     * @throws IOException if the stream fails
     */
    public int read(byte[] target, int offset, int length) throws IOException {
        return input.read(target, offset, length);
    }

    /**
     * The entry's content, holes included, of which nothing was read.
     *
     * @param limitBytes how much there may be
     * @throws OciException in one line, if there is more, or the archive ends before
     * @throws IOException if the stream fails
     */
    public byte[] readAll(TarEntry entry, int limitBytes) throws IOException {
        if (entry.sizeBytes() > limitBytes) {
            throw input.problem("%s has %d bytes; %d are the most"
                    .formatted(Printable.asciiLine(entry.path()), entry.sizeBytes(), limitBytes));
        }
        byte[] content = new byte[(int) entry.sizeBytes()];
        SparseMap pieces = pieces();
        for (int i = 0; i < pieces.count(); i++) {
            input.readFully(content, (int) pieces.offset(i), (int) pieces.sizeBytes(i));
        }
        return content;
    }
}
