package io.javisor.emulator.run;

import static io.javisor.emulator.state.StateLayout.GPR_OFFSET;
import static io.javisor.emulator.state.StateLayout.RFLAGS_OFFSET;
import static io.javisor.emulator.state.StateLayout.RUN_FLAGS_OFFSET;
import static io.javisor.emulator.state.StateLayout.RUN_X87_AWAY_OFFSET;
import static io.javisor.emulator.state.VectorLayout.HOST_MXCSR_OFFSET;
import static io.javisor.emulator.state.VectorLayout.MXCSR_OFFSET;
import static io.javisor.emulator.state.VectorLayout.UPPERS_OFFSET;
import static io.javisor.emulator.state.VectorLayout.VECTORS_AWAY_OFFSET;

import io.javisor.core.host.Cleanup;
import io.javisor.core.host.MachineCode;
import io.javisor.emulator.decode.Flags;
import io.javisor.emulator.emit.Assembler;
import io.javisor.emulator.emit.CodeMemory;
import io.javisor.emulator.emit.CodeWriter;
import io.javisor.emulator.emit.FaultExit;
import io.javisor.emulator.emit.HostFault;
import io.javisor.emulator.emit.PerfMap;
import io.javisor.emulator.emit.RunRegisters;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.LazyMemory;
import io.javisor.emulator.state.StateLayout;
import io.javisor.emulator.state.VectorLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The memory that a vCPU's blocks are in: slots that links jump through, the way in, the way out, then blocks, in two halves. For the
 * vCPU's thread alone.
 */
final class RunCode implements AutoCloseable {
    static final int SLOTS = 1 << 20;

    private static final int SLOT_SIZE = 8;
    private static final int SLOTS_OF_HALF = SLOTS / 2;

    /** The most bytes that a block may have. */
    private static final int LONGEST = 1 << 15;

    /** So many bytes of code are let go of at once. */
    private static final int PIECE = 1 << 17;

    private final CodeMemory memory;
    private final MemorySegment bytes;
    private final MemorySegment running;
    private final CodeWriter writer;
    private final Assembler assembler;
    private final long startHva;
    private final MemorySegment enter;
    private final long blockHva;
    private final VectorSwitch vectors;
    private final int loadX87;
    private final MissCode missCode;
    private final TargetCode targetCode;
    private final int exit;
    private final int firstBlock;
    private final int secondHalf;
    private final FaultExit faults;
    private final LazyMemory misses;
    private final LazyMemory places;
    private int generation;
    private int half;
    private int slots;

    /** Code before this is whole, and no more in the mapping that it was written by. */
    private int given;

    /** @param memory for its code, which it closes */
    RunCode(CpuBlock cpu, CodeMemory memory) {
        this.memory = memory;
        Cleanup opened = new Cleanup();
        try {
            CodeMemory _ = opened.add(memory);
            misses = opened.add(new LazyMemory(SLOTS * 4L));
            places = opened.add(new LazyMemory(SLOTS));
            bytes = memory.bytes();
            running = memory.executableBytes();
            writer = new CodeWriter(bytes, LONGEST);
            assembler = new Assembler(writer);
            startHva = memory.executableHva(0);
            blockHva = cpu.segment().address();
            cpu.putInt(HOST_MXCSR_OFFSET, VectorLayout.MXCSR_RESET);
            cpu.putInt(RUN_X87_AWAY_OFFSET, 1);
            cpu.putInt(VECTORS_AWAY_OFFSET, 1);
            cpu.putInt(UPPERS_OFFSET, VectorSwitch.AWAY);
            writer.begin(SLOTS * SLOT_SIZE);
            enter = MachineCode.at(memory.executableHva(writer.position()));
            writeEntry();
            vectors = new VectorSwitch(writer, assembler);
            loadX87 = writer.position();
            X87Code.writeLoad(writer, assembler);
            missCode = new MissCode(writer, assembler, loadX87, vectors);
            targetCode = new TargetCode(writer, assembler);
            exit = writer.position();
            writeExit();
            int faultExit = writer.position();
            writeFaultExit();
            writer.end();
            firstBlock = writer.position();
            secondHalf = firstBlock + (memory.sizeBytes() - firstBlock) / 2;
            given = firstBlock;
            faults = FaultExit.guard(cpu, memory, firstBlock, faultExit);
        } catch (RuntimeException | Error e) {
            opened.closeAfter(e);
            throw e;
        }
    }

