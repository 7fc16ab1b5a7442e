package io.javisor.emulator.step;

import io.javisor.emulator.decode.Form;
import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.decode.Operand;
import io.javisor.emulator.decode.OperandKind;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.SegmentAttributes;

/** Instructions that move values between registers or memory and the stack. */
public final class StackSteps {
    private static final int REGISTERS = 8;
    private static final int NESTING_MASK = 31;
    private static final long PUSHED_FLAGS = ~(Bits.VM | Bits.RF);

    private final StepContext context;
    private final CpuBlock cpu;
    private final OperandMemory memory;

    public StackSteps(StepContext context) {
        this.context = context;
        this.cpu = context.cpu;
        this.memory = context.memory;
    }

    void execute(Instruction instruction) {
        Form form = instruction.form();
        int size = instruction.operandSize();
        switch (form.names().get(0)) {
            case "push" -> push(pushed(instruction, form.operands().get(0)), size);
            case "pop" -> pop(instruction, form.operands().get(0), size);
            case "pusha" -> pushAll(size);
            case "popa" -> popAll(size);
            case "pushf" -> pushFlags(size);
            case "enter" -> enter(size, (int) instruction.immediate(), instruction.immediate2() & NESTING_MASK);
            case "leave" -> leave(size);
            default -> throw new IllegalStateException(form.toString());
        }
    }

    /** How many bytes of rsp are the stack pointer. */
    private int width() {
        if (cpu.code64()) {
            return 8;
        }
        return (cpu.attributes(CpuBlock.SS) & SegmentAttributes.BIG) != 0 ? 4 : 2;
    }

    private long stack(long pointer, int size, boolean write) {
        return memory.linear(CpuBlock.SS, StepContext.cut(pointer, width()), size, write);
    }

    private void setPointer(long value) {
        cpu.setGpr(CpuBlock.RSP, width(), value);
    }

    /** Writes a value below the top of the stack and moves the top there. */
    void push(long value, int size) {
        long top = cpu.gpr(CpuBlock.RSP) - size;
        memory.write(stack(top, size, true), size, value);
        setPointer(top);
    }

    /** Faults as {@link #push} would. */
    void checkPush(int size) {
        memory.checkWrite(stack(cpu.gpr(CpuBlock.RSP) - size, size, true), size);
    }

    /** The value at the top of the stack, which stays where it is. */
    public long top(int size) {
        return memory.read(stack(cpu.gpr(CpuBlock.RSP), size, false), size);
    }

    /** Takes bytes off the stack. */
    public void drop(long bytes) {
        setPointer(cpu.gpr(CpuBlock.RSP) + bytes);
    }

    private long pushed(Instruction instruction, Operand operand) {
        return switch (operand.kind()) {
            case SEGMENT -> cpu.selector(operand.number());
            case I -> instruction.immediate();
            default -> context.value(instruction, operand);
        };
    }

    private void pop(Instruction instruction, Operand target, int size) {
        long value = top(size);
        if (target.kind() == OperandKind.Z || !instruction.memory()) {
            drop(size);
            cpu.setGpr(instruction.register(target), size, value);
            return;
        }
        long offset = context.offset(instruction);
        if (instruction.base() == CpuBlock.RSP) {
            // The address is computed with the rsp after the pop (SDM volume 2, POP).
            offset = StepContext.cut(offset + size, instruction.addressSize());
        }
        memory.write(memory.linear(instruction.segment(), offset, size, true), size, value);
        drop(size);
    }

    private void pushAll(int size) {
        long old = cpu.gpr(CpuBlock.RSP);
        for (int i = 0; i < REGISTERS; i++) {
            memory.checkWrite(stack(old - (long) size * (i + 1), size, true), size);
        }
        for (int i = 0; i < REGISTERS; i++) {
            memory.write(stack(old - (long) size * (i + 1), size, true), size, cpu.gpr(i));
        }
        setPointer(old - (long) size * REGISTERS);
    }

    private void popAll(int size) {
        long old = cpu.gpr(CpuBlock.RSP);
        for (int i = 0; i < REGISTERS; i++) {
            memory.checkRead(stack(old + (long) size * i, size, false), size);
        }
        for (int i = 0; i < REGISTERS; i++) {
            int register = REGISTERS - 1 - i;
            if (register != CpuBlock.RSP) {
                cpu.setGpr(register, size, memory.read(stack(old + (long) size * i, size, false), size));
            }
        }
        setPointer(old + (long) size * REGISTERS);
    }

    private void pushFlags(int size) {
        if (cpu.v86() && cpu.iopl() < 3) {
            throw cpu.generalProtection();
        }
        push(cpu.rflags() & PUSHED_FLAGS, size);
    }

    private void enter(int size, int bytes, int level) {
        long old = cpu.gpr(CpuBlock.RSP);
        long frame = StepContext.cut(old - size, width());
        int pushes = level == 0 ? 1 : level + 1;
        for (int i = 1; i <= pushes; i++) {
            if (i > 1 && i <= level) {
                memory.checkRead(stack(cpu.gpr(CpuBlock.RBP) - (long) size * (i - 1), size, false), size);
            }
            memory.checkWrite(stack(old - (long) size * i, size, true), size);
        }
        // It faults where a write at the final stack pointer would (SDM volume 2, ENTER).
        long last = old - (long) size * pushes - bytes;
        memory.checkWrite(stack(last, size, true), size);
        memory.write(stack(frame, size, true), size, cpu.gpr(CpuBlock.RBP));
        for (int i = 1; i < level; i++) {
            long outer = memory.read(stack(cpu.gpr(CpuBlock.RBP) - (long) size * i, size, false), size);
            memory.write(stack(frame - (long) size * i, size, true), size, outer);
        }
        if (level > 0) {
            memory.write(stack(frame - (long) size * level, size, true), size, frame);
        }
        cpu.setGpr(CpuBlock.RBP, size, frame);
        setPointer(last);
    }

    private void leave(int size) {
        long pointer = cpu.gpr(CpuBlock.RBP);
        long value = memory.read(stack(pointer, size, false), size);
        setPointer(pointer + size);
        cpu.setGpr(CpuBlock.RBP, size, value);
    }
}
