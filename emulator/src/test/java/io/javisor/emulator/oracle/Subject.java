package io.javisor.emulator.oracle;

import io.javisor.emulator.decode.Instruction;
import io.javisor.emulator.state.CpuBlock;
import java.lang.foreign.MemorySegment;

/** Who carries out what a record describes. */
interface Subject extends AutoCloseable {
    CpuBlock cpu();

    /** The data pages. */
    MemorySegment data();

    /** Fills memory as the oracle does for {@code record}. */
    void load(MemorySegment record);

    /** Executes from RIP on, to the end of the record's code. Throws {@link io.javisor.emulator.state.CpuFault}. */
    void execute();

    /** The record's instruction. */
    Instruction instruction();

    /** How many pieces of code were emitted. */
    long emitted();

    @Override
    void close();
}
