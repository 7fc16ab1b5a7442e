package io.javisor.emulator.step;

import io.javisor.emulator.decode.Flags;
import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.decode.Operand;
import io.javisor.emulator.emit.StepCode;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.StateLayout;
import io.javisor.emulator.state.VectorLayout;

/**
 * What all kinds of step share: the vCPU, its memory, its code; operands by value. Whoever carries out system instructions uses it, too.
 */
public final class StepContext {
    final CpuBlock cpu;
    final OperandMemory memory;
    final StepCode code;
    final long blockHva;
    private final Instruction storeMm0 = CannedInstruction.of(0x0f, 0x7f, 0x45, 0x00); // movq [rbp], mm0

    /** Over a block of {@link VectorLayout#SIZE} bytes. */
    public StepContext(CpuBlock cpu, OperandMemory memory, StepCode code) {
        this.cpu = cpu;
        this.memory = memory;
        this.code = code;
        this.blockHva = cpu.segment().address();
    }

    /** The offset that the memory operand has in its segment, cut to the address size. */
    public long offset(Instruction instruction) {
        long offset = instruction.displacement();
        int base = instruction.base();
        if (base == Instruction.RIP) {
            offset += cpu.rip() + instruction.length();
        } else if (base != Instruction.NO_REGISTER) {
            offset += cpu.gpr(base);
        }
        if (instruction.index() != Instruction.NO_REGISTER) {
            offset += cpu.gpr(instruction.index()) << instruction.scale();
        }
        return cut(offset, instruction.addressSize());
    }

    /** Without the bits above {@code size} bytes. */
    public static long cut(long value, int size) {
        return switch (size) {
            case 1 -> value & 0xff;
            case 2 -> value & 0xffff;
            case 4 -> value & 0xffff_ffffL;
            default -> value;
        };
    }

    /** With the sign of a number of {@code size} bytes. */
    static long signed(long value, int size) {
        return switch (size) {
            case 1 -> (byte) value;
            case 2 -> (short) value;
            case 4 -> (int) value;
            default -> value;
        };
    }

    /** A register of {@code size} bytes, zero-extended; AH to BH where the instruction means them. */
    public long register(Instruction instruction, int number, int size) {
        if (size == 1
                && number >= 4
                && number < 8
                && !instruction.hasRex()
                && !instruction.form().opcode().vex()) {
            return cpu.gpr(number - 4) >>> 8 & 0xff;
        }
        return cut(cpu.gpr(number), size);
    }

    /** A general register or memory, zero-extended; the memory is read. */
    public long value(Instruction instruction, Operand operand) {
        int size = instruction.sizeOf(operand);
        if (!instruction.inMemory(operand)) {
            return register(instruction, instruction.register(operand), size);
        }
        return memory.read(memory.linear(instruction.segment(), offset(instruction), size, false), size);
    }

    /** Writes a general register of 2, 4 or 8 bytes, or of one that is AL. */
    public void setRegister(int number, int size, long value) {
        if (size == 1) {
            cpu.setGpr(number, (cpu.gpr(number) & ~0xffL) | (value & 0xff));
        } else {
            cpu.setGpr(number, size, value);
        }
    }

    /** Changes the flags in {@code mask} to what {@code values} has of them. */
    public void setFlags(int mask, int values) {
        cpu.putInt(StateLayout.RFLAGS_OFFSET, (cpu.getInt(StateLayout.RFLAGS_OFFSET) & ~mask) | (values & mask));
    }

    boolean carry() {
        return cpu.flag(Flags.CF);
    }

    /** Where the memory operand of {@link #code} is. */
    void setOperand(long hva) {
        cpu.putLong(VectorLayout.OPERAND_OFFSET, hva);
    }

    /** Makes MMX registers of the x87 registers, as each MMX instruction does: by one that changes none of them. */
    void toMmx() {
        setOperand(blockHva + VectorLayout.SCRATCH_OFFSET);
        code.run(storeMm0);
    }

    /** Jumps to an offset in the code segment, cut to {@code size} bytes, if it is one that can be fetched from. */
    void jump(long target, int size) {
        long rip = cut(target, size);
        checkTarget(rip);
        cpu.setRip(rip);
    }

    /** Throws #GP(0) if {@code rip} is not canonical, or behind the end of the code segment. */
    void checkTarget(long rip) {
        if (cpu.code64() ? !CpuBlock.isCanonical(rip) : Long.compareUnsigned(rip, cpu.limit(CpuBlock.CS)) > 0) {
            throw cpu.generalProtection();
        }
    }

    /** RIP after the instruction. */
    public long next(Instruction instruction) {
        return cut(cpu.rip() + instruction.length(), cpu.code64() ? 8 : 4);
    }
}
