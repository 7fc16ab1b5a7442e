package io.javisor.emulator.emit;

import static io.javisor.emulator.state.StateLayout.GPR_OFFSET;
import static io.javisor.emulator.state.StateLayout.RFLAGS_OFFSET;
import static io.javisor.emulator.state.VectorLayout.HOST_MXCSR_OFFSET;
import static io.javisor.emulator.state.VectorLayout.MXCSR_OFFSET;
import static io.javisor.emulator.state.VectorLayout.OPERAND_OFFSET;
import static io.javisor.emulator.state.VectorLayout.XMM_OFFSET;
import static io.javisor.emulator.state.VectorLayout.XSAVE_OFFSET;
import static io.javisor.emulator.state.VectorLayout.YMM_HIGH_OFFSET;

import io.javisor.core.host.MachineCode;
import io.javisor.emulator.decode.Flags;
import io.javisor.emulator.decode.Form;
import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.decode.Trait;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.VectorLayout;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Runs one instruction of the class compute on the host's processor: loads what it reads from the vCPU's block, does it, stores what it
 * writes. The code for it is made when it is first wanted and found again by what it depends on: form, registers, sizes, immediate.
 *
 * <p>The memory operand is at the host address in the block; whoever calls has walked and checked it. Nothing here can fault: divisions,
 * alignment and exceptions that are not masked are the caller's to look at. Allocates nothing after its creation; one a vCPU, for
 * its thread alone.
 */
public final class StepCode implements AutoCloseable {
    private static final int CODE_SIZE = 1 << 20;
    private static final int LONGEST = 512;
    private static final int SLOTS = 1 << 14;

    private final CodeMemory memory = CodeMemory.map(CODE_SIZE);
    private final CodeWriter writer = new CodeWriter(memory.bytes());
    private final HostRegisters registers = new HostRegisters();
    private final FormEncoder encoder = new FormEncoder(writer, registers);
    private final MemorySegment enter;
    private final long blockHva;
    private final int firstStep;
    private final long[] shapes = new long[SLOTS];
    private final long[] immediates = new long[SLOTS];
    private final int[] offsets = new int[SLOTS];
    private int used;
    private long emitted;
    private long starts;

    /** Makes room for the code of the vCPU whose state is in {@code cpu}: {@link VectorLayout#SIZE} bytes of it are used. */
    public StepCode(CpuBlock cpu) {
        blockHva = cpu.segment().address();
        cpu.putInt(HOST_MXCSR_OFFSET, VectorLayout.MXCSR_RESET);
        enter = MachineCode.at(memory.executableHva(0));
        writeEntry();
        firstStep = writer.position();
    }

    /** How many instructions were emitted, for counters. */
    public long emitted() {
        return emitted;
    }

    /** How often the memory for code was full and begun anew. */
    public long starts() {
        return starts;
    }

    /** Runs {@code instruction}. */
    public void run(Instruction instruction) {
        run(instruction, instruction.immediate());
    }

    /** Runs it with another immediate: that of the form which is emitted in its place. */
    public void run(Instruction instruction, long immediate) {
        int offset = find(shape(instruction), immediate, instruction);
        long _ = MachineCode.callBriefly(enter, blockHva, memory.executableHva(offset));
    }

    @Override
    public void close() {
        memory.close();
    }

    private static long shape(Instruction instruction) {
        Form form = instruction.form();
        long shape = form.id() + 1L;
        shape = shape << 4 | instruction.operandSize();
        shape = shape << 1 | (instruction.rexW() ? 1 : 0);
        shape = shape << 1 | (instruction.hasRex() ? 1 : 0);
        shape = shape << 1 | (instruction.memory() ? 1 : 0);
        shape = shape << 1 | (instruction.lock() ? 1 : 0);
        shape = shape << 1 | (instruction.vectorLength() == 32 ? 1 : 0);
        shape = shape << 1 | (instruction.mode() == 64 ? 1 : 0);
        shape = shape << 4 | instruction.reg();
        shape = shape << 4 | (instruction.memory() ? 0 : instruction.rm());
        shape = shape << 4 | instruction.vvvv();
        return shape << 4 | instruction.opcodeRegister();
    }

    private int find(long shape, long immediate, Instruction instruction) {
        long mixed = (shape * 0x9e37_79b9_7f4a_7c15L) ^ (immediate * 0xc2b2_ae3d_27d4_eb4fL);
        int slot = (int) (mixed >>> 40) & SLOTS - 1;
        while (shapes[slot] != 0) {
            if (shapes[slot] == shape && immediates[slot] == immediate) {
                return offsets[slot];
            }
            slot = slot + 1 & SLOTS - 1;
        }
        if (used >= SLOTS / 2 || writer.position() + LONGEST > memory.sizeBytes()) {
            Arrays.fill(shapes, 0);
            used = 0;
            starts++;
            writer.seek(firstStep);
            slot = (int) (mixed >>> 40) & SLOTS - 1;
        }
        int offset = writer.position();
        emit(instruction, immediate);
        shapes[slot] = shape;
        immediates[slot] = immediate;
        offsets[slot] = offset;
        used++;
        emitted++;
        return offset;
    }

