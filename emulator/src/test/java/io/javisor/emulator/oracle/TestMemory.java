package io.javisor.emulator.oracle;

import static io.javisor.emulator.oracle.OracleRecord.CODE_AREA;
import static io.javisor.emulator.oracle.OracleRecord.DATA;
import static io.javisor.emulator.oracle.OracleRecord.DATA_SIZE;
import static io.javisor.emulator.oracle.OracleRecord.PAGE;
import static io.javisor.emulator.oracle.OracleRecord.WRITABLE_SIZE;

import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.Vectors;
import io.javisor.emulator.step.OperandMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The oracle's data pages and its code, at the same linear addresses, for a step in 64-bit user mode. */
final class TestMemory implements OperandMemory {
    private static final int CODE_SIZE = 0x10000;
    private static final int USER = 4;
    private static final int WRITTEN = 2;
    private static final int PRESENT = 1;

    private final CpuBlock cpu;
    private final MemorySegment data = Arena.ofAuto().allocate(DATA_SIZE, PAGE);
    private final MemorySegment code = Arena.ofAuto().allocate(CODE_SIZE, PAGE);
    private final MemorySegment bounce = Arena.ofAuto().allocate(2L * MAX_SIZE, MAX_SIZE);
    private final MemorySegment initial = Arena.ofAuto().allocate(DATA_SIZE, PAGE);
    private final long[] opened = new long[2];
    private final int[] sizes = new int[2];

    TestMemory(CpuBlock cpu) {
        this.cpu = cpu;
        for (int i = 0; i < DATA_SIZE; i++) {
            initial.set(ValueLayout.JAVA_BYTE, i, OracleRecord.initial(i));
        }
    }

    /** Fills the pages as the oracle does for {@code record}. */
    void load(MemorySegment record) {
        data.copyFrom(initial);
        MemorySegment.copy(record, OracleRecord.WINDOW, data, OracleRecord.WINDOW_AT, OracleRecord.WINDOW_SIZE);
        long at = record.get(ValueLayout.JAVA_LONG, OracleRecord.RIP) - CODE_AREA;
        MemorySegment.copy(record, OracleRecord.CODE, code, at, record.get(ValueLayout.JAVA_INT, OracleRecord.LENGTH));
    }

    MemorySegment data() {
        return data;
    }

    @Override
    public long linear(int segment, long offset, int size, boolean write) {
        long linear = segment >= CpuBlock.FS ? offset + cpu.base(segment) : offset;
        if (!CpuBlock.isCanonical(linear) || !CpuBlock.isCanonical(linear + size - 1)) {
            throw cpu.fault(segment == CpuBlock.SS ? Vectors.SS : Vectors.GP, 0);
        }
        return linear;
    }

    private void check(long linear, int size, boolean write) {
        long end = write ? DATA + WRITABLE_SIZE : DATA + DATA_SIZE;
        long last = linear + size - 1;
        if (linear >= DATA && last < end) {
            return;
        }
        // The first byte that may not be accessed is what CR2 tells.
        long bad = linear < DATA || linear >= end ? linear : end;
        boolean present = bad >= DATA && bad < DATA + DATA_SIZE;
        throw cpu.pageFault(USER | (write ? WRITTEN : 0) | (present ? PRESENT : 0), bad);
    }

    private boolean onTwoPages(long linear, int size) {
        return (linear & PAGE - 1) + size > PAGE;
    }

    @Override
    public long open(int slot, long linear, int size, int intent) {
        check(linear, size, (intent & WRITE) != 0);
        opened[slot] = linear;
        sizes[slot] = size;
        if (!onTwoPages(linear, size)) {
            return data.address() + linear - DATA;
        }
        bounce.fill((byte) 0xcc);
        if ((intent & READ) != 0) {
            MemorySegment.copy(data, linear - DATA, bounce, (long) slot * MAX_SIZE, size);
        }
        return bounce.address() + (long) slot * MAX_SIZE;
    }

    @Override
    public void commit(int slot) {
        if (onTwoPages(opened[slot], sizes[slot])) {
            MemorySegment.copy(bounce, (long) slot * MAX_SIZE, data, opened[slot] - DATA, sizes[slot]);
        }
    }

    @Override
    public void checkWrite(long linear, int size) {
        check(linear, size, true);
    }

    @Override
    public void checkRead(long linear, int size) {
        check(linear, size, false);
    }

    @Override
    public long read(long linear, int size) {
        check(linear, size, false);
        long value = 0;
        for (int i = 0; i < size; i++) {
            value |= (data.get(ValueLayout.JAVA_BYTE, linear - DATA + i) & 0xffL) << (8 * i);
        }
        return value;
    }

    @Override
    public void write(long linear, int size, long value) {
        check(linear, size, true);
        for (int i = 0; i < size; i++) {
            data.set(ValueLayout.JAVA_BYTE, linear - DATA + i, (byte) (value >>> (8 * i)));
        }
    }

    @Override
    public long direct(int segment, long offset, int size, boolean write) {
        long linear = linear(segment, offset, 1, write);
        check(linear, 1, write);
        return onTwoPages(linear, size) ? 0 : data.address() + linear - DATA;
    }

    @Override
    public long fetch(long linear) {
        return code.address() + linear - CODE_AREA;
    }
}
