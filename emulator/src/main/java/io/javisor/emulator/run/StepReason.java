package io.javisor.emulator.run;

import java.util.Locale;

/** Why Java carried out an instruction of 64-bit code singly. */
enum StepReason {
    /** Blocks have no code for its form, for these operands, or for it at this place. */
    NO_CODE,
    /** Blocks have code for it, but not in this mode: an exception is not masked, a unit is off, the privilege level is another. */
    MODE,
    /** Its code has not run often enough to be a block, or blocks were forgotten meanwhile. */
    COLD,
    /** Its page was written to again and again, and has no blocks for a while. */
    REWRITTEN,
    /** Blocks do not run: between STI or MOV SS and the next one, with a breakpoint, a single step, a trace, or checks of alignment. */
    BLOCKS_OFF,
    /** The TLB did not have its operand's page. */
    TLB_MISS,
    /** It or its operand lies in two pages. */
    PAGE_CROSSING,
    /** It wrote to a page that blocks were made of. */
    CODE_PAGE,
    /** It, or its operand, is in device memory. */
    DEVICE,
    /** Its code does not do it with these values: a division that may fault, an address that is not aligned, an interrupt that waits. */
    VALUES;

    static final int COUNT = values().length;

    /** As statistics have it. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Its place in a table. */
    @SuppressWarnings("EnumOrdinal") // of counters, which nobody keeps
    int index() {
        return ordinal();
    }
}
