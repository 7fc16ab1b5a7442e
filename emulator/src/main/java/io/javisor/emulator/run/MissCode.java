package io.javisor.emulator.run;

import static io.javisor.emulator.state.VectorLayout.MISS_AGAIN_OFFSET;
import static io.javisor.emulator.state.VectorLayout.MISS_LINEAR_OFFSET;

import io.javisor.emulator.emit.Assembler;
import io.javisor.emulator.emit.CodeWriter;
import io.javisor.emulator.emit.RunRegisters;
import io.javisor.emulator.mmu.Mmu;
import io.javisor.emulator.mmu.Tlb;
import io.javisor.emulator.state.CpuBlock;

/**
 * What blocks call for an access that the TLB's first way does not allow: it looks in the second. If that does not allow it either the block
 * leaves for Java, which fills the TLB and has the block look again; only what no TLB allows is a step.
 */
final class MissCode {
    private static final int FIRST = RunRegisters.FIRST;
    private static final int SECOND = RunRegisters.SECOND;
    private static final int PAGE_END = 0x1001;
    private static final int LARGEST = 32;
    private static final int SIZES = Integer.numberOfTrailingZeros(LARGEST) + 1;

    private static final int SIZE_MASK = 0xff;
    private static final int WRITE = 1 << 8;
    private static final int X87 = 1 << 9;

    /** From this bit on, what of the vector registers the block takes to be loaded ({@link VectorCode#loaded}). */
    private static final int VECTORS_SHIFT = 10;

    private static final int VECTOR_LEVELS = VectorCode.WHOLE + 1;

    private final int[] probes = new int[2 * SIZES];
    private final int[] agains = new int[2 * VECTOR_LEVELS];

    /** Writes the code. {@code loadX87} is where code is that loads the x87 registers. */
    MissCode(CodeWriter writer, Assembler assembler, int loadX87, VectorSwitch vectors) {
        for (int i = 0; i < SIZES; i++) {
            probes[2 * i] = writer.position();
            writeProbe(writer, assembler, 1 << i, Tlb.READ_TAG_OFFSET);
            probes[2 * i + 1] = writer.position();
            writeProbe(writer, assembler, 1 << i, Tlb.WRITE_TAG_OFFSET);
        }
        for (int i = 0; i < agains.length; i++) {
            agains[i] = writer.position();
            if (i >= VECTOR_LEVELS) {
                assembler.call(loadX87);
            }
            switch (i % VECTOR_LEVELS) {
                case VectorCode.LOWER -> assembler.call(vectors.lower());
                case VectorCode.WHOLE -> assembler.call(vectors.whole());
                default -> {}
            }
            writer.load(FIRST, MISS_LINEAR_OFFSET);
            assembler.jumpMemory(CodeWriter.STATE, MISS_AGAIN_OFFSET - CodeWriter.BIAS);
        }
    }

    /**
     * With the address xor the first way's tag in rbp and that way's entry in r11: returns with CF and the host address in rbp, or without and with
     * the linear address in the vCPU's block.
     */
    private static void writeProbe(CodeWriter writer, Assembler assembler, int size, int tag) {
        assembler.arithmeticMemory(Assembler.XOR, FIRST, SECOND, tag);
        assembler.arithmeticMemory(Assembler.XOR, FIRST, SECOND, Tlb.SECOND_WAY + tag);
        assembler.arithmetic(Assembler.CMP, true, FIRST, PAGE_END - size);
        int miss = assembler.jumpIf(Assembler.AE);
        assembler.arithmeticMemory(Assembler.ADD, FIRST, SECOND, Tlb.SECOND_WAY + Tlb.HOST_PAGE_OFFSET);
        writer.bytes1(0xf9); // stc
        writer.bytes1(0xc3);
        assembler.here(miss);
        assembler.arithmeticMemory(Assembler.XOR, FIRST, SECOND, Tlb.SECOND_WAY + tag); // CF is 0 now
        writer.store(FIRST, MISS_LINEAR_OFFSET);
        writer.bytes1(0xc3);
    }

    /** What is to be called for an access of that many bytes, or {@link ExitStubs#NOWHERE} if there is nothing. */
    int probe(int size, boolean write) {
        if (size > LARGEST || Integer.bitCount(size) != 1) {
            return ExitStubs.NOWHERE;
        }
        return probes[2 * Integer.numberOfTrailingZeros(size) + (write ? 1 : 0)];
    }

    /** What a block that leaves tells of its access. */
    static int access(int size, boolean write, boolean x87, int vectors) {
        return size | (write ? WRITE : 0) | (x87 ? X87 : 0) | vectors << VECTORS_SHIFT;
    }

    /** Walks for the access that a block left for; whether it may be done now. */
    static boolean fill(Mmu mmu, CpuBlock cpu, int access) {
        return mmu.fill(cpu.getLong(MISS_LINEAR_OFFSET), access & SIZE_MASK, (access & WRITE) != 0);
    }

    /** Where to enter to have {@code hva} do it again. */
    int again(CpuBlock cpu, long hva, int access) {
        cpu.putLong(MISS_AGAIN_OFFSET, hva);
        return agains[(access >>> VECTORS_SHIFT) + ((access & X87) != 0 ? VECTOR_LEVELS : 0)];
    }
}
