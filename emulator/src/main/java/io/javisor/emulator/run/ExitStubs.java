package io.javisor.emulator.run;

import static io.javisor.emulator.emit.CodeWriter.RCX;
import static io.javisor.emulator.state.StateLayout.RIP_OFFSET;

import io.javisor.emulator.emit.Assembler;
import io.javisor.emulator.emit.CodeWriter;
import io.javisor.emulator.emit.RunRegisters;

/**
 * The ways out of the block that is being emitted. They are written behind it, each with 16 bytes that tell Java what it left for: the
 * block's number, where to enter it again, where in the page RIP is, the kind and the link's slot.
 */
final class ExitStubs {
    /** A kind: the instruction at RIP is to be a step; where its successor is entered is told, too. */
    static final int STEP = 0;

    /** Go on at RIP; a link, if there is one, may be set to its block. */
    static final int LINK = 1;

    /** Go on at the RIP that is stored already. */
    static final int AWAY = 2;

    /** The host's processor faulted in a block. */
    static final int HOST_FAULT = 3;

    /** As {@link #STEP}, of an instruction that blocks have no code for. */
    static final int SINGLE = 4;

    /** The TLB does not allow an access: {@link MissCode}. */
    static final int MISS = 5;

    /** No way out by itself: the first entry of the jump cache's set does not do ({@link TargetCode}). */
    private static final int TARGET = 6;

    /** In place of where to enter a block again: nowhere. */
    static final int NOWHERE = 0;

    /** In what an exit of the kinds {@link #STEP} and {@link #SINGLE} tells: the instruction's offset, and from this bit on that of the next one. */
    static final int NEXT_SHIFT = 16;

    private static final int NO_SLOT = -1;
    private static final int NO_JUMP = -1;
    private static final int NO_STUB = -1;
    private static final int MAX_JUMPS = 1024;
    private static final int MAX_STUBS = 256;

    private final RunCode code;
    private final CodeWriter writer;
    private final Assembler assembler;
    private final FlagPlace flags;
    private final X87Code x87;
    private final VectorCode vectors;
    private final int[] jumps = new int[MAX_JUMPS];
    private final int[] nextJumps = new int[MAX_JUMPS];
    private final int[] firstJumps = new int[MAX_STUBS];
    private final byte[] kinds = new byte[MAX_STUBS];
    private final int[] offsets = new int[MAX_STUBS];
    private final int[] slots = new int[MAX_STUBS];
    private final boolean[] saves = new boolean[MAX_STUBS];
    private final boolean[] restoresRcx = new boolean[MAX_STUBS];
    private final int[] resumes = new int[MAX_STUBS];
    private final boolean[] resumesWithFlags = new boolean[MAX_STUBS];
    private final boolean[] resumesWithX87 = new boolean[MAX_STUBS];
    private final int[] resumesWithVectors = new int[MAX_STUBS];
    private final int[] pointers = new int[MAX_STUBS];

    /** What a stub tells begins there; of a miss, what it tells of the access, the step in its place, and where code goes on. */
    private final int[] tolds = new int[MAX_STUBS];

    private final int[] accesses = new int[MAX_STUBS];
    private final int[] steps = new int[MAX_STUBS];
    private final int[] founds = new int[MAX_STUBS];

    /** Where stubs are written; how much of the stack one of the kind AWAY pops; where one of the kind TARGET goes on. */
    private final int[] starts = new int[MAX_STUBS];

    private final int[] pops = new int[MAX_STUBS];
    private final int[] aways = new int[MAX_STUBS];
    private int jumpCount;
    private int count;

    ExitStubs(RunCode code, FlagPlace flags, X87Code x87, VectorCode vectors) {
        this.code = code;
        this.flags = flags;
        this.x87 = x87;
        this.vectors = vectors;
        writer = code.writer();
        assembler = code.assembler();
    }

    void clear() {
        jumpCount = 0;
        count = 0;
    }

    /** A stub of that kind, with RIP at {@code offset} in the page. */
    int add(int kind, int offset) {
        kinds[count] = (byte) kind;
        offsets[count] = offset;
        slots[count] = NO_SLOT;
        saves[count] = false;
        restoresRcx[count] = false;
        resumes[count] = NOWHERE;
        pointers[count] = x87.last();
        pops[count] = 0;
        firstJumps[count] = NO_JUMP;
        return count++;
    }

    void withSlot(int stub, int slot) {
        slots[stub] = slot;
    }

    /** It has to save the flags. */
    void saving(int stub) {
        saves[stub] = true;
    }

    /** It is reached with rcx in rbp. */
    void restoringRcx(int stub) {
        restoresRcx[stub] = true;
    }

