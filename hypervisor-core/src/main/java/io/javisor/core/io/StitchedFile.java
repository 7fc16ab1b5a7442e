package io.javisor.core.io;

import io.javisor.core.host.Fd;
import java.util.List;

/**
 * Several files that are read as if they were one, each right behind the one before. Immutable; any thread.
 *
 * <p>How long each is, is settled when this is made: one that has grown since ends where it ended, and what one that has shrunk lacks can't be
 * read, whatever comes after it.
 */
public final class StitchedFile {
    /**
     * One of them. A file may be several.
     *
     * @param file open for reading, without O_DIRECT; stays the caller's, and open for as long as anything reads this
     * @param sizeBytes how much of it counts, from its start: at least 1
     */
    public record Part(Fd file, long sizeBytes) {
        public Part {
            if (sizeBytes < 1) {
                throw new IllegalArgumentException("a part of " + sizeBytes + " bytes: " + file);
            }
        }
    }

    private final List<Part> parts;
    private final long[] starts; // one more than there are parts: the end of all

    /**
     * Puts them together.
     *
     * @param parts at least one
     * @throws IllegalArgumentException if there is none, or no number says how long they are together
     */
    public StitchedFile(List<Part> parts) {
        this.parts = List.copyOf(parts);
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("a file of no parts");
        }
        starts = new long[parts.size() + 1];
        for (int i = 0; i < parts.size(); i++) {
            long end = starts[i] + this.parts.get(i).sizeBytes();
            if (end < 0) {
                throw new IllegalArgumentException("parts of more than " + Long.MAX_VALUE + " bytes");
            }
            starts[i + 1] = end;
        }
    }

    /** How long they are together, in bytes. */
    public long sizeBytes() {
        return starts[parts.size()];
    }

    /** The first of them. */
    public Fd first() {
        return parts.getFirst().file();
    }

    int partCount() {
        return parts.size();
    }

    Fd file(int part) {
        return parts.get(part).file();
    }

    /** Where a part begins in the whole; of {@link #partCount} the end of the whole. */
    long start(int part) {
        return starts[part];
    }

    /** The part in which {@code offset} lies, at least 0; the last one for what lies past its end. */
    int partAt(long offset) {
        int low = 0;
        int high = parts.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (starts[middle] <= offset) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    @Override
    public String toString() {
        return first().name() + (parts.size() == 1 ? "" : " and " + (parts.size() - 1) + " more");
    }
}
