package io.javisor.devices.virtio.net;

import io.javisor.core.memory.GuestMemory;
import io.javisor.core.memory.MemoryLease;
import io.javisor.devices.virtio.queue.DescriptorChain;
import java.lang.foreign.MemorySegment;

/**
 * Receive buffers that were taken ahead, first in first out: their device-writable parts, one after the other, are a stream of bytes for the next frame.
 * Of each no more is kept than a frame can fill. Allocates nothing after it was made.
 */
final class TakenChains {
    /** The most pieces that are kept, so that they and what the host adds fit in one vector. */
    private static final int MAX_PIECES = FrameVector.CAPACITY - 16;

    private static final int MAX_CHAIN_BYTES = NetProtocol.MAX_FRAME_SIZE + NetProtocol.HEADER_SIZE;

    private final int[] tokens;
    private final int[] pieceCounts;
    private final int[] sizes;
    private final long[] gpas = new long[MAX_PIECES];
    private final int[] lengths = new int[MAX_PIECES];
    private int count;
    private int pieceCount;
    private long sizeBytes;

    /** @param capacity the most chains */
    TakenChains(int capacity) {
        tokens = new int[capacity];
        pieceCounts = new int[capacity];
        sizes = new int[capacity];
    }

    /** How many chains there are. */
    int count() {
        return count;
    }

    /** The bytes of all of them. */
    long sizeBytes() {
        return sizeBytes;
    }

    int token(int index) {
        return tokens[index];
    }

    /** Whether a chain of so many pieces can be added. */
    boolean hasRoom(int pieces) {
        return count < tokens.length && pieceCount + pieces <= MAX_PIECES;
    }

    /** The bytes of a chain, as far as they are kept. */
    int sizeBytes(int index) {
        return sizes[index];
    }

    void add(DescriptorChain chain) {
        int kept = 0;
        int pieces = 0;
        for (int i = chain.readableCount(); i < chain.pieceCount() && kept < MAX_CHAIN_BYTES; i++) {
            int length = (int) Math.min(chain.lengthBytes(i), MAX_CHAIN_BYTES - kept);
            gpas[pieceCount] = chain.gpa(i);
            lengths[pieceCount] = length;
            pieceCount++;
            pieces++;
            kept += length;
        }
        tokens[count] = chain.token();
        pieceCounts[count] = pieces;
        sizes[count] = kept;
        count++;
        sizeBytes += kept;
    }

    /** Takes the first chains off. */
    void remove(int chains) {
        int pieces = 0;
        for (int i = 0; i < chains; i++) {
            pieces += pieceCounts[i];
            sizeBytes -= sizes[i];
        }
        count -= chains;
        pieceCount -= pieces;
        System.arraycopy(tokens, chains, tokens, 0, count);
        System.arraycopy(pieceCounts, chains, pieceCounts, 0, count);
        System.arraycopy(sizes, chains, sizes, 0, count);
        System.arraycopy(gpas, pieces, gpas, 0, pieceCount);
        System.arraycopy(lengths, pieces, lengths, 0, pieceCount);
    }

    void clear() {
        count = 0;
        pieceCount = 0;
        sizeBytes = 0;
    }

    /** Lends all of them. */
    void lend(MemoryLease lease) {
        for (int i = 0; i < pieceCount; i++) {
            lease.addDeviceWritable(gpas[i], lengths[i]);
        }
    }

    /** How many chains a frame of so many bytes takes, at least 1. */
    int chainsFor(long bytes) {
        long left = bytes;
        for (int i = 0; i < count; i++) {
            left -= sizes[i];
            if (left <= 0) {
                return i + 1;
            }
        }
        throw new IllegalStateException(bytes + " bytes in buffers of " + sizeBytes);
    }

    /** Where the byte at an offset of the stream lies; the offset is below {@link #sizeBytes()}. */
    long gpa(int offset) {
        int left = offset;
        for (int i = 0; i < pieceCount; i++) {
            if (left < lengths[i]) {
                return gpas[i] + left;
            }
            left -= lengths[i];
        }
        throw new IllegalStateException("byte " + offset + " of " + sizeBytes);
    }

    /** Copies to the start of the stream. */
    void copyIn(GuestMemory memory, MemorySegment source, long length) {
        long done = 0;
        for (int i = 0; done < length; i++) {
            long here = Math.min(lengths[i], length - done);
            memory.copyIn(source, done, gpas[i], here);
            done += here;
        }
    }
}
