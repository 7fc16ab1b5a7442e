package io.javisor.emulator.step;

import io.javisor.emulator.decode.Flags;
import io.javisor.emulator.decode.Form;
import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.decode.OperandKind;
import io.javisor.emulator.state.CpuBlock;

/** Near branches, calls and returns. */
final class FlowSteps {
    private static final int LOOPNE = 0xe0;
    private static final int LOOPE = 0xe1;
    private static final int LOOP = 0xe2;
    private static final int JCXZ = 0xe3;
    private static final int CALL = 0xe8;
    private static final int RET_IMMEDIATE = 0xc2;
    private static final int RET = 0xc3;
    private static final int GROUP_5 = 0xff;
    private static final int GROUP_5_CALL = 2;

    private final StepContext context;
    private final CpuBlock cpu;
    private final StackSteps stack;

    FlowSteps(StepContext context, StackSteps stack) {
        this.context = context;
        this.cpu = context.cpu;
        this.stack = stack;
    }

    /** Sets RIP. */
    void execute(Instruction instruction) {
        int code = instruction.opcodeByte();
        int size = instruction.operandSize();
        if (instruction.form().opcode().space() == 1 || code >> 4 == 7) {
            branch(instruction, Flags.holds(code & 15, cpu.rflags()));
            return;
        }
        switch (code) {
            case LOOPNE, LOOPE, LOOP -> loop(instruction, code);
            case JCXZ -> {
                long count = StepContext.cut(cpu.gpr(CpuBlock.RCX), instruction.addressSize());
                branch(instruction, count == 0);
            }
            case RET, RET_IMMEDIATE -> {
                long target = stack.top(size);
                context.jump(target, size);
                stack.drop(size + instruction.immediate());
            }
            default -> {
                long target = target(instruction);
                boolean call = code == CALL
                        || (code == GROUP_5 && instruction.form().opcode().extension() == GROUP_5_CALL);
                if (call) {
                    stack.checkPush(size);
                    context.checkTarget(StepContext.cut(target, size));
                    stack.push(context.next(instruction), size);
                }
                context.jump(target, size);
            }
        }
    }

    private long target(Instruction instruction) {
        Form form = instruction.form();
        return form.operands().get(0).kind() == OperandKind.J
                ? context.next(instruction) + instruction.immediate()
                : context.value(instruction, form.operands().get(0));
    }

    private void loop(Instruction instruction, int code) {
        int width = instruction.addressSize();
        long count = StepContext.cut(cpu.gpr(CpuBlock.RCX) - 1, width);
        boolean zero = cpu.flag(Flags.ZF);
        branch(instruction, count != 0 && (code == LOOP || (code == LOOPE) == zero));
        cpu.setGpr(CpuBlock.RCX, width, count);
    }

    private void branch(Instruction instruction, boolean taken) {
        long next = context.next(instruction);
        if (taken) {
            context.jump(next + instruction.immediate(), instruction.operandSize());
        } else {
            cpu.setRip(next);
        }
    }
}
