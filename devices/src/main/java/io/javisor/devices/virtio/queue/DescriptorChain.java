package io.javisor.devices.virtio.queue;

/**
 * A request as a driver made it available: device-readable pieces first, then device-writable ones, indirect tables already followed.
 * Filled by {@link Virtqueue#take} again and again; where a request outlives the handler, the device keeps what it needs of it, or gives each
 * request a chain of its own.
 *
 * <p>All pieces are RAM; their contents may change at any time, so a device reads what it checks once. A device must not depend on
 * how bytes are spread over pieces (virtio 1.2 §2.7.4), so offsets here count from the start of the readable or the writable part. Allocates nothing.
 */
public final class DescriptorChain {
    private final long[] gpas;
    private final int[] lengths; // unsigned
    private int readableCount;
    private int count;
    private long readableBytes;
    private long writableBytes;
    private int token;

    /** @param capacity the most pieces of a chain: the size of the queues that it is used with */
    public DescriptorChain(int capacity) {
        gpas = new long[capacity];
        lengths = new int[capacity];
    }

    /** The most pieces. */
    public int capacity() {
        return gpas.length;
    }

    /** What {@link Virtqueue#complete} wants back. */
    public int token() {
        return token;
    }

    /** The number of device-readable pieces: indices 0 to this. */
    public int readableCount() {
        return readableCount;
    }

    /** The number of all pieces; the device-writable ones come last. */
    public int pieceCount() {
        return count;
    }

    /** Where a piece begins. */
    public long gpa(int piece) {
        return gpas[piece];
    }

    /** A piece's length in bytes, 0 to 2³²−1. */
    public long lengthBytes(int piece) {
        return Integer.toUnsignedLong(lengths[piece]);
    }

    /** The sum of the device-readable pieces. */
    public long readableBytes() {
        return readableBytes;
    }

    /** The sum of the device-writable pieces. */
    public long writableBytes() {
        return writableBytes;
    }

    /** Empties it, for the chain with that token. */
    void begin(int newToken) {
        token = newToken;
        readableCount = 0;
        count = 0;
        readableBytes = 0;
        writableBytes = 0;
    }

    void addReadable(long gpa, int length) {
        add(gpa, length);
        readableCount = count;
        readableBytes += Integer.toUnsignedLong(length);
    }

    void addWritable(long gpa, int length) {
        add(gpa, length);
        writableBytes += Integer.toUnsignedLong(length);
    }

    private void add(long gpa, int length) {
        gpas[count] = gpa;
        lengths[count] = length;
        count++;
    }
}
