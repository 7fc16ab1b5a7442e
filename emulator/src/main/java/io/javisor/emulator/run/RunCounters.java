package io.javisor.emulator.run;

import java.util.Map;

/**
 * What a vCPU's blocks have counted. The vCPU's thread alone writes the fields, plainly; {@link #put} is for any thread: a 64-bit JVM does not
 * tear them.
 */
public final class RunCounters {
    /** Blocks that were emitted, again and again ones too. */
    long blocks;

    /** Instructions in them. */
    long emitted;

    /** Instructions that were executed singly. */
    long steps;

    /** How often emitted code came back to Java for an instruction that is a step, or an access that is slow. */
    long stepExits;

    /** For an access that the TLB did not allow, and does now. */
    long missExits;

    /** Because it goes on where no block is linked yet, or attention was raised. */
    long linkExits;

    /** The same of an indirect jump. */
    long jumpExits;

    /** How often a page's blocks were dropped because it was written to. */
    long drops;

    /** How often the memory for blocks was full. */
    long full;

    /** How often what a block did was compared with steps. */
    long compared;

    /** Blocks that perf could not be told of. */
    long unmapped;

    RunCounters() {}

    /** How many instructions were emitted. */
    public long emitted() {
        return emitted;
    }

    /** How many were executed singly. */
    public long steps() {
        return steps;
    }

    /** How often a page's blocks were dropped. */
    public long drops() {
        return drops;
    }

    /** How often what a block did was compared with steps. */
    public long compared() {
        return compared;
    }

    /** How often emitted code was entered. */
    public long entries() {
        return stepExits + missExits + linkExits + jumpExits;
    }

    /** Puts them all but the steps, by {@link io.javisor.core.engine.EngineVcpu#counters}' rules. */
    public void put(Map<String, Long> counters) {
        counters.put("blocks_made", blocks);
        counters.put("block_instructions", emitted);
        counters.put("block_drops", drops);
        counters.put("block_entries", entries());
        counters.put("exits_step", stepExits);
        counters.put("exits_miss", missExits);
        counters.put("exits_link", linkExits);
        counters.put("exits_jump", jumpExits);
        if (compared != 0) {
            counters.put("blocks_compared", compared);
        }
        if (unmapped != 0) {
            counters.put("blocks_unmapped", unmapped);
        }
    }
}
