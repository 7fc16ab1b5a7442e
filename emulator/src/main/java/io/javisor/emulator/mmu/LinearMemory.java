package io.javisor.emulator.mmu;

import io.javisor.emulator.state.CpuBlock;
import java.lang.foreign.MemorySegment;

/**
 * Memory as an instruction sees it: linear addresses, with page faults, page crossing and device memory. Segment limits and
 * canonical addresses are checked before ({@code system.Addressing}).
 *
 * <p>An access that crosses a page is checked on both pages before a byte moves. Device memory is read and written in pieces
 * of at most 8 bytes. Throws {@link io.javisor.emulator.state.CpuFault} for the guest's page faults, allocates
 * nothing. Only the vCPU's thread calls it.
 */
public final class LinearMemory {
    /** What a step does with an operand. */
    public static final int READ = 1;

    public static final int WRITE = 2;
    public static final int READ_WRITE = READ | WRITE;

    /** How many operands may be open at once. */
    public static final int SLOTS = 2;

    /** The widest operand, in bytes. */
    public static final int MAX_SIZE = 64;

    /** How much memory outside the heap it wants for operands that cannot be used in place. */
    public static final int BOUNCE_SIZE = (SLOTS + 1) * MAX_SIZE;

    private final CpuBlock cpu;
    private final Mmu mmu;
    private final DeviceAccess devices;
    private final WriteWatch watch;
    private final long bounceHva;
    private final long scratchHva;

    // Where the pages of an open operand lie: two a slot, the last pair is for plain accesses.
    private final long[] gpas = new long[2 * (SLOTS + 1)];
    private final long[] hvas = new long[2 * (SLOTS + 1)];
    private final int[] lengths = new int[2 * (SLOTS + 1)];
    private final boolean[] bounced = new boolean[SLOTS];
    private final boolean[] written = new boolean[SLOTS];
    private long fetchedGpa;
    private boolean fetchedGlobal;
    private long deviceAccesses;
    private long crossings;
    private long codeWrites;

    /**
     * @param devices where what is no RAM goes
     * @param bounce {@link #BOUNCE_SIZE} bytes outside the heap, aligned to 64
     */
    public LinearMemory(CpuBlock cpu, Mmu mmu, DeviceAccess devices, WriteWatch watch, MemorySegment bounce) {
        if (bounce.byteSize() < BOUNCE_SIZE || !bounce.isNative() || (bounce.address() & 63) != 0) {
            throw new IllegalArgumentException("not a place for operands: " + bounce);
        }
        this.cpu = cpu;
        this.mmu = mmu;
        this.devices = devices;
        this.watch = watch;
        bounceHva = bounce.address();
        scratchHva = bounceHva + SLOTS * MAX_SIZE;
    }

    /** Reads {@code size} bytes (1, 2, 4, 8), zero-extended, with the rights of the current privilege level. */
    public long read(long linear, int size) {
        return read(linear, size, false);
    }

    /** Reads for the processor itself: descriptor tables, task state, interrupt tables (SDM vol. 3A §4.6.1, implicit accesses). */
    public long readImplicit(long linear, int size) {
        return read(linear, size, true);
    }

    /** Writes the low {@code size} bytes (1, 2, 4, 8) of {@code value} with the rights of the current privilege level. */
    public void write(long linear, int size, long value) {
        write(linear, size, value, false);
    }

    /** Writes for the processor itself. */
    public void writeImplicit(long linear, int size, long value) {
        write(linear, size, value, true);
    }

    /**
     * Faults as a write of {@code size} bytes (1 to 4096) would; writes nothing. The pages' flags are set as by a write.
     *
     * @param implicit for the processor itself
     */
    public void checkWrite(long linear, int size, boolean implicit) {
        check(linear, size, WRITE, implicit);
    }

    /** Faults as a read of {@code size} bytes (1 to 4096) would. */
    public void checkRead(long linear, int size, boolean implicit) {
        check(linear, size, READ, implicit);
    }

    /**
     * Makes an operand of a step ready.
     *
     * @param slot below {@link #SLOTS}: two operands may be open at once
     * @param size 1 to {@link #MAX_SIZE}
     * @param intent {@link #READ}, {@link #WRITE} or {@link #READ_WRITE}; the right to write is checked now
     * @return the host address to use: RAM itself, or a buffer, with the operand in it if it is to be read
     */
    public long open(int slot, long linear, int size, int intent) {
        boolean write = (intent & WRITE) != 0;
        locate(2 * slot, linear, size, write, false);
        written[slot] = write;
        int first = 2 * slot;
        if (lengths[first] == size && hvas[first] != HostMemory.NOT_RAM) {
            bounced[slot] = false;
            return hvas[first];
        }
        bounced[slot] = true;
        long buffer = bounceHva + (long) slot * MAX_SIZE;
        if ((intent & READ) != 0) {
            gather(first, buffer);
        }
        return buffer;
    }