    /** {@code long enter(long block, long code)}: keeps the caller's registers, points r15 into the block, calls the code. */
    private void writeEntry() {
        writer.code(0x5355, 2); // push rbx; push rbp
        writer.code(0x4154_4155_4156_4157L, 8); // push r12 to r15
        writer.code(0x4c8d_bfL, 3); // lea r15, [rdi + BIAS]
        writer.bytes(CodeWriter.BIAS, 4);
        writer.code(0xffd6, 2); // call rsi
        writer.code(0x415f_415e_415d_415cL, 8); // pop r15 to r12
        writer.code(0x5d5b, 2); // pop rbp; pop rbx
        writer.code(0xc3, 1);
    }

    private void emit(Instruction instruction, long immediate) {
        Form form = instruction.form();
        registers.assign(instruction);
        boolean x87 = form.usesX87();
        boolean floating = form.has(Trait.FP) && !x87;
        boolean vex = form.opcode().vex() && (registers.vectorsRead() | registers.vectorsWritten()) != 0;
        if (x87) {
            writer.onBlock(true, 0x0fae, 1, XSAVE_OFFSET); // fxrstor64
        } else {
            loadVectors(vex);
        }
        if (floating) {
            writer.onBlock(false, 0x0fae, 2, MXCSR_OFFSET); // ldmxcsr
        }
        for (int guest = 0; guest < 16; guest++) {
            if ((registers.read() & 1 << guest) != 0) {
                writer.load(registers.host(guest), GPR_OFFSET + 8 * guest);
            }
        }
        if (form.flags().needsOld()) {
            loadFlags();
        }
        if (instruction.memory()) {
            writer.load(CodeWriter.RBP, OPERAND_OFFSET);
        }
        encoder.encode(instruction, immediate);
        if (form.flags().written() != 0) {
            storeFlags();
        }
        for (int guest = 0; guest < 16; guest++) {
            if ((registers.written() & 1 << guest) != 0) {
                writer.store(registers.host(guest), GPR_OFFSET + 8 * guest);
            }
        }
        if (floating) {
            writer.onBlock(false, 0x0fae, 3, MXCSR_OFFSET); // stmxcsr
        }
        if (x87) {
            writer.onBlock(true, 0x0fae, 0, XSAVE_OFFSET); // fxsave64
            writer.code(0xdbe3, 2); // fninit
        } else {
            storeVectors(vex);
        }
        if (floating || x87) {
            writer.onBlock(false, 0x0fae, 2, HOST_MXCSR_OFFSET);
        }
        if (vex) {
            writer.code(0xc5f877, 3); // vzeroupper
        }
        writer.code(0xc3, 1);
    }

    private void loadVectors(boolean vex) {
        for (int i = 0; i < 16; i++) {
            if ((registers.vectorsRead() & 1 << i) != 0) {
                if (vex) {
                    writer.loadYmm(i, XMM_OFFSET + 16 * i, YMM_HIGH_OFFSET + 16 * i);
                } else {
                    writer.loadXmm(i, XMM_OFFSET + 16 * i);
                }
            }
        }
    }

    private void storeVectors(boolean vex) {
        for (int i = 0; i < 16; i++) {
            if ((registers.vectorsWritten() & 1 << i) != 0) {
                if (vex) {
                    writer.storeYmm(i, XMM_OFFSET + 16 * i, YMM_HIGH_OFFSET + 16 * i);
                } else {
                    writer.storeXmm(i, XMM_OFFSET + 16 * i);
                }
            }
        }
    }

    /** The six status flags, and no other: neither DF nor TF nor AC of the guest is ever the host's. */
    private void loadFlags() {
        writer.load(CodeWriter.RBP, RFLAGS_OFFSET);
        writer.code(0x81e5, 2); // and ebp, STATUS
        writer.bytes(Flags.STATUS, 4);
        writer.code(0x559d, 2); // push rbp; popfq
    }

    private void storeFlags() {
        writer.code(0x9c5d, 2); // pushfq; pop rbp
        writer.code(0x81e5, 2); // and ebp, STATUS
        writer.bytes(Flags.STATUS, 4);
        writer.code(0x4181, 2); // and dword [RFLAGS], ~STATUS
        writer.blockOperand(4, RFLAGS_OFFSET);
        writer.bytes(~Flags.STATUS, 4);
        writer.code(0x4109, 2); // or dword [RFLAGS], ebp
        writer.blockOperand(CodeWriter.RBP, RFLAGS_OFFSET);
    }
}
