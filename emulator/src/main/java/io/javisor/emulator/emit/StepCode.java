package io.javisor.emulator.emit;

import static io.javisor.emulator.state.StateLayout.GPR_OFFSET;
import static io.javisor.emulator.state.StateLayout.RFLAGS_OFFSET;
import static io.javisor.emulator.state.VectorLayout.BACKUP_OFFSET;
import static io.javisor.emulator.state.VectorLayout.HOST_MXCSR_OFFSET;
import static io.javisor.emulator.state.VectorLayout.MXCSR_OFFSET;
import static io.javisor.emulator.state.VectorLayout.OPERAND_OFFSET;
import static io.javisor.emulator.state.VectorLayout.XSAVE_OFFSET;

import io.javisor.core.host.Cleanup;
import io.javisor.core.host.MachineCode;
import io.javisor.emulator.decode.Flags;
import io.javisor.emulator.decode.Form;
import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.decode.Trait;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.VectorLayout;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Runs one instruction of the class compute on the host's processor: loads what it reads from the vCPU's block, does it, stores what it
 * writes. The code for it is made when it is first wanted and found again by what it depends on: form, registers, sizes, immediate.
 *
 * <p>The memory operand is at the host address in the block; whoever calls has walked and checked it. Nothing here should fault: divisions,
 * alignment and exceptions that are not masked are the caller's to look at; if it does, that is a {@link HostFault}. Allocates nothing but when its table grows; one a vCPU, for
 * its thread alone.
 */
public final class StepCode implements AutoCloseable {
    private static final int CODE_SIZE = 1 << 20;
    private static final int LONGEST = 512;
    private static final int FIRST_SLOTS = 1 << 9;
    private static final int MOST_SLOTS = 1 << 14;
    private static final int CACHE_LINE = 64;

    private final CodeMemory memory;
    private final CodeWriter writer;
    private final HostRegisters registers = new HostRegisters();
    private final FormEncoder encoder;
    private final MemorySegment enter;
    private final long blockHva;
    private final int probe;
    private final int firstStep;
    private final FaultExit faults;
    private long[] shapes = new long[FIRST_SLOTS];
    private long[] immediates = new long[FIRST_SLOTS];
    private int[] offsets = new int[FIRST_SLOTS];
    private int used;
    private long emitted;
    private long starts;
    private @Nullable Boolean locksAcrossLines;

    /** Makes room for the code of the vCPU whose state is in {@code cpu}: {@link VectorLayout#SIZE} bytes of it are used. */
    public StepCode(CpuBlock cpu) {
        this(cpu, null);
    }

    /** As {@link #StepCode(CpuBlock)}, told of to perf. */
    public StepCode(CpuBlock cpu, @Nullable PerfMap map) {
        Cleanup opened = new Cleanup();
        try {
            memory = opened.add(CodeMemory.map(CODE_SIZE, map));
            if (map != null) {
                boolean _ = map.add(memory.executableHva(0), CODE_SIZE, "javisor:step");
            }
            writer = new CodeWriter(memory.bytes(), LONGEST);
            encoder = new FormEncoder(writer, registers);
            blockHva = cpu.segment().address();
            cpu.putInt(HOST_MXCSR_OFFSET, VectorLayout.MXCSR_RESET);
            enter = MachineCode.at(memory.executableHva(0));
            writer.begin(0);
            writeEntry();
            int exit = writer.position();
            writeFaultExit();
            probe = writer.position();
            writeProbe();
            writer.end();
            firstStep = writer.position();
            faults = FaultExit.guard(cpu, memory, probe, exit);
        } catch (RuntimeException | Error e) {
            opened.closeAfter(e);
            throw e;
        }
    }

    /** How many instructions were emitted, for counters. */
    public long emitted() {
        return emitted;
    }

    /** How often the memory for code was full and begun anew. */
    public long starts() {
        return starts;
    }

    /**
     * Whether the host lets a LOCKed operand lie on two cache lines: with split_lock_detect=fatal Linux has a SIGBUS for it. Tried once, on memory
     * that is nobody's, for on some processors that signal comes when the instruction is done.
     */
    public boolean locksAcrossLines() {
        Boolean known = locksAcrossLines;
        if (known == null) {
            known = MachineCode.callBriefly(enter, blockHva, memory.executableHva(probe)) == 0;
            locksAcrossLines = known;
        }
        return known;
    }

