package io.javisor.emulator.system;

import static io.javisor.emulator.state.SegmentAttributes.dpl;
import static io.javisor.emulator.state.SegmentAttributes.isCode;
import static io.javisor.emulator.state.SegmentAttributes.isConformingCode;
import static io.javisor.emulator.state.SegmentAttributes.isSystem;
import static io.javisor.emulator.state.SegmentAttributes.present;
import static io.javisor.emulator.system.DescriptorTables.attributes;

import io.javisor.emulator.mmu.LinearMemory;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.SegmentAttributes;
import io.javisor.emulator.state.StateLayout;
import io.javisor.emulator.state.Vectors;

/**
 * Enters handlers of interrupts and exceptions through the interrupt table (SDM vol. 2A INT n, vol. 3A §6.10 to §6.14). One attempt:
 * what a fault during it means is {@link Exceptions}' business.
 */
final class Interrupts {
    /** Where an event comes from. */
    enum Source {
        /** INT n, INT3, INTO: the gate's DPL is checked, error codes do not have EXT. */
        SOFTWARE,
        /** Interrupts, NMIs, exceptions, INT1. */
        HARDWARE
    }

    private static final long CLEARED = Bits.TF | Bits.NT | Bits.RF | Bits.VM;

    private final SystemContext context;
    private final CpuBlock cpu;
    private final LinearMemory memory;
    private final DescriptorTables tables;
    private final CodeSegments code;
    private final Stack stack;
    private final InnerStack innerStack;
    private final TaskSwitch tasks;

    // Of the delivery in progress.
    private int frameSize;
    private long pushedFlags;
    private long returnRip;
    private int errorCode;

    Interrupts(
            SystemContext context,
            DescriptorTables tables,
            CodeSegments code,
            Stack stack,
            InnerStack innerStack,
            TaskSwitch tasks) {
        this.context = context;
        this.cpu = context.cpu;
        this.memory = context.memory;
        this.tables = tables;
        this.code = code;
        this.stack = stack;
        this.innerStack = innerStack;
        this.tasks = tasks;
    }

    /**
     * Enters the handler of a vector.
     *
     * @param newErrorCode what is pushed last, or {@link CpuFault#NO_CODE}; real-address mode pushes none
     * @param newReturnRip the instruction to return to
     * @param resume whether the pushed flags have RF set, so that a breakpoint on that instruction does not hit again
     * @throws CpuFault if the handler cannot be entered; no register has changed then, unless a task switch was under way
     */
    void enter(int vector, Source source, int newErrorCode, long newReturnRip, boolean resume) {
        errorCode = newErrorCode;
        returnRip = newReturnRip;
        pushedFlags = cpu.rflags() | (resume ? Bits.RF : 0);
        tables.setExternal(source == Source.HARDWARE);
        try {
            if (!cpu.protectedMode()) {
                enterReal(vector);
            } else {
                enterProtected(vector, source);
            }
        } finally {
            tables.setExternal(false);
        }
    }

    // Vol. 3B §21.1.4: four bytes a vector, from IDTR's base.
    private void enterReal(int vector) {
        if (vector * 4 + 3 > idtLimit()) {
            throw tables.gateFault(Vectors.GP, vector);
        }
        long entry = memory.readImplicit((idtBase() + vector * 4L) & 0xFFFF_FFFFL, 4);
        long offset = entry & 0xFFFF;
        code.checkRealOffset(offset);
        stack.current();
        stack.push(2, pushedFlags);
        stack.push(2, cpu.selector(CpuBlock.CS));
        stack.push(2, returnRip);
        stack.commit();
        code.enterReal((int) (entry >>> 16), offset);
        context.setFlags(cpu.rflags() & ~(Bits.IF | Bits.TF | Bits.AC | Bits.RF));
    }

    private void enterProtected(int vector, Source source) {
        boolean longMode = cpu.longMode();
        int entrySize = longMode ? 16 : 8;
        if (vector * entrySize + entrySize - 1 > idtLimit()) {
            throw tables.gateFault(Vectors.GP, vector);
        }
        long address = (idtBase() + (long) vector * entrySize) & cpu.linearMask();
        long gate = memory.readImplicit(address, 8);
        int attributes = attributes(gate);
        checkGate(vector, attributes, source);
        if (isSystem(attributes, SegmentAttributes.TYPE_TASK_GATE)) {
            tasks.enterForEvent(DescriptorTables.gateSelector(gate), returnRip, pushedFlags, errorCode);
            return;
        }
        boolean gate16 = (SegmentAttributes.type(attributes) & 8) == 0;
        boolean interruptGate = (attributes & 1) == 0;
        long offset = DescriptorTables.gateOffset(gate);
        int ist = 0;
        if (longMode) {
            offset |= memory.readImplicit(address + 8, 8) << 32;
            ist = (int) (gate >>> 32) & 7;
        } else if (gate16) {
            offset &= 0xFFFF;
        }
        frameSize = longMode ? 8 : gate16 ? 2 : 4;
        enterGate(DescriptorTables.gateSelector(gate), offset, ist, interruptGate);
    }

