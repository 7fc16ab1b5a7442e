package io.javisor.emulator.run;

import static io.javisor.emulator.emit.CodeWriter.RAX;
import static io.javisor.emulator.emit.CodeWriter.RCX;
import static io.javisor.emulator.state.VectorLayout.UPPERS_OFFSET;
import static io.javisor.emulator.state.VectorLayout.VECTORS_AWAY_OFFSET;
import static io.javisor.emulator.state.VectorLayout.YMM_HIGH_OFFSET;

import io.javisor.emulator.emit.Assembler;
import io.javisor.emulator.emit.CodeWriter;
import io.javisor.emulator.emit.RunRegisters;

/**
 * Code that loads the guest's vector registers into the host's of the same numbers, for blocks to call, and that saves them. Upper halves
 * are apart from the lower ones: SSE instructions are slow on many a host while any are in use, and what a guest's VZEROUPPER has cleared
 * need not be loaded.
 */
final class VectorSwitch {
    /** In {@link io.javisor.emulator.state.VectorLayout#UPPERS_OFFSET}: the host's are the guest's, and so are its lower halves. */
    static final int HERE = 0;

    /** The guest's and the host's are zeros; what the vCPU's block has is older. */
    static final int ZERO = 1;

    /** The vCPU's block has them, as always in Java. */
    static final int AWAY = 2;

    private static final int SECOND = RunRegisters.SECOND;
    private static final int ALL = 0xffff;
    private static final int REGISTERS = 16;
    private static final int HALVES_SIZE = 16 * REGISTERS;
    private static final int YMM_SIZE = 32;

    private static final int MOVE_YMM0 = 0xc4c1_7c10;
    private static final int STORE_YMM0 = 0xc4c1_7c11;
    private static final int OR_YMM0 = 0xc4c1_7c56;

    private final int lower;
    private final int whole;

    /** Writes what loads them. */
    VectorSwitch(CodeWriter writer, Assembler assembler) {
        lower = writer.position();
        writer.loadVectors(ALL, false);
        put(writer, VECTORS_AWAY_OFFSET, 0);
        writer.bytes1(0xc3);
        whole = writer.position();
        writeLoadWhole(writer, assembler);
    }

    /** What loads the lower halves, to be called. Leaves all else alone, the flags too. */
    int lower() {
        return lower;
    }

    /** What loads what is away of all, to be called. Uses r11; leaves the flags alone. */
    int whole() {
        return whole;
    }

    private static void writeLoadWhole(CodeWriter writer, Assembler assembler) {
        assembler.move(true, SECOND, RAX);
        writer.bytes1(0x9f); // lahf
        writer.code(0x0f90c0, 3); // seto al
        assembler.compareBlock(VECTORS_AWAY_OFFSET, 0);
        int here = assembler.jumpIf(Assembler.E);
        for (int i = 0; i < REGISTERS; i++) {
            writer.loadLowerHalf(i);
        }
        put(writer, VECTORS_AWAY_OFFSET, 0);
        assembler.here(here);
        assembler.compareBlock(UPPERS_OFFSET, ZERO);
        int zero = assembler.jumpIf(Assembler.E);
        // Zeros are not loaded: the host would take them for halves that are in use.
        writer.storeLowerHalf(0);
        onYmm0(writer, MOVE_YMM0, 0);
        for (int at = YMM_SIZE; at < HALVES_SIZE; at += YMM_SIZE) {
            onYmm0(writer, OR_YMM0, at);
        }
        writer.code(0xc4e2_7d17_c0L, 5); // vptest ymm0, ymm0
        writeZeroUpper(writer);
        writer.loadLowerHalf(0);
        int unused = assembler.jumpIf(Assembler.E);
        writer.loadUpperHalves(ALL);
        assembler.here(unused);
        assembler.here(zero);
        put(writer, UPPERS_OFFSET, HERE);
        writer.code(0x047f, 2); // add al, 0x7f
        writer.bytes1(0x9e); // sahf
        assembler.move(true, RAX, SECOND);
        writer.bytes1(0xc3);
    }

    /** Writes what stores those that are loaded. Clobbers them and the flags; no upper half is in use afterwards. */
    static void writeSave(CodeWriter writer, Assembler assembler) {
        assembler.compareBlock(UPPERS_OFFSET, ZERO);
        int uppersAway = assembler.jumpIf(Assembler.A);
        int zero = assembler.jumpIf(Assembler.E);
        writer.storeVectors(ALL, true);
        int stored = assembler.jump();
        assembler.here(zero);
        assembler.compareBlock(VECTORS_AWAY_OFFSET, 0);
        int lowerAway = assembler.jumpIf(Assembler.NE);
        for (int i = 0; i < REGISTERS; i++) {
            writer.storeLowerHalf(i);
        }
        assembler.here(lowerAway);
        writer.code(0xc5f8_57c0, 4); // vxorps xmm0, xmm0, xmm0, which clears all of ymm0
        for (int at = 0; at < HALVES_SIZE; at += YMM_SIZE) {
            onYmm0(writer, STORE_YMM0, at);
        }
        assembler.here(stored);
        writeZeroUpper(writer);
        put(writer, UPPERS_OFFSET, AWAY);
        put(writer, VECTORS_AWAY_OFFSET, 1);
        assembler.here(uppersAway);
        assembler.compareBlock(VECTORS_AWAY_OFFSET, 0);
        int away = assembler.jumpIf(Assembler.NE);
        writer.storeVectors(ALL, false);
        put(writer, VECTORS_AWAY_OFFSET, 1);
        assembler.here(away);
    }

    /** Writes what stores the lower halves if they are loaded, and leaves them loaded. Uses r11; leaves the flags alone. */
    static void writeKeepLower(CodeWriter writer, Assembler assembler) {
        assembler.move(true, SECOND, RCX);
        assembler.load(false, RCX, CodeWriter.STATE, VECTORS_AWAY_OFFSET - CodeWriter.BIAS);
        assembler.skipIfRcxZero(Assembler.JUMP_SIZE);
        int away = assembler.jump();
        writer.storeVectors(ALL, false);
        assembler.here(away);
        assembler.move(true, RCX, SECOND);
    }

    /** Writes the guest's VZEROUPPER. Leaves the flags alone. */
    static void writeClearUpperHalves(CodeWriter writer) {
        writeZeroUpper(writer);
        put(writer, UPPERS_OFFSET, ZERO);
    }

    private static void writeZeroUpper(CodeWriter writer) {
        writer.code(0xc5f8_77, 3); // vzeroupper
    }

    private static void onYmm0(CodeWriter writer, int instruction, int at) {
        writer.code(instruction, 4);
        writer.blockOperand(0, YMM_HIGH_OFFSET + at);
    }

    private static void put(CodeWriter writer, int offset, int value) {
        writer.code(0x41c7, 2); // mov dword [offset], value
        writer.blockOperand(0, offset);
        writer.bytes(value, 4);
    }
}
