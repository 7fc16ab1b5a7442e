package io.javisor.emulator.system;

import static io.javisor.emulator.state.SegmentAttributes.isSystem;

import io.javisor.emulator.mmu.LinearMemory;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.SegmentAttributes;
import io.javisor.emulator.state.Vectors;

/** The stack that the TSS names for a more privileged level, or for an interrupt (SDM vol. 3A §5.8.5, §6.14.5, §8.2.1, §8.7). */
final class InnerStack {
    private final CpuBlock cpu;
    private final LinearMemory memory;
    private final DescriptorTables tables;
    private final SegmentLoader segments;
    private final Stack stack;

    private int cpl;
    private int selector;
    private long raw;
    private long pointer;
    private boolean long64;

    InnerStack(SystemContext context, DescriptorTables tables, SegmentLoader segments) {
        this.cpu = context.cpu;
        this.memory = context.memory;
        this.tables = tables;
        this.segments = segments;
        this.stack = new Stack(context, tables);
    }

    /** The stack to push to, after {@link #use}. */
    Stack stack() {
        return stack;
    }

    /**
     * Reads the TSS and checks what it names. Changes nothing.
     *
     * @param newCpl whose stack
     * @param ist 1 to 7 for an entry of the interrupt stack table, 0 for the level's own
     */
    void find(int newCpl, int ist) {
        cpl = newCpl;
        long64 = cpu.longMode();
        if (long64) {
            // Figure 8-11: RSPn from 4, ISTn from 36.
            pointer = read(ist == 0 ? 4 + 8 * newCpl : 28 + 8 * ist, 8);
            if (!CpuBlock.isCanonical(pointer)) {
                throw tables.fault(Vectors.SS);
            }
            selector = newCpl;
            return;
        }
        boolean tss32 = !isSystem(cpu.attributes(CpuBlock.TR), SegmentAttributes.TYPE_TSS16_BUSY)
                && !isSystem(cpu.attributes(CpuBlock.TR), SegmentAttributes.TYPE_TSS16);
        // Figures 8-2 and 8-10. Both halves must lie in the TSS.
        if (tss32) {
            int at = 4 + 8 * newCpl;
            selector = (int) read(at + 4, 2);
            pointer = read(at, 4);
        } else {
            int at = 2 + 4 * newCpl;
            selector = (int) read(at + 2, 2);
            pointer = read(at, 2);
        }
        if (DescriptorTables.isNull(selector)) {
            throw tables.fault(Vectors.TS, selector);
        }
        raw = segments.checkStack(selector, newCpl, Vectors.TS);
    }

    /** Begins to push. */
    void use() {
        if (long64) {
            stack.flat(pointer, true);
        } else {
            stack.inner(selector, raw, pointer);
        }
    }

    /** As {@link #use} in 64-bit delivery, where a frame begins at a multiple of 16 (§6.14.2). */
    void useAligned() {
        stack.flat(pointer & -16, true);
    }

    /** Marks the stack's descriptor accessed, the last thing that may fault. */
    void touch() {
        if (!long64) {
            segments.touch(selector, raw);
        }
    }

    /** Loads SS and the stack pointer. To be called when the new level is the current one. */
    void commit() {
        if (long64) {
            // §6.14.4: SS is null, with the level as its RPL.
            segments.setNullStack(selector, cpl);
            cpu.setGpr(CpuBlock.RSP, stack.pointer());
            return;
        }
        segments.setAgain(CpuBlock.SS, selector, raw);
        boolean big = (cpu.attributes(CpuBlock.SS) & SegmentAttributes.BIG) != 0;
        cpu.setGpr(CpuBlock.RSP, big ? 4 : 2, stack.pointer());
    }

    private long read(int offset, int size) {
        if (offset + size - 1 > cpu.limit(CpuBlock.TR)) {
            throw tables.fault(Vectors.TS, cpu.selector(CpuBlock.TR));
        }
        return memory.readImplicit((cpu.base(CpuBlock.TR) + offset) & cpu.linearMask(), size);
    }
}
