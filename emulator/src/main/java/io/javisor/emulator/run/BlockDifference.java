package io.javisor.emulator.run;

/** A block did what steps do not do, which is a bug of the engine's: this vCPU cannot go on. Its message has a line for each instruction and value. */
public final class BlockDifference extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BlockDifference(String message) {
        super(message);
    }
}
