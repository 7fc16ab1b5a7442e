package io.javisor.oci.tar;

import java.util.Arrays;

/**
 * Which pieces of a file an archive holds; between them, and behind them up to the file's size, are holes. Pieces are in the file's order, do not overlap, and are stored in this order, one
 * behind the other. Immutable.
 */
public final class SparseMap {
    private static final SparseMap NONE = new SparseMap(new long[0], 0);

    /** Offset and size of each, in turn. */
    private final long[] pairs;

    private final int count;

    private SparseMap(long[] pairs, int count) {
        this.pairs = pairs;
        this.count = count;
    }

    /** That of a file without holes. */
    static SparseMap whole(long sizeBytes) {
        return sizeBytes == 0 ? NONE : new SparseMap(new long[] {0, sizeBytes}, 1);
    }

    /** How many pieces there are. */
    public int count() {
        return count;
    }

    /** Where in the file a piece is, at least 0. */
    public long offset(int piece) {
        return pairs[2 * piece];
    }

    /** How long a piece is, in bytes: at least 1. */
    public long sizeBytes(int piece) {
        return pairs[2 * piece + 1];
    }

    /** Collects pieces, and checks them. */
    static final class Builder {
        /** 16 MiB of memory, and more than a file system's own maps of most files have. */
        static final int COUNT_MAX = 1 << 20;

        private long[] pairs = new long[8];
        private int count;
        private long end;
        private long storedBytes;

        void add(long offset, long sizeBytes) throws TarSyntaxException {
            if (offset < 0 || sizeBytes < 0 || offset < end || sizeBytes > Long.MAX_VALUE - offset) {
                throw new TarSyntaxException("a sparse file's pieces overlap, or are not in order");
            }
            end = offset + sizeBytes;
            if (sizeBytes == 0) {
                return; // GNU tar ends a map with one, to say how long the file is.
            }
            if (count == COUNT_MAX) {
                throw new TarSyntaxException("a sparse file of more than %d pieces".formatted(COUNT_MAX));
            }
            if (2 * count == pairs.length) {
                pairs = Arrays.copyOf(pairs, pairs.length * 2);
            }
            pairs[2 * count] = offset;
            pairs[2 * count + 1] = sizeBytes;
            count++;
            storedBytes += sizeBytes; // They do not overlap: it is at most `end`.
        }

        /**
         * The map.
         *
         * @param sizeBytes of the file
         * @param stored how many bytes the archive has of it
         */
        SparseMap build(long sizeBytes, long stored) throws TarSyntaxException {
            if (end > sizeBytes) {
                throw new TarSyntaxException("a sparse file's piece lies behind its end");
            }
            if (storedBytes != stored) {
                throw new TarSyntaxException(
                        "a sparse file's pieces have %d bytes, and the archive has %d".formatted(storedBytes, stored));
            }
            return new SparseMap(pairs, count);
        }
    }
}