    CodeWriter writer() {
        return writer;
    }

    Assembler assembler() {
        return assembler;
    }

    MissCode misses() {
        return missCode;
    }

    TargetCode targets() {
        return targetCode;
    }

    /** Where code leaves for Java, with the address of what it says about that in rbp. */
    int exit() {
        return exit;
    }

    /** What loads the x87 registers, to be called. */
    int loadX87() {
        return loadX87;
    }

    /** What loads the vector registers. */
    VectorSwitch vectors() {
        return vectors;
    }

    /** Runs code. Returns the offset of what the exit that it took says. */
    int enter(int offset) {
        return (int) (MachineCode.call(enter, blockHva, startHva + offset) - startHva);
    }

    /** Where all this is written, slots first. */
    long writableHva() {
        return bytes.address();
    }

    long hva(int offset) {
        return startHva + offset;
    }

    int getInt(int offset) {
        return running.get(ValueLayout.JAVA_INT_UNALIGNED, offset);
    }

    /** A byte, without a sign. */
    int getByte(int offset) {
        return running.get(ValueLayout.JAVA_BYTE, offset) & 0xff;
    }

    /** Whether there is room for a block and its slots in the half that blocks go to. */
    boolean hasRoom() {
        int end = half == 0 ? secondHalf : memory.sizeBytes();
        return writer.position() + LONGEST <= end && slots + 2 <= (half + 1) * SLOTS_OF_HALF;
    }

    /** Forgets all blocks. */
    void clear() {
        begin(0);
    }

    /** Forgets the blocks of the other half, to which blocks go from now on. */
    void turn() {
        begin(1 - half);
    }

    private void begin(int next) {
        half = next;
        int start = next == 0 ? firstBlock : secondHalf;
        writer.begin(start);
        given = start;
        slots = next * SLOTS_OF_HALF;
        generation++;
    }

    /** Which half a slot belongs to. */
    static int halfOf(int slot) {
        return slot / SLOTS_OF_HALF;
    }

    /** A block is whole. */
    void blockEnded() {
        if (writer.position() - given >= PIECE) {
            memory.forgetWriting(given, writer.position());
            given = writer.position();
        }
    }

    /** Has {@code perf} know what is around blocks. */
    void tell(PerfMap map) {
        int first = SLOTS * SLOT_SIZE;
        boolean _ = map.add(hva(first), firstBlock - first, "javisor:around blocks");
    }

    /** Where the next block begins. */
    int position() {
        return writer.position();
    }

    int newSlot() {
        return slots++;
    }

    int slotOffset(int slot) {
        return slot * SLOT_SIZE;
    }

    /** Where the link of {@code slot} goes while it has no block. */
    void setMiss(int slot, int offset) {
        misses.putInt(slot * 4L, offset);
        setSlot(slot, offset);
    }

    void resetSlot(int slot) {
        setSlot(slot, misses.getInt(slot * 4L));
    }

    /** Where the flags are when the link is taken, as {@link FlagPlace} has it. */
    void setPlace(int slot, int place) {
        places.putByte(slot, (byte) place);
    }

    int place(int slot) {
        return places.getByte(slot);
    }

    /** How often all blocks or a half of them were forgotten: offsets of before may mean nothing. */
    int generation() {
        return generation;
    }

    /** Has the link of {@code slot} go to code at {@code offset}. */
    void setSlot(int slot, int offset) {
        bytes.set(ValueLayout.JAVA_LONG, (long) slot * SLOT_SIZE, startHva + offset);
    }

    /**
     * The host's fault, after an exit of the kind {@link ExitStubs#HOST_FAULT}. RIP comes to where the block begins: nothing tells which of its
     * instructions it was.
     */
    HostFault fault(CpuBlock cpu, BlockTable blocks) {
        int offset = (int) (faults.codeHva() - startHva);
        StringCode.settle(cpu, this, offset);
        int block = blocks.holding(offset);
        if (block != BlockTable.NONE) {
            cpu.setRip(cpu.getLong(StateLayout.RUN_PAGE_OFFSET) + blocks.offset(block));
        }
        return faults.fault();
    }