    /**
     * Looks for RAM that may be used without asking again. Faults as an access of the first byte would.
     *
     * @return the host address, or {@link HostMemory#NOT_RAM} if the bytes are of two pages, are no RAM, or their writes are to be told
     */
    public long direct(long linear, int size, boolean write) {
        if (size > HostMemory.PAGE_SIZE - (int) (linear & 0xFFF)) {
            return HostMemory.NOT_RAM;
        }
        int set = mmu.dataSet(false);
        long entry = Tlb.entryHva(mmu.setHva(set), linear);
        int tag = write ? Tlb.WRITE_TAG_OFFSET : Tlb.READ_TAG_OFFSET;
        if (((linear ^ HostMemory.getLong(entry + tag)) & -HostMemory.PAGE_SIZE) != 0) {
            long _ = mmu.load(set, linear, write);
            if (((linear ^ HostMemory.getLong(entry + tag)) & -HostMemory.PAGE_SIZE) != 0) {
                return HostMemory.NOT_RAM;
            }
        }
        return HostMemory.getLong(entry + Tlb.HOST_PAGE_OFFSET) + (linear & 0xFFF);
    }

    /**
     * Looks for RAM that emitted code may use without Java: the page is in the TLB already, with the right to it. Walks nothing.
     *
     * @return the host address, or {@link HostMemory#NOT_RAM}
     */
    public long known(long linear, int size, boolean write) {
        long entry = Tlb.entryHva(mmu.setHva(mmu.dataSet(false)), linear);
        for (int way = 0; way <= Tlb.SECOND_WAY; way += Tlb.SECOND_WAY) {
            long at = entry + way;
            long t = linear ^ HostMemory.getLong(at + (write ? Tlb.WRITE_TAG_OFFSET : Tlb.READ_TAG_OFFSET));
            if (Long.compareUnsigned(t, HostMemory.PAGE_SIZE + 1 - size) < 0) {
                return HostMemory.getLong(at + Tlb.HOST_PAGE_OFFSET) + t;
            }
        }
        return HostMemory.NOT_RAM;
    }

    /** Ends an operand after the step did its work: what was written to a buffer goes where it belongs. */
    public void commit(int slot) {
        if (written[slot]) {
            int first = 2 * slot;
            if (bounced[slot]) {
                scatter(first, bounceHva + (long) slot * MAX_SIZE);
            } else {
                tellWatch(first);
            }
        }
    }

    /**
     * Finds code.
     *
     * @return the host address of the byte at {@code linear}, good up to the page's end, or {@link HostMemory#NOT_RAM} if device
     *     memory is there; {@link #fetchedGpa} tells which page
     */
    public long fetch(long linear) {
        long set = mmu.setHva(mmu.fetchSet());
        long entry = Tlb.entryHva(set, linear);
        long t = linear ^ HostMemory.getLong(entry + Tlb.READ_TAG_OFFSET);
        if (Long.compareUnsigned(t, HostMemory.PAGE_SIZE) < 0) {
            long page = HostMemory.getLong(entry + Tlb.GPA_OFFSET);
            fetchedGpa = (page & -HostMemory.PAGE_SIZE) | t;
            fetchedGlobal = (page & Tlb.GLOBAL) != 0;
            return HostMemory.getLong(entry + Tlb.HOST_PAGE_OFFSET) + t;
        }
        long page = mmu.load(mmu.fetchSet(), linear, false);
        fetchedGpa = mmu.loadedGpa() | (linear & 0xFFF);
        fetchedGlobal = mmu.loadedGlobal();
        return page == HostMemory.NOT_RAM ? page : page + (linear & 0xFFF);
    }

    /** The guest-physical address of the last {@link #fetch}. */
    public long fetchedGpa() {
        return fetchedGpa;
    }

    /** How many operands were in device memory. */
    public long deviceAccesses() {
        return deviceAccesses;
    }

    /** How many accesses crossed a page. */
    public long crossings() {
        return crossings;
    }

    /** How many accesses the {@link WriteWatch} was told of. */
    public long codeWrites() {
        return codeWrites;
    }

    /** Whether the page of the last {@link #fetch} is a global one. */
    public boolean fetchedGlobal() {
        return fetchedGlobal;
    }

    private long read(long linear, int size, boolean implicit) {
        int set = mmu.dataSet(implicit);
        long entry = Tlb.entryHva(mmu.setHva(set), linear);
        long t = linear ^ HostMemory.getLong(entry + Tlb.READ_TAG_OFFSET);
        if (Long.compareUnsigned(t, HostMemory.PAGE_SIZE + 1 - size) < 0) {
            return HostMemory.get(HostMemory.getLong(entry + Tlb.HOST_PAGE_OFFSET) + t, size);
        }
        locate(2 * SLOTS, linear, size, false, implicit);
        if (lengths[2 * SLOTS] == size && hvas[2 * SLOTS] != HostMemory.NOT_RAM) {
            return HostMemory.get(hvas[2 * SLOTS], size);
        }
        gather(2 * SLOTS, scratchHva);
        return HostMemory.get(scratchHva, size);
    }

