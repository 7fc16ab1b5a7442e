package io.javisor.emulator.system;

import io.javisor.emulator.mmu.LinearMemory;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.SegmentAttributes;
import io.javisor.emulator.state.Vectors;

/**
 * The stack of a control transfer: pushes and pops move a pointer of its own, which the caller makes the register's when nothing can
 * fault any more. One a vCPU, used by one transfer at a time.
 */
final class Stack {
    private final CpuBlock cpu;
    private final LinearMemory memory;
    private final DescriptorTables tables;

    private long base;
    private long limit;
    private int attributes;
    /** Which bits of the pointer move: 16, 32 or 64 of them. */
    private long mask;

    private boolean wide;
    private boolean inner;
    private int selector;
    private long pointer;

    Stack(SystemContext context, DescriptorTables tables) {
        this.cpu = context.cpu;
        this.memory = context.memory;
        this.tables = tables;
    }

    /** Goes on with the stack that is in use, at the current privilege level. */
    void current() {
        wide = cpu.code64();
        base = cpu.base(CpuBlock.SS);
        limit = cpu.limit(CpuBlock.SS);
        attributes = cpu.attributes(CpuBlock.SS);
        mask = mask(wide, attributes);
        inner = false;
        selector = 0;
        pointer = cpu.gpr(CpuBlock.RSP);
    }

    /**
     * A stack of a more privileged level that is about to be used; its faults name its selector.
     *
     * @param raw its descriptor, checked
     */
    void inner(int newSelector, long raw, long newPointer) {
        wide = false;
        base = DescriptorTables.base(raw);
        limit = Integer.toUnsignedLong(DescriptorTables.limit(raw));
        attributes = DescriptorTables.attributes(raw);
        mask = mask(false, attributes);
        inner = true;
        selector = newSelector;
        pointer = newPointer;
    }

    /** A flat stack for 64-bit mode at {@code newPointer}. */
    void flat(long newPointer, boolean ofInnerLevel) {
        wide = true;
        base = 0;
        mask = -1L;
        inner = ofInnerLevel;
        selector = 0;
        pointer = newPointer;
    }

    void push(int size, long value) {
        long next = moved(-size);
        long linear = linear(next & mask, size);
        if (inner) {
            memory.writeImplicit(linear, size, value);
        } else {
            memory.write(linear, size, value);
        }
        pointer = next;
    }

    long pop(int size) {
        long value = memory.read(linear(pointer & mask, size), size);
        skip(size);
        return value;
    }

    /** Reads what lies {@code distance} bytes above the pointer. */
    long peek(long distance, int size) {
        return memory.read(linear((pointer + distance) & mask, size), size);
    }

    void skip(long bytes) {
        pointer = moved(bytes);
    }

    // A write of ESP clears the upper half of RSP, one of SP leaves the rest alone (SDM vol. 1 §3.4.1.1).
    private long moved(long bytes) {
        return (mask == 0xFFFF ? pointer & ~mask : 0) | ((pointer + bytes) & mask);
    }

    /** Where the pointer is now; bits that the stack's size leaves alone are as they were. */
    long pointer() {
        return pointer;
    }

    /** Makes the pointer the register's. */
    void commit() {
        cpu.setGpr(CpuBlock.RSP, pointer);
    }

    private long linear(long offset, int size) {
        if (wide) {
            if (!CpuBlock.isCanonical(offset) || !CpuBlock.isCanonical(offset + size - 1)) {
                throw fault();
            }
            return offset;
        }
        boolean writable = cpu.realAddressing() || SegmentAttributes.isWritableData(attributes);
        if (!writable || !Addressing.within(offset, size, limit, attributes)) {
            throw fault();
        }
        return (base + offset) & 0xFFFF_FFFFL;
    }

    private CpuFault fault() {
        return inner ? tables.fault(Vectors.SS, selector) : tables.fault(Vectors.SS);
    }

    private static long mask(boolean wide, int attributes) {
        if (wide) {
            return -1L;
        }
        return (attributes & SegmentAttributes.BIG) != 0 ? 0xFFFF_FFFFL : 0xFFFFL;
    }
}