    @Override
    public void close() {
        faults.close();
        memory.close();
        misses.close();
        places.close();
    }

    /** {@code long enter(long block, long code)}: loads the guest's registers and jumps to code. */
    private void writeEntry() {
        writer.code(0x5355, 2); // push rbx; push rbp
        writer.code(0x4154_4155_4156_4157L, 8); // push r12 to r15
        writer.code(0x4c8d_bfL, 3); // lea r15, [rdi + BIAS]
        writer.bytes(CodeWriter.BIAS, 4);
        FaultExit.keepStack(writer);
        assembler.move(true, RunRegisters.FIRST, 6); // rsi
        writer.onBlock(false, 0x0fae, 2, MXCSR_OFFSET); // ldmxcsr
        writer.load(0, RFLAGS_OFFSET);
        assembler.move(false, 1, 0);
        assembler.shift(Assembler.SHR, false, 1, 11);
        assembler.arithmetic(Assembler.AND, false, 1, 1);
        assembler.arithmetic(Assembler.AND, false, 0, Flags.STATUS & 0xff);
        assembler.shift(Assembler.SHL, false, 0, 8);
        assembler.arithmeticRegister(Assembler.ADD, false, 0, 1);
        writer.bytes1(0x66);
        assembler.store(false, CodeWriter.STATE, RUN_FLAGS_OFFSET - CodeWriter.BIAS, 0);
        for (int guest = 0; guest < 16; guest++) {
            if (RunRegisters.host(guest) != RunRegisters.IN_BLOCK) {
                writer.load(RunRegisters.host(guest), GPR_OFFSET + 8 * guest);
            }
        }
        writer.code(0xffe5, 2); // jmp rbp
    }

    /** For a thread that faulted in a block: stores the registers as they are. */
    private void writeFaultExit() {
        StringCode.keep(writer);
        VectorSwitch.writeSave(writer, assembler);
        X87Code.writeSave(writer, assembler);
        FaultExit.write(writer);
        assembler.codeAddress(RunRegisters.FIRST, writer.position() + 12);
        assembler.jumpTo(exit);
        writer.bytes(0, 8);
        writer.bytes(0, 4);
        writer.bytes(ExitStubs.HOST_FAULT, 4);
    }

    private void writeExit() {
        for (int guest = 0; guest < 16; guest++) {
            if (RunRegisters.host(guest) != RunRegisters.IN_BLOCK) {
                writer.store(RunRegisters.host(guest), GPR_OFFSET + 8 * guest);
            }
        }
        writer.onBlock(false, 0x0fb7, 0, RUN_FLAGS_OFFSET); // movzx eax, word
        assembler.move(false, 1, 0);
        assembler.shift(Assembler.SHR, false, 0, 8);
        assembler.arithmetic(Assembler.AND, false, 0, Flags.STATUS & 0xff);
        assembler.arithmetic(Assembler.AND, false, 1, 1);
        assembler.shift(Assembler.SHL, false, 1, 11);
        assembler.arithmeticRegister(Assembler.ADD, false, 0, 1);
        writer.load(1, RFLAGS_OFFSET);
        assembler.arithmetic(Assembler.AND, true, 1, ~Flags.STATUS);
        assembler.arithmeticRegister(Assembler.ADD, true, 0, 1);
        writer.store(0, RFLAGS_OFFSET);
        VectorSwitch.writeSave(writer, assembler);
        X87Code.writeSave(writer, assembler);
        writer.onBlock(false, 0x0fae, 3, MXCSR_OFFSET); // stmxcsr
        writer.onBlock(false, 0x0fae, 2, HOST_MXCSR_OFFSET);
        assembler.move(true, 0, RunRegisters.FIRST);
        writer.code(0x415f_415e_415d_415cL, 8); // pop r15 to r12
        writer.code(0x5d5b, 2); // pop rbp; pop rbx
        writer.bytes1(0xc3);
    }
}