    /**
     * The TLB's first way does not allow an access.
     *
     * @param step the stub for what no TLB will ever allow
     * @param again where it is looked for, with the linear address in rbp
     * @return the stub, which {@link #foundHere} has to be told of
     */
    int miss(int step, int again, int size, boolean write) {
        int probe = code.misses().probe(size, write);
        if (probe == NOWHERE) {
            return step;
        }
        int stub = add(MISS, probe);
        pointers[stub] = pointers[step];
        steps[stub] = step;
        resumes[stub] = again;
        accesses[stub] = MissCode.access(size, write, x87.loaded(), vectors.loaded());
        return stub;
    }

    /** A stub for an indirect jump to the address in rbp, which is done but for so many bytes that come off the stack. */
    int away(int popped) {
        int stub = add(AWAY, 0);
        pops[stub] = popped;
        return stub;
    }

    /** A stub that looks for the address in rbp further in the jump cache, and leaves by {@code away}; {@link #foundHere} has to be told of it. */
    int target(int away) {
        return target(away, NO_STUB);
    }

    /** As {@link #target(int)}, but by {@code step} if the address is not canonical. */
    int target(int away, int step) {
        int stub = add(TARGET, 0);
        aways[stub] = away;
        steps[stub] = step;
        return stub;
    }

    /** The present position is where the operand's host address is known, or the entry for a target. */
    void foundHere(int stub) {
        founds[stub] = writer.position();
    }

    /** The present position is where the instruction after a step is. */
    void resumeHere(int stub) {
        resumes[stub] = writer.position();
        resumesWithFlags[stub] = flags.inHost();
        resumesWithX87[stub] = x87.loaded();
        resumesWithVectors[stub] = vectors.loaded();
    }

    void jumpIf(int condition, int stub) {
        note(assembler.jumpIf(condition), stub);
    }

    void jump(int stub) {
        note(assembler.jump(), stub);
    }

    private void note(int jump, int stub) {
        jumps[jumpCount] = jump;
        nextJumps[jumpCount] = firstJumps[stub];
        firstJumps[stub] = jumpCount++;
    }

    /** Writes them all. */
    void write(int block) {
        for (int i = 0; i < count; i++) {
            int start = writer.position();
            int resume = resumes[i];
            if (kinds[i] == MISS) {
                writeMiss(i);
                continue;
            }
            if (kinds[i] == TARGET) {
                writeTarget(i);
                continue;
            }
            boolean bare = !resumesWithFlags[i] && !resumesWithX87[i] && resumesWithVectors[i] == VectorCode.NONE;
            if (resumes[i] != NOWHERE && !bare) {
                // The way back lies in front of the way out.
                resume = start;
                if (resumesWithX87[i]) {
                    x87.emitLoad();
                }
                vectors.emitLoad(resumesWithVectors[i]);
                if (resumesWithFlags[i]) {
                    flags.emitRestore();
                }
                assembler.jumpTo(resumes[i]);
            }
            starts[i] = writer.position();
            jumpsHere(i);
            if (slots[i] != NO_SLOT) {
                code.setMiss(slots[i], start);
            }
            body(i);
            leave(i);
            writer.bytes(block, 4);
            writer.bytes(resume, 4);
            writer.bytes(offsets[i], 4);
            writer.bytes(kinds[i] | (long) (slots[i] + 1) << 8, 4);
        }
    }

    private void writeMiss(int i) {
        jumpsHere(i);
        assembler.call(offsets[i]);
        assembler.jumpIfTo(Assembler.B, founds[i]);
        x87.emitPointers(pointers[i]);
        leave(i);
        writer.bytes(tolds[steps[i]], 4);
        writer.bytes(resumes[i], 4);
        writer.bytes(accesses[i], 4);
        writer.bytes(MISS, 4);
    }

    private void writeTarget(int i) {
        jumpsHere(i);
        assembler.call(code.targets().probe());
        assembler.jumpIfTo(Assembler.B, founds[i]);
        if (steps[i] != NO_STUB) {
            assembler.jumpIfTo(Assembler.NE, starts[steps[i]]);
        }
        assembler.jumpTo(starts[aways[i]]);
    }

    private void jumpsHere(int i) {
        for (int j = firstJumps[i]; j != NO_JUMP; j = nextJumps[j]) {
            assembler.here(jumps[j]);
        }
    }

    /** Leaves for Java, with what is written next as what it is told. */
    private void leave(int i) {
        assembler.codeAddress(RunRegisters.FIRST, writer.position() + 12);
        assembler.jumpTo(code.exit());
        tolds[i] = writer.position();
    }

    private void body(int i) {
        if (restoresRcx[i]) {
            assembler.move(true, RCX, RunRegisters.FIRST);
        }
        if (saves[i]) {
            flags.emitSave();
        }
        if (pops[i] != 0) {
            assembler.address(true, RunRegisters.STACK, RunRegisters.STACK, Assembler.NONE, 0, pops[i]);
        }
        if (kinds[i] == AWAY) {
            assembler.store(true, CodeWriter.STATE, RIP_OFFSET - CodeWriter.BIAS, RunRegisters.FIRST);
        }
        x87.emitPointers(pointers[i]);
    }
}
