package io.javisor.devices.pic;

/**
 * The registers of a {@link PicPair}, for a snapshot.
 *
 * @param version {@link #VERSION}
 * @param first the chip of IRQ 0 to 7
 * @param second the chip of IRQ 8 to 15
 */
public record PicState(int version, Chip first, Chip second) {
    /** The only version so far. */
    public static final int VERSION = 1;

    /**
     * Checks what a snapshot file might get wrong.
     *
     * @throws IllegalArgumentException if a value is one that the chips cannot be in
     */
    public PicState {
        if (version != VERSION) {
            throw new IllegalArgumentException("8259A state version " + version + " is not " + VERSION);
        }
        within("elcr of the first", first.elcr, PicRegisters.ELCR_FIRST_MASK);
        within("elcr of the second", second.elcr, PicRegisters.ELCR_SECOND_MASK);
    }

    /**
     * One chip.
     *
     * @param inputs levels of the IR pins
     * @param latched edges that are not acknowledged
     * @param base the vector of IR0
     * @param lowest the input with the lowest priority
     * @param expected what the next write with A0 = 1 is: 0 OCW1, 1 ICW2, 2 ICW3, 3 ICW4
     */
    public record Chip(
            int inputs,
            int latched,
            int imr,
            int isr,
            int elcr,
            boolean ltim,
            int base,
            int lowest,
            boolean readIsr,
            boolean poll,
            boolean specialMask,
            boolean autoEoi,
            boolean rotateOnAutoEoi,
            boolean specialFullyNested,
            boolean single,
            boolean needsIcw4,
            int expected) {
        /**
         * Checks what a snapshot file might get wrong.
         *
         * @throws IllegalArgumentException if a value is one that the chip cannot be in
         */
        public Chip {
            within("inputs", inputs, 0xFF);
            within("latched", latched, 0xFF & ~(ltim ? 0xFF : elcr));
            within("imr", imr, 0xFF);
            within("isr", isr, 0xFF);
            within("elcr", elcr, 0xFF);
            within("base", base, PicRegisters.ICW2_BASE_MASK);
            within("lowest", lowest, 7);
            within("expected", expected, 3);
        }
    }

    private static void within(String name, int value, int mask) {
        if ((value & ~mask) != 0) {
            throw new IllegalArgumentException("8259A state: " + name + " is 0x" + Integer.toHexString(value));
        }
    }
}
