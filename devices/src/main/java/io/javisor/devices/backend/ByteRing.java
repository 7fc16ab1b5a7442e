package io.javisor.devices.backend;

import static io.javisor.core.host.HostConstants.MAP_ANONYMOUS;
import static io.javisor.core.host.HostConstants.MAP_PRIVATE;
import static io.javisor.core.host.HostConstants.PROT_READ;
import static io.javisor.core.host.HostConstants.PROT_WRITE;

import io.javisor.core.host.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A ring of bytes outside the heap, so that a blocked write(2) from it never holds up the collector. Its pages come into being as
 * they are first used. Not safe for several threads.
 */
public final class ByteRing implements AutoCloseable {
    private final int capacity;
    private final Arena arena = Arena.ofShared();
    private final long baseHva;
    private final MemorySegment bytes;
    private int head;
    private int size;

    /** @param capacityBytes a multiple of the page size */
    public ByteRing(int capacityBytes) {
        this.capacity = capacityBytes;
        this.baseHva = Libc.check(
                "mmap(length=" + capacityBytes + ")",
                Libc.mmap(0, capacityBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        this.bytes = Libc.segmentAt(baseHva, capacityBytes, arena);
    }

    /** How many bytes are in it. */
    public int size() {
        return size;
    }

    /** How many more it has room for. */
    public int free() {
        return capacity - size;
    }

    /** Adds a byte. There must be room. */
    public void add(int value) {
        bytes.set(ValueLayout.JAVA_BYTE, tail(), (byte) value);
        size++;
    }

    /** Adds {@code count} bytes. There must be room. */
    public void add(MemorySegment data, long dataOffset, int count) {
        int tail = tail();
        int first = Math.min(count, capacity - tail);
        MemorySegment.copy(data, dataOffset, bytes, tail, first);
        MemorySegment.copy(data, dataOffset + first, bytes, 0, count - first);
        size += count;
    }

    /** Adds {@code count} bytes that lie at {@code sourceHva}, an address that the caller knows to be mapped. There must be room. */
    public void add(long sourceHva, int count) {
        int tail = tail();
        int first = Math.min(count, capacity - tail);
        Libc.memcpy(baseHva + tail, sourceHva, first);
        Libc.memcpy(baseHva, sourceHva + first, count - first);
        size += count;
    }

    /** Copies {@code count} bytes, from the one that comes {@code offset} after the oldest on; they stay. */
    public void copyOut(int offset, MemorySegment target, int count) {
        int start = (head + offset) % capacity;
        int first = Math.min(count, capacity - start);
        MemorySegment.copy(bytes, start, target, 0, first);
        MemorySegment.copy(bytes, 0, target, first, count - first);
    }

    /** Where the oldest byte is. */
    public long headHva() {
        return baseHva + head;
    }

    /** How many bytes lie there in one piece. */
    public int contiguous() {
        return Math.min(size, capacity - head);
    }

    /** Drops the {@code count} oldest bytes. */
    public void consume(int count) {
        head = (head + count) % capacity;
        size -= count;
        if (size == 0) {
            head = 0; // the next batch is then in one piece, and touches no new page
        }
    }

    /** Gives the memory back; every later access throws. No write(2) may be under way from it. */
    @Override
    public void close() {
        arena.close();
        int _ = Libc.munmap(baseHva, capacity);
    }

    private int tail() {
        return (head + size) % capacity;
    }
}