    private void write(long linear, int size, long value, boolean implicit) {
        int set = mmu.dataSet(implicit);
        long entry = Tlb.entryHva(mmu.setHva(set), linear);
        long t = linear ^ HostMemory.getLong(entry + Tlb.WRITE_TAG_OFFSET);
        if (Long.compareUnsigned(t, HostMemory.PAGE_SIZE + 1 - size) < 0) {
            HostMemory.put(HostMemory.getLong(entry + Tlb.HOST_PAGE_OFFSET) + t, size, value);
            return;
        }
        locate(2 * SLOTS, linear, size, true, implicit);
        if (lengths[2 * SLOTS] == size && hvas[2 * SLOTS] != HostMemory.NOT_RAM) {
            HostMemory.put(hvas[2 * SLOTS], size, value);
            tellWatch(2 * SLOTS);
            return;
        }
        HostMemory.put(scratchHva, size, value);
        scatter(2 * SLOTS, scratchHva);
    }

    private void check(long linear, int size, int intent, boolean implicit) {
        locate(2 * SLOTS, linear, size, intent == WRITE, implicit);
    }

    /** Finds the one or two pages of an access; faults before anything moves. */
    private void locate(int first, long linear, int size, boolean write, boolean implicit) {
        int set = mmu.dataSet(implicit);
        int here = Math.min(size, HostMemory.PAGE_SIZE - (int) (linear & 0xFFF));
        place(first, linear, here, write, set);
        lengths[first + 1] = 0;
        if (here < size) {
            crossings++;
            // Outside 64-bit mode addresses wrap around at 4 GiB (SDM vol. 1 §3.3.7). The processor's own tables have
            // whole addresses in IA-32e mode.
            boolean wide = implicit ? cpu.longMode() : cpu.code64();
            long next = linear + here;
            place(first + 1, wide ? next : next & 0xFFFF_FFFFL, size - here, write, set);
        }
    }

    private void place(int index, long linear, int length, boolean write, int set) {
        long entry = Tlb.entryHva(mmu.setHva(set), linear);
        long t = linear ^ HostMemory.getLong(entry + (write ? Tlb.WRITE_TAG_OFFSET : Tlb.READ_TAG_OFFSET));
        lengths[index] = length;
        if (Long.compareUnsigned(t, HostMemory.PAGE_SIZE) < 0) {
            hvas[index] = HostMemory.getLong(entry + Tlb.HOST_PAGE_OFFSET) + t;
            gpas[index] = (HostMemory.getLong(entry + Tlb.GPA_OFFSET) & -HostMemory.PAGE_SIZE) | t;
            return;
        }
        long page = mmu.load(set, linear, write);
        hvas[index] = page == HostMemory.NOT_RAM ? page : page + (linear & 0xFFF);
        gpas[index] = mmu.loadedGpa() | (linear & 0xFFF);
    }

    private void gather(int first, long buffer) {
        long to = buffer;
        for (int i = first; i < first + 2; i++) {
            if (hvas[i] != HostMemory.NOT_RAM) {
                HostMemory.copy(hvas[i], to, lengths[i]);
            } else {
                readDevice(gpas[i], to, lengths[i]);
            }
            to += lengths[i];
        }
    }

    private void scatter(int first, long buffer) {
        long from = buffer;
        for (int i = first; i < first + 2; i++) {
            if (hvas[i] != HostMemory.NOT_RAM) {
                HostMemory.copy(from, hvas[i], lengths[i]);
                tellWatch(i);
            } else {
                writeDevice(gpas[i], from, lengths[i]);
            }
            from += lengths[i];
        }
    }

    private void tellWatch(int index) {
        if (lengths[index] > 0 && watch.isWatched(gpas[index] & -HostMemory.PAGE_SIZE)) {
            codeWrites++;
            watch.written(gpas[index], lengths[index]);
        }
    }

    private void readDevice(long gpa, long buffer, int length) {
        deviceAccesses++;
        for (int done = 0; done < length; ) {
            int piece = piece(length - done);
            putBytes(buffer + done, piece, devices.read(gpa + done, piece));
            done += piece;
        }
    }

    private void writeDevice(long gpa, long buffer, int length) {
        deviceAccesses++;
        for (int done = 0; done < length; ) {
            int piece = piece(length - done);
            devices.write(gpa + done, piece, getBytes(buffer + done, piece));
            done += piece;
        }
    }

    private static int piece(int left) {
        return Math.min(8, left);
    }

    private static long getBytes(long hva, int size) {
        if (Integer.bitCount(size) == 1) {
            return HostMemory.get(hva, size);
        }
        long value = 0;
        for (int i = size - 1; i >= 0; i--) {
            value = value << 8 | HostMemory.get(hva + i, 1);
        }
        return value;
    }

    private static void putBytes(long hva, int size, long value) {
        if (Integer.bitCount(size) == 1) {
            HostMemory.put(hva, size, value);
            return;
        }
        for (int i = 0; i < size; i++) {
            HostMemory.put(hva + i, 1, value >>> (8 * i));
        }
    }
}
