package io.javisor.emulator.run;

/**
 * How a vCPU goes on once its caller has stepped an instruction: block code to enter, or further steps through code of which there is no block,
 * if RIP is as expected then. For the vCPU's thread alone.
 */
final class Resumption {
    private static final int NOWHERE = ExitStubs.NOWHERE;

    private long rip;
    private int entry = NOWHERE;
    private int block;
    private int coldLeft;
    private StepReason coldReason = StepReason.COLD;

    /** The instruction at {@code newRip} is next; {@code newEntry} of a block is where it is emitted, or {@link ExitStubs#NOWHERE}. */
    void expect(long newRip, int newEntry, int newBlock) {
        rip = newRip;
        entry = newEntry;
        block = newBlock;
        coldLeft = 0;
    }

    /** The instruction at {@code newRip} is next, and no block has it: what is left of the steps goes on there. */
    void expectCold(long newRip) {
        rip = newRip;
    }

    /** Where to enter a block for the instruction at {@code newRip}, or {@link ExitStubs#NOWHERE}. It is told once. */
    int take(long newRip, BlockTable blocks) {
        boolean expected = newRip == rip;
        if (!expected) {
            coldLeft = 0;
        }
        int taken = expected && entry != NOWHERE && blocks.isValid(block) ? entry : NOWHERE;
        entry = NOWHERE;
        return taken;
    }

    /** What is emitted there is no longer to be entered. */
    void forgetEntry() {
        entry = NOWHERE;
    }

    /** Nothing is expected. */
    void forget() {
        entry = NOWHERE;
        coldLeft = 0;
    }

    /** There is no block: so many instructions may be steps before one is looked for again. */
    void beCold(int instructions, StepReason reason) {
        coldLeft = instructions;
        coldReason = reason;
    }

    boolean isCold() {
        return coldLeft > 0;
    }

    /** One of them is done; {@code last} if a block is to be looked for behind it. */
    void stepped(boolean last) {
        coldLeft = last ? 0 : coldLeft - 1;
    }

    /** Why code without a block is stepped. */
    StepReason coldReason() {
        return coldReason;
    }
}
