package io.javisor.emulator.cpu;

import io.javisor.emulator.run.BlockOptions;

/**
 * Whether code that runs often is emitted in blocks, and how.
 *
 * @param emits if not, all instructions are steps
 * @param checks steps do first what each block does, for comparison; for machines of one vCPU
 * @param blocks how they are made, if they are
 */
public record Translation(boolean emits, boolean checks, BlockOptions blocks) {
    public static final Translation ON = new Translation(true, false, BlockOptions.USUAL);
    public static final Translation OFF = new Translation(false, false, BlockOptions.USUAL);
    public static final Translation CHECK = new Translation(true, true, BlockOptions.USUAL);

    /** As {@link #ON}, with blocks that are made in another way. */
    public static Translation by(BlockOptions blocks) {
        return new Translation(true, false, blocks);
    }
}