    private void checkGate(int vector, int attributes, Source source) {
        boolean known =
                switch (SegmentAttributes.type(attributes)) {
                    case SegmentAttributes.TYPE_INTERRUPT_GATE32, SegmentAttributes.TYPE_TRAP_GATE32 -> true;
                    case SegmentAttributes.TYPE_TASK_GATE,
                            SegmentAttributes.TYPE_INTERRUPT_GATE16,
                            SegmentAttributes.TYPE_TRAP_GATE16 -> !cpu.longMode();
                    default -> false;
                };
        if (!known || !isSystem(attributes) || (source == Source.SOFTWARE && dpl(attributes) < cpu.cpl())) {
            throw tables.gateFault(Vectors.GP, vector);
        }
        if (!present(attributes)) {
            throw tables.gateFault(Vectors.NP, vector);
        }
    }

    private void enterGate(int selector, long offset, int ist, boolean interruptGate) {
        if (DescriptorTables.isNull(selector)) {
            throw tables.fault(Vectors.GP);
        }
        long raw = tables.fetch(selector, Vectors.GP);
        int attributes = attributes(raw);
        if (!isCode(attributes) || dpl(attributes) > cpu.cpl()) {
            throw tables.fault(Vectors.GP, selector);
        }
        if (cpu.longMode()
                && (attributes & (SegmentAttributes.LONG | SegmentAttributes.BIG)) != SegmentAttributes.LONG) {
            throw tables.fault(Vectors.GP, selector);
        }
        if (!present(attributes)) {
            throw tables.fault(Vectors.NP, selector);
        }
        boolean inner = !isConformingCode(attributes) && dpl(attributes) < cpu.cpl();
        boolean fromV86 = cpu.v86();
        if (fromV86 && (!inner || dpl(attributes) != 0)) {
            throw tables.fault(Vectors.GP, selector);
        }
        int cpl = inner ? dpl(attributes) : cpu.cpl();
        boolean otherStack = inner || ist != 0;
        Stack target;
        if (otherStack) {
            innerStack.find(cpl, ist);
            target = innerStack.stack();
            if (cpu.longMode()) {
                innerStack.useAligned();
            } else {
                innerStack.use();
            }
        } else {
            target = stack;
            if (cpu.longMode()) {
                stack.flat(cpu.gpr(CpuBlock.RSP) & -16, false);
            } else {
                stack.current();
            }
        }
        code.checkOffset(offset, raw);
        pushFrame(target, otherStack, fromV86);
        code.touch(selector, raw);
        if (inner) {
            innerStack.touch();
        }
        finish(selector, raw, cpl, offset, inner, otherStack);
        if (fromV86) {
            // Vol. 3B §21.3.1.1: the data segments are saved, and must not be used as if they came from descriptors.
            for (int segment : SegmentLoader.DATA) {
                cpu.setSegment(segment, 0, 0, 0, SegmentAttributes.UNUSABLE);
            }
        }
        context.setFlags(cpu.rflags() & ~(CLEARED | (interruptGate ? Bits.IF : 0)));
    }

    private void pushFrame(Stack target, boolean otherStack, boolean fromV86) {
        if (fromV86) {
            target.push(frameSize, cpu.selector(CpuBlock.GS));
            target.push(frameSize, cpu.selector(CpuBlock.FS));
            target.push(frameSize, cpu.selector(CpuBlock.DS));
            target.push(frameSize, cpu.selector(CpuBlock.ES));
        }
        // 64-bit delivery always saves the stack (§6.14.2).
        if (otherStack || cpu.longMode()) {
            target.push(frameSize, cpu.selector(CpuBlock.SS));
            target.push(frameSize, cpu.gpr(CpuBlock.RSP));
        }
        target.push(frameSize, pushedFlags);
        target.push(frameSize, cpu.selector(CpuBlock.CS));
        target.push(frameSize, returnRip);
        if (errorCode != CpuFault.NO_CODE) {
            target.push(frameSize, errorCode);
        }
    }

    private void finish(int selector, long raw, int cpl, long offset, boolean inner, boolean otherStack) {
        if (cpu.v86()) {
            // Before descriptors are loaded: the handler's mode is protected.
            context.setFlags(cpu.rflags() & ~Bits.VM);
        }
        code.enter(selector, raw, cpl, offset);
        if (inner) {
            innerStack.commit();
        } else if (otherStack) {
            cpu.setGpr(CpuBlock.RSP, innerStack.stack().pointer());
        } else {
            stack.commit();
        }
    }

    private long idtBase() {
        return cpu.getLong(StateLayout.IDTR_BASE_OFFSET);
    }

    private int idtLimit() {
        return cpu.getInt(StateLayout.IDTR_LIMIT_OFFSET) & 0xFFFF;
    }
}
