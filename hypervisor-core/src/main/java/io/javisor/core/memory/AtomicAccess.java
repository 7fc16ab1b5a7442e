package io.javisor.core.memory;

import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Read-modify-write accesses to guest RAM that are atomic for every processor, for locked instructions and the flags of page tables. Each
 * demands natural alignment, or throws {@link GuestMemoryException}, as it does outside RAM; bytes and shorts also demand that the four
 * aligned bytes around them are RAM. They order all other accesses, as the processor's do, and count as writes whether or not they store.
 */
public final class AtomicAccess {
    private static final VarHandle INT =
            ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle LONG =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    private final GuestMemory memory;

    AtomicAccess(GuestMemory memory) {
        this.memory = memory;
    }

    /** Stores {@code value} if {@code expected} is there. Returns what was there. */
    public byte compareAndExchangeByte(long gpa, byte expected, byte value) {
        return (byte) exchangePart(gpa, Byte.SIZE, expected, value);
    }

    /** As {@link #compareAndExchangeByte}; {@code gpa} is even. */
    public short compareAndExchangeShort(long gpa, short expected, short value) {
        requireEven(gpa);
        return (short) exchangePart(gpa, Short.SIZE, expected, value);
    }

    /** As {@link #compareAndExchangeByte}; {@code gpa} is a multiple of 4. */
    public int compareAndExchangeInt(long gpa, int expected, int value) {
        GuestMemory.Region region = memory.alignedRegionOf(gpa, Integer.BYTES);
        int seen = (int) INT.compareAndExchange(region.segment(), gpa - region.startGpa(), expected, value);
        memory.written(region, gpa, Integer.BYTES);
        return seen;
    }

    /** As {@link #compareAndExchangeByte}; {@code gpa} is a multiple of 8. */
    public long compareAndExchangeLong(long gpa, long expected, long value) {
        GuestMemory.Region region = memory.alignedRegionOf(gpa, Long.BYTES);
        long seen = (long) LONG.compareAndExchange(region.segment(), gpa - region.startGpa(), expected, value);
        memory.written(region, gpa, Long.BYTES);
        return seen;
    }

    /** Adds {@code delta}. Returns what was there before. */
    public byte getAndAddByte(long gpa, byte delta) {
        return (byte) addPart(gpa, Byte.SIZE, delta);
    }

    /** As {@link #getAndAddByte}; {@code gpa} is even. */
    public short getAndAddShort(long gpa, short delta) {
        requireEven(gpa);
        return (short) addPart(gpa, Short.SIZE, delta);
    }

    /** As {@link #getAndAddByte}; {@code gpa} is a multiple of 4. */
    public int getAndAddInt(long gpa, int delta) {
        GuestMemory.Region region = memory.alignedRegionOf(gpa, Integer.BYTES);
        int seen = (int) INT.getAndAdd(region.segment(), gpa - region.startGpa(), delta);
        memory.written(region, gpa, Integer.BYTES);
        return seen;
    }

    /** As {@link #getAndAddByte}; {@code gpa} is a multiple of 8. */
    public long getAndAddLong(long gpa, long delta) {
        GuestMemory.Region region = memory.alignedRegionOf(gpa, Long.BYTES);
        long seen = (long) LONG.getAndAdd(region.segment(), gpa - region.startGpa(), delta);
        memory.written(region, gpa, Long.BYTES);
        return seen;
    }

    /** Java has no such access to less than four bytes of a segment: the ones beside are stored as they were seen. */
    private int exchangePart(long gpa, int bits, int expected, int value) {
        long wordGpa = gpa & -Integer.BYTES;
        int shift = (int) (gpa - wordGpa) * Byte.SIZE;
        int mask = (-1 >>> (Integer.SIZE - bits)) << shift;
        GuestMemory.Region region = memory.alignedRegionOf(wordGpa, Integer.BYTES);
        long offset = wordGpa - region.startGpa();
        int seen = (int) INT.getVolatile(region.segment(), offset);
        while (true) {
            boolean found = ((seen ^ (expected << shift)) & mask) == 0;
            // Another value is stored again, as the processor does: a load alone would order nothing that was stored
            // before it.
            int stored = found ? (seen & ~mask) | ((value << shift) & mask) : seen;
            int witness = (int) INT.compareAndExchange(region.segment(), offset, seen, stored);
            if (witness == seen) {
                break;
            }
            seen = witness;
        }
        memory.written(region, gpa, bits / Byte.SIZE);
        return seen >>> shift;
    }

    private int addPart(long gpa, int bits, int delta) {
        long wordGpa = gpa & -Integer.BYTES;
        int shift = (int) (gpa - wordGpa) * Byte.SIZE;
        int mask = (-1 >>> (Integer.SIZE - bits)) << shift;
        GuestMemory.Region region = memory.alignedRegionOf(wordGpa, Integer.BYTES);
        long offset = wordGpa - region.startGpa();
        int seen = (int) INT.getVolatile(region.segment(), offset);
        while (true) {
            int sum = (seen & ~mask) | ((seen + (delta << shift)) & mask);
            int witness = (int) INT.compareAndExchange(region.segment(), offset, seen, sum);
            if (witness == seen) {
                memory.written(region, gpa, bits / Byte.SIZE);
                return seen >>> shift;
            }
            seen = witness;
        }
    }

    private static void requireEven(long gpa) {
        if ((gpa & 1) != 0) {
            throw new GuestMemoryException("guest-physical 0x" + Long.toHexString(gpa) + " is not a multiple of 2");
        }
    }
}