    /** Runs {@code instruction}. */
    public void run(Instruction instruction) {
        run(instruction, instruction.immediate());
    }

    /** Runs it with another immediate: that of the form which is emitted in its place. */
    public void run(Instruction instruction, long immediate) {
        int offset = find(shape(instruction), immediate, instruction);
        if (MachineCode.callBriefly(enter, blockHva, memory.executableHva(offset)) != 0) {
            throw faults.fault();
        }
    }

    @Override
    public void close() {
        faults.close();
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
        int slot = locate(shape, immediate);
        if (shapes[slot] != 0) {
            return offsets[slot];
        }
        if (used >= shapes.length / 2 || writer.position() + LONGEST > memory.sizeBytes()) {
            makeRoom();
            slot = locate(shape, immediate);
        }
        int offset = writer.position();
        emit(instruction, immediate);
        writer.end();
        shapes[slot] = shape;
        immediates[slot] = immediate;
        offsets[slot] = offset;
        used++;
        emitted++;
        return offset;
    }

    /** Where it is, or may be put. */
    private int locate(long shape, long immediate) {
        int mask = shapes.length - 1;
        long mixed = (shape * 0x9e37_79b9_7f4a_7c15L) ^ (immediate * 0xc2b2_ae3d_27d4_eb4fL);
        int slot = (int) (mixed >>> 40) & mask;
        while (shapes[slot] != 0 && (shapes[slot] != shape || immediates[slot] != immediate)) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private void makeRoom() {
        if (shapes.length == MOST_SLOTS || writer.position() + LONGEST > memory.sizeBytes()) {
            Arrays.fill(shapes, 0);
            used = 0;
            starts++;
            writer.begin(firstStep);
            return;
        }
        long[] oldShapes = shapes;
        long[] oldImmediates = immediates;
        int[] oldOffsets = offsets;
        shapes = new long[2 * oldShapes.length];
        immediates = new long[2 * oldShapes.length];
        offsets = new int[2 * oldShapes.length];
        for (int i = 0; i < oldShapes.length; i++) {
            if (oldShapes[i] != 0) {
                int slot = locate(oldShapes[i], oldImmediates[i]);
                shapes[slot] = oldShapes[i];
                immediates[slot] = oldImmediates[i];
                offsets[slot] = oldOffsets[i];
            }
        }
    }

    /** {@code long enter(long block, long code)}: keeps the caller's registers, points r15 into the block, calls the code; 0. */
    private void writeEntry() {
        writer.code(0x5355, 2); // push rbx; push rbp
        writer.code(0x4154_4155_4156_4157L, 8); // push r12 to r15
        writer.code(0x4c8d_bfL, 3); // lea r15, [rdi + BIAS]
        writer.bytes(CodeWriter.BIAS, 4);
        FaultExit.keepStack(writer);
        writer.code(0xffd6, 2); // call rsi
        writer.code(0x31c0, 2); // xor eax, eax
        writeReturn();
    }

    /** As if the code that was called had returned, but not with 0. */
    private void writeFaultExit() {
        FaultExit.write(writer);
        writer.onBlock(false, 0x0fae, 2, HOST_MXCSR_OFFSET); // ldmxcsr
        writer.code(0x6a01_58L, 3); // push 1; pop rax
        writeReturn();
    }

    /** A LOCKed instruction on two cache lines that changes nothing. */
    private void writeProbe() {
        writer.code(0xf04183, 3); // lock or dword [BACKUP + 62], 0
        writer.blockOperand(1, BACKUP_OFFSET + CACHE_LINE - 2);
        writer.bytes1(0);
        writer.code(0xc3, 1);
    }

    private void writeReturn() {
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
            writer.loadVectors(registers.vectorsRead(), vex);
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
            writer.storeVectors(registers.vectorsWritten(), vex);
        }
        if (floating || x87) {
            writer.onBlock(false, 0x0fae, 2, HOST_MXCSR_OFFSET);
        }
        if (vex) {
            writer.code(0xc5f877, 3); // vzeroupper
        }
        writer.code(0xc3, 1);
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
