package io.javisor.images;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * Several sources, one behind the other.
 *
 * @param starts where each starts in the whole, and at last how long that is
 */
record ConcatSource(String name, List<ByteSource> parts, List<Long> starts) implements ByteSource {
    static ConcatSource of(String name, List<ByteSource> parts) {
        Long[] starts = new Long[parts.size() + 1];
        starts[0] = 0L;
        for (int i = 0; i < parts.size(); i++) {
            long size = parts.get(i).sizeBytes();
            if (size > Long.MAX_VALUE - starts[i]) {
                throw parts.get(i).problem("it has %d bytes, after %d others".formatted(size, starts[i]));
            }
            starts[i + 1] = starts[i] + size;
        }
        return new ConcatSource(name, List.copyOf(parts), Arrays.asList(starts));
    }

    @Override
    public long sizeBytes() {
        return starts.getLast();
    }

    @Override
    public void read(long offset, MemorySegment target) {
        require(offset, target.byteSize());
        long done = 0;
        for (int i = part(offset); done < target.byteSize(); i++) {
            long inPart = offset + done - starts.get(i);
            long length = Math.min(parts.get(i).sizeBytes() - inPart, target.byteSize() - done);
            if (length > 0) {
                parts.get(i).read(inPart, target.asSlice(done, length));
                done += length;
            }
        }
    }

    /** The last one that starts at or before {@code offset}; empty ones before it start there too. */
    private int part(long offset) {
        int low = 0;
        int high = parts.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) / 2;
            if (starts.get(middle) <= offset) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }
}
