package io.javisor.machine.program;

import java.util.Set;

/** Programs in which QEMU 7.2 is known not to do what a processor does, by their seeds. */
final class KnownDifferences {
    /** It finds the second page of an operand across pages missing before it finds that the first may not be read or written. */
    private static final Set<Long> PAGE_ORDER = Set.of(19L, 71L);

    /** With more than one processor it clears DF where a locked access that is not aligned faults. */
    private static final Set<Long> LOCKED_FAULT = Set.of(38L);

    private KnownDifferences() {}

    static final Set<Long> OF_QEMU = PAGE_ORDER;

    /**
     * Of those of {@link RandomProgram.Kind#COMMON} that are not {@link #OF_QEMU}: whether KVM in a host that QEMU emulates is known to differ. By
     * nested paging QEMU does not see that a write changes the block of code that runs, unless its TLB has the page for writing; it executes the
     * old code to the block's end.
     */
    static boolean ofEmulatedHost(long seed) {
        return LOCKED_FAULT.contains(seed) || RandomProgram.changesAhead(seed, RandomProgram.Kind.COMMON);
    }
}
