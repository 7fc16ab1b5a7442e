package io.javisor.emulator.system;

import static io.javisor.emulator.state.SegmentAttributes.dpl;
import static io.javisor.emulator.state.SegmentAttributes.isCode;
import static io.javisor.emulator.state.SegmentAttributes.isConformingCode;
import static io.javisor.emulator.state.SegmentAttributes.isSystem;
import static io.javisor.emulator.state.SegmentAttributes.present;
import static io.javisor.emulator.system.DescriptorTables.attributes;
import static io.javisor.emulator.system.DescriptorTables.isNull;

import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.SegmentAttributes;
import io.javisor.emulator.state.Vectors;

/** Far JMP, CALL and RET (SDM vol. 2A JMP, CALL, vol. 2B RET; vol. 3A §5.8). */
public final class FarTransfers {
    private static final int GATE_COUNT_MASK = 0x1F;

    private final CpuBlock cpu;
    private final DescriptorTables tables;
    private final CodeSegments code;
    private final SegmentLoader segments;
    private final Stack stack;
    private final InnerStack innerStack;
    private final TaskSwitch tasks;

    FarTransfers(
            SystemContext context,
            DescriptorTables tables,
            CodeSegments code,
            SegmentLoader segments,
            Stack stack,
            InnerStack innerStack,
            TaskSwitch tasks) {
        this.cpu = context.cpu;
        this.tables = tables;
        this.code = code;
        this.segments = segments;
        this.stack = stack;
        this.innerStack = innerStack;
        this.tasks = tasks;
    }

    /**
     * JMP ptr16:16 and its kin.
     *
     * @param size of the operand: 2, 4 or 8 bytes; {@code offset} is cut to it
     * @param nextRip of the instruction behind, which a task switch saves
     */
    public void jump(int selector, long offset, int size, long nextRip) {
        transfer(selector & 0xFFFF, SystemContext.cut(offset, size), size, nextRip, false);
    }

    /**
     * CALL ptr16:16 and its kin.
     *
     * @param size of the operand and of what is pushed: 2, 4 or 8 bytes
     * @param nextRip the address to return to
     */
    public void call(int selector, long offset, int size, long nextRip) {
        transfer(selector & 0xFFFF, SystemContext.cut(offset, size), size, nextRip, true);
    }

    private void transfer(int selector, long offset, int size, long nextRip, boolean call) {
        if (cpu.realAddressing()) {
            code.checkRealOffset(offset);
            stack.current();
            if (call) {
                stack.push(size, cpu.selector(CpuBlock.CS));
                stack.push(size, nextRip);
            }
            code.enterReal(selector, offset);
            if (call) {
                stack.commit();
            }
            return;
        }
        if (isNull(selector)) {
            throw cpu.generalProtection();
        }
        long raw = tables.fetch(selector, Vectors.GP);
        int attributes = attributes(raw);
        if (isCode(attributes)) {
            code.checkDirect(selector, attributes);
            sameLevel(selector, raw, offset, size, nextRip, call);
        } else if (!isSystem(attributes)) {
            throw tables.fault(Vectors.GP, selector);
        } else {
            throughSystemDescriptor(selector, raw, attributes, nextRip, call);
        }
    }

    private void sameLevel(int selector, long raw, long offset, int size, long nextRip, boolean call) {
        code.checkOffset(offset, raw);
        if (call) {
            // A gate of IA-32e mode pushes as 64-bit mode does, whatever called it.
            if (size == 8) {
                stack.flat(cpu.gpr(CpuBlock.RSP), false);
            } else {
                stack.current();
            }
            stack.push(size, cpu.selector(CpuBlock.CS));
            stack.push(size, nextRip);
        }
        code.enter(selector, raw, cpu.cpl(), offset);
        if (call) {
            stack.commit();
        }
    }

    private void throughSystemDescriptor(int selector, long raw, int attributes, long nextRip, boolean call) {
        int type = SegmentAttributes.type(attributes);
        boolean longMode = cpu.longMode();
        switch (type) {
            case SegmentAttributes.TYPE_CALL_GATE32 -> gate(selector, raw, attributes, longMode ? 8 : 4, nextRip, call);
            case SegmentAttributes.TYPE_CALL_GATE16,
                    SegmentAttributes.TYPE_TASK_GATE,
                    SegmentAttributes.TYPE_TSS16,
                    SegmentAttributes.TYPE_TSS32 -> {
                if (longMode) {
                    throw tables.fault(Vectors.GP, selector);
                }
                if (type == SegmentAttributes.TYPE_CALL_GATE16) {
                    gate(selector, raw, attributes, 2, nextRip, call);
                    return;
                }
                checkGateAccess(selector, attributes);
                int tss = type == SegmentAttributes.TYPE_TASK_GATE ? DescriptorTables.gateSelector(raw) : selector;
                tasks.enter(tss, call ? TaskSwitch.Cause.CALL : TaskSwitch.Cause.JUMP, nextRip);
            }
            default -> throw tables.fault(Vectors.GP, selector);
        }
    }

    private void checkGateAccess(int selector, int attributes) {
        if (dpl(attributes) < cpu.cpl() || dpl(attributes) < (selector & 3)) {
            throw tables.fault(Vectors.GP, selector);
        }
        if (!present(attributes)) {
            throw tables.fault(Vectors.NP, selector);
        }
    }

