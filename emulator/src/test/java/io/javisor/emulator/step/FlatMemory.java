package io.javisor.emulator.step;

import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.Vectors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** 64 KiB of memory from linear address 0, behind segments whose bases count and whose limits do not; #PF beyond. A device may be in it. */
public final class FlatMemory implements OperandMemory {
    private static final int SIZE = 0x10000;

    private final CpuBlock cpu;
    private long deviceLinear = SIZE;
    private int asked;
    private int splitLocks;
    private final MemorySegment bytes = Arena.ofAuto().allocate(SIZE, 4096);

    /** Behind the segments of {@code cpu}. */
    public FlatMemory(CpuBlock cpu) {
        this.cpu = cpu;
    }

    /** From here on it is no memory that may be used directly. */
    void deviceFrom(long linear) {
        deviceLinear = linear;
    }

    /** How often {@link #direct} was called. */
    int asked() {
        return asked;
    }

    /** How often {@link #enterSplitLock} was called. */
    int splitLocks() {
        return splitLocks;
    }

    /** Has a page be one that is not there for the host: that of an empty file, or of memory again. */
    void take(long linear, boolean away) {
        int flags = away ? HostConstants.MAP_SHARED : HostConstants.MAP_PRIVATE | HostConstants.MAP_ANONYMOUS;
        int protection = HostConstants.PROT_READ | HostConstants.PROT_WRITE;
        try (Fd empty = Fd.own("memfd", Libc.memfdCreate("empty", HostConstants.MFD_CLOEXEC))) {
            long hva = bytes.address() + linear;
            long mapped =
                    Libc.mmap(hva, 4096, protection, flags | HostConstants.MAP_FIXED, away ? empty.value() : -1, 0);
            if (mapped != hva) {
                throw new AssertionError("mmap: " + mapped);
            }
        }
    }

    @Override
    public void enterSplitLock() {
        splitLocks++;
    }

    /** Puts bytes there. */
    public void set(long linear, int... values) {
        for (int i = 0; i < values.length; i++) {
            bytes.set(ValueLayout.JAVA_BYTE, linear + i, (byte) values[i]);
        }
    }

    @Override
    public long linear(int segment, long offset, int size, boolean write) {
        return offset + cpu.base(segment);
    }

    private long at(long linear, int size, boolean write) {
        if (linear < 0 || linear + size > SIZE) {
            throw cpu.pageFault(write ? 6 : 4, linear);
        }
        return bytes.address() + linear;
    }

    @Override
    public long open(int slot, long linear, int size, int intent) {
        return at(linear, size, (intent & WRITE) != 0);
    }

    @Override
    public void commit(int slot) {
        // Nothing is ever aside.
    }

    @Override
    public void checkWrite(long linear, int size) {
        long _ = at(linear, size, true);
    }

    @Override
    public void checkRead(long linear, int size) {
        long _ = at(linear, size, false);
    }

    @Override
    public long read(long linear, int size) {
        return HostBytes.get(at(linear, size, false), size);
    }

    @Override
    public void write(long linear, int size, long value) {
        HostBytes.put(at(linear, size, true), size, value);
    }

    @Override
    public long direct(int segment, long offset, int size, boolean write) {
        long linear = linear(segment, offset, 1, write);
        long hva = at(linear, 1, write);
        asked++;
        return linear + size > deviceLinear ? 0 : hva;
    }

    @Override
    public long fetch(long linear) {
        if (linear < 0 || linear >= SIZE) {
            throw cpu.fault(Vectors.PF, 0x14);
        }
        return bytes.address() + linear;
    }
}
