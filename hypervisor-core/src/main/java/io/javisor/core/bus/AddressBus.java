package io.javisor.core.bus;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Finds the device that answers an address, in one address space: the 64 Ki ports, or device memory.
 *
 * <p>Devices may come and go while the guest runs; a lookup reads one immutable table and holds no lock while in a device. An
 * access that no device claims reads all ones or is dropped, and is counted. One that lies only partly in a device's range goes
 * byte by byte to whoever claims each byte, as on a real bus. Lookup and access allocate nothing.
 */
public final class AddressBus {
    /** A claimed range: {@code length} addresses from {@code start}. */
    public record Range(String name, long start, long length, BusDevice device) {
        /** The last address of the range. */
        public long last() {
            return start + length - 1;
        }
    }

    private static final Range[] NONE = {};

    private final String name;
    private final long lastAddress;
    private final AtomicLong unclaimedReads = new AtomicLong();
    private final AtomicLong unclaimedWrites = new AtomicLong();
    private volatile Range[] ranges = NONE;

    private AddressBus(String name, long lastAddress) {
        this.name = name;
        this.lastAddress = lastAddress;
    }

    /** The port space, 0 to 0xFFFF. */
    public static AddressBus ports() {
        return new AddressBus("port", 0xFFFF);
    }

    /** Device memory: guest-physical addresses up to 52 bits. */
    public static AddressBus deviceMemory() {
        return new AddressBus("device memory", (1L << 52) - 1);
    }

    /**
     * Gives a range to a device.
     *
     * @param rangeName for listings
     * @return what takes the range back
     * @throws IllegalArgumentException if it is empty, outside the address space or overlaps a claimed one
     */
    public Claim register(String rangeName, long start, long length, BusDevice device) {
        Range added = new Range(rangeName, start, length, device);
        if (length <= 0 || start < 0 || start > lastAddress || length - 1 > lastAddress - start) {
            throw new IllegalArgumentException(
                    "%s range 0x%x, length 0x%x, for %s is empty or outside the address space"
                            .formatted(name, start, length, rangeName));
        }
        synchronized (this) {
            for (Range range : ranges) {
                if (start <= range.last() && range.start <= added.last()) {
                    throw new IllegalArgumentException("%s range 0x%x-0x%x of %s overlaps 0x%x-0x%x of %s"
                            .formatted(name, start, added.last(), rangeName, range.start, range.last(), range.name));
                }
            }
            Range[] table = Arrays.copyOf(ranges, ranges.length + 1);
            table[ranges.length] = added;
            Arrays.sort(table, (a, b) -> Long.compare(a.start(), b.start()));
            ranges = table;
        }
        return () -> unregister(added);
    }

    /** A device's range. Closing takes it back; a second call does nothing. An access that is already in the device goes on. */
    @FunctionalInterface
    public interface Claim extends AutoCloseable {
        @Override
        void close();
    }

    /** The claimed ranges, ascending. */
    public List<Range> ranges() {
        return List.of(ranges);
    }

    /** How many reads nobody answered. */
    public long unclaimedReads() {
        return unclaimedReads.get();
    }

    /** How many writes nobody took. */
    public long unclaimedWrites() {
        return unclaimedWrites.get();
    }

    /**
     * Reads {@code size} bytes (1 to 8) at {@code address}.
     *
     * @return the value, zero-extended; all ones where nobody answers
     */
    public long read(long address, int size) {
        Range range = find(address);
        if (range == null || address - range.start > range.length - size) {
            return readApart(address, size);
        }
        return range.device.read(address - range.start, size) & mask(size);
    }

    /** Writes the low {@code size} bytes (1 to 8) of {@code value} at {@code address}. */
    public void write(long address, int size, long value) {
        Range range = find(address);
        if (range == null || address - range.start > range.length - size) {
            writeApart(address, size, value);
            return;
        }
        range.device.write(address - range.start, size, value & mask(size));
    }

    /** {@code count} reads of one address into {@code data}: {@code rep ins}. */
    public void readString(long address, int size, MemorySegment data, long dataOffset, int count) {
        Range range = find(address);
        if (range == null || address - range.start > range.length - size) {
            for (int i = 0; i < count; i++) {
                LittleEndian.put(data, dataOffset + (long) i * size, size, readApart(address, size));
            }
            return;
        }
        range.device.readString(address - range.start, size, data, dataOffset, count);
    }

    /** {@code count} writes to one address out of {@code data}: {@code rep outs}. */
    public void writeString(long address, int size, MemorySegment data, long dataOffset, int count) {
        Range range = find(address);
        if (range == null || address - range.start > range.length - size) {
            for (int i = 0; i < count; i++) {
                writeApart(address, size, LittleEndian.get(data, dataOffset + (long) i * size, size));
            }
            return;
        }
        range.device.writeString(address - range.start, size, data, dataOffset, count);
    }

    private long readApart(long address, int size) {
        long value = 0;
        boolean claimed = false;
        for (int i = size - 1; i >= 0; i--) {
            Range range = find(address + i);
            long unit = 0xFF;
            if (range != null) {
                claimed = true;
                unit = range.device.read(address + i - range.start, 1) & 0xFF;
            }
            value = (value << 8) | unit;
        }
        if (!claimed) {
            unclaimedReads.incrementAndGet();
        }
        return value;
    }

    private void writeApart(long address, int size, long value) {
        boolean claimed = false;
        for (int i = 0; i < size; i++) {
            Range range = find(address + i);
            if (range != null) {
                claimed = true;
                range.device.write(address + i - range.start, 1, (value >>> (8 * i)) & 0xFF);
            }
        }
        if (!claimed) {
            unclaimedWrites.incrementAndGet();
        }
    }

    private @Nullable Range find(long address) {
        Range[] table = ranges;
        int low = 0;
        int high = table.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Range range = table[middle];
            if (address < range.start) {
                high = middle - 1;
            } else if (address - range.start >= range.length) {
                low = middle + 1;
            } else {
                return range;
            }
        }
        return null;
    }

    private synchronized void unregister(Range removed) {
        Range[] table =
                Arrays.stream(ranges).filter(range -> !range.equals(removed)).toArray(Range[]::new);
        ranges = table;
    }

    private static long mask(int size) {
        return size == 8 ? -1L : (1L << (8 * size)) - 1;
    }
}