    // §5.8.4, and §5.8.3.1 for the gates of IA-32e mode.
    private void gate(int gateSelector, long gate, int gateAttributes, int size, long nextRip, boolean call) {
        checkGateAccess(gateSelector, gateAttributes);
        long offset = DescriptorTables.gateOffset(gate);
        if (size == 8) {
            long upper = tables.fetchUpper(gateSelector, Vectors.GP);
            if ((upper >>> 40 & 0x1F) != 0) {
                throw tables.fault(Vectors.GP, gateSelector);
            }
            offset |= upper << 32;
        } else if (size == 2) {
            offset &= 0xFFFF;
        }
        int selector = DescriptorTables.gateSelector(gate);
        if (isNull(selector)) {
            throw cpu.generalProtection();
        }
        long raw = tables.fetch(selector, Vectors.GP);
        int attributes = attributes(raw);
        if (!isCode(attributes) || dpl(attributes) > cpu.cpl()) {
            throw tables.fault(Vectors.GP, selector);
        }
        boolean inner = !isConformingCode(attributes) && dpl(attributes) < cpu.cpl();
        if (inner && !call) {
            throw tables.fault(Vectors.GP, selector);
        }
        // A call gate of IA-32e mode leads to 64-bit code.
        if (size == 8 && (attributes & (SegmentAttributes.LONG | SegmentAttributes.BIG)) != SegmentAttributes.LONG) {
            throw tables.fault(Vectors.GP, selector);
        }
        code.checkUsable(selector, attributes);
        if (!inner) {
            sameLevel(selector, raw, offset, size, nextRip, call);
            return;
        }
        innerLevel(selector, raw, offset, size, nextRip, (int) (gate >>> 32) & GATE_COUNT_MASK);
    }

    private void innerLevel(int selector, long raw, long offset, int size, long nextRip, int parameters) {
        int cpl = dpl(attributes(raw));
        innerStack.find(cpl, 0);
        code.checkOffset(offset, raw);
        long oldPointer = cpu.gpr(CpuBlock.RSP);
        int oldStack = cpu.selector(CpuBlock.SS);
        // The new frame is written before the old stack is left: parameters are read from it.
        innerStack.use();
        Stack target = innerStack.stack();
        target.push(size, oldStack);
        target.push(size, SystemContext.cut(oldPointer, size));
        if (size != 8) {
            stack.current();
            for (int i = parameters - 1; i >= 0; i--) {
                target.push(size, stack.peek((long) i * size, size));
            }
        }
        target.push(size, cpu.selector(CpuBlock.CS));
        target.push(size, nextRip);
        code.touch(selector, raw);
        innerStack.touch();
        code.enter(selector, raw, cpl, offset);
        innerStack.commit();
    }

    /**
     * Far RET.
     *
     * @param size of the operand: 2, 4 or 8 bytes
     * @param release how many bytes of parameters go
     */
    public void ret(int size, int release) {
        stack.current();
        long offset = SystemContext.cut(stack.pop(size), size);
        int selector = (int) stack.pop(size) & 0xFFFF;
        if (cpu.realAddressing()) {
            code.checkRealOffset(offset);
            stack.skip(release);
            code.enterReal(selector, offset);
            stack.commit();
            return;
        }
        if (isNull(selector)) {
            throw cpu.generalProtection();
        }
        long raw = tables.fetch(selector, Vectors.GP);
        code.checkReturn(selector, attributes(raw));
        code.checkOffset(offset, raw);
        stack.skip(release);
        int cpl = selector & 3;
        if (cpl == cpu.cpl()) {
            code.enter(selector, raw, cpl, offset);
            stack.commit();
            return;
        }
        long pointer = SystemContext.cut(stack.pop(size), size);
        int stackSelector = (int) stack.pop(size) & 0xFFFF;
        outer(selector, raw, offset, stackSelector, pointer, release);
    }

    /** Ends a return to a less privileged level, of RET and of IRET: SS is checked, then all is loaded. */
    void outer(int selector, long raw, long offset, int stackSelector, long pointer, int release) {
        int cpl = selector & 3;
        boolean lower = cpl > cpu.cpl();
        boolean to64 = code.is64(attributes(raw));
        boolean nullStack = isNull(stackSelector);
        long stackRaw = 0;
        if (nullStack) {
            if (!to64 || cpl == 3 || (stackSelector & 3) != cpl) {
                throw cpu.generalProtection();
            }
        } else {
            stackRaw = segments.checkStack(stackSelector, cpl, Vectors.GP);
            segments.touch(stackSelector, stackRaw);
        }
        code.touch(selector, raw);
        code.enter(selector, raw, cpl, offset);
        if (nullStack) {
            segments.setNullStack(stackSelector, cpl);
        } else {
            segments.setAgain(CpuBlock.SS, stackSelector, stackRaw);
        }
        setPointer(to64, pointer, release);
        if (lower) {
            segments.dropPrivilegedData(cpl);
        }
    }

    private void setPointer(boolean to64, long pointer, int release) {
        if (to64) {
            cpu.setGpr(CpuBlock.RSP, pointer + release);
        } else if ((cpu.attributes(CpuBlock.SS) & SegmentAttributes.BIG) != 0) {
            cpu.setGpr(CpuBlock.RSP, 4, pointer + release);
        } else {
            cpu.setGpr(CpuBlock.RSP, 2, pointer + release);
        }
    }
}
