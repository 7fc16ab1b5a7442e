package io.javisor.devices.pic;

import static io.javisor.devices.pic.PicRegisters.*;

/**
 * One 8259A: its registers and its priority logic. {@link PicPair} joins two. Not safe for several threads.
 *
 * <p>Where the data sheet speaks of the 8086 it is followed, with these choices:
 *
 * <ul>
 *   <li>An edge stays latched when its input falls before it is acknowledged, as KVM and QEMU have it: a device of this machine may pulse
 *       its line. The chip would answer with a spurious interrupt.
 *   <li>ICW1 clears the latches, and an input that is high then needs another edge (data sheet, "Initialization Command Words", a); KVM
 *       forgets the level too, and would take the next call for an edge.
 *   <li>Special mask mode: a masked input in service holds nothing back, an unmasked one does (as QEMU).
 *   <li>ICW3, the buffered mode and the 8080's mode are taken and without effect: the wiring is fixed, and the processor is no 8080.
 * </ul>
 */
final class Pic8259 {
    /** The answer of {@link #request} when there is none. */
    static final int NONE = -1;

    /** Which command word the next write to {@link PicRegisters#DATA_OFFSET} is. */
    private static final int EXPECT_OCW1 = 0;

    private static final int EXPECT_ICW2 = 1;
    private static final int EXPECT_ICW3 = 2;
    private static final int EXPECT_ICW4 = 3;

    private final boolean hasCascade;

    private int inputs; // levels of the IR pins
    private int latched; // edges not yet acknowledged
    private int imr; // interrupt mask register, RW
    private int isr; // in-service register, R
    private int elcr; // which inputs are level-triggered
    private boolean ltim; // all are
    private int base; // the vector of IR0
    private int lowest = SPURIOUS_LEVEL; // the input with the lowest priority
    private boolean readIsr;
    private boolean poll;
    private boolean specialMask;
    private boolean autoEoi;
    private boolean rotateOnAutoEoi;
    private boolean specialFullyNested;
    private boolean single;
    private boolean needsIcw4;
    private int expected;

    /**
     * As after power-on, as KVM has it: nothing masked, vectors from 0.
     *
     * @param hasCascade whether another chip is at input {@link PicRegisters#CASCADE_IRQ}
     */
    Pic8259(boolean hasCascade) {
        this.hasCascade = hasCascade;
    }

    /** As after power-on; the inputs are what they are. */
    void reset() {
        initialize(0);
        base = 0;
        elcr = 0;
        expected = EXPECT_OCW1;
    }

    void setInput(int input, boolean high) {
        int bit = 1 << input;
        if (!high) {
            inputs &= ~bit;
        } else if ((inputs & bit) == 0) {
            inputs |= bit;
            latched |= bit & ~levelMask();
        }
    }

    /** The interrupt request register: latched edges, and levels that are high. */
    int irr() {
        return latched | (inputs & levelMask());
    }

    /** The most urgent input that may interrupt now, or {@link #NONE}. The INT pin is high if there is one. */
    int request() {
        int rank = rankOf(irr() & ~imr);
        int holding = isr;
        if (specialMask) {
            holding &= ~imr;
        }
        if (specialFullyNested && hasCascade) {
            // A request of the second chip may be more urgent than what of it is in service, which only it knows.
            holding &= ~(1 << CASCADE_IRQ);
        }
        return rank < rankOf(holding) ? inputOf(rank) : NONE;
    }

    /** An acknowledge cycle that takes {@code input} into service. */
    void take(int input) {
        int bit = 1 << input;
        latched &= ~bit;
        if (!autoEoi) {
            isr |= bit;
        } else if (rotateOnAutoEoi) {
            lowest = input;
        }
    }

    int vector(int input) {
        return base | input;
    }

    /** Whether {@code read} of either port is the acknowledge cycle of a poll command, once. */
    boolean takePoll() {
        boolean taken = poll;
        poll = false;
        return taken;
    }

    int readCommand() {
        return readIsr ? isr : irr();
    }

    int imr() {
        return imr;
    }

    int elcr() {
        return elcr;
    }

    /** Which inputs are level-triggered; a latched edge of one that is now is forgotten. */
    void setElcr(int value) {
        elcr = value;
        latched &= ~levelMask();
    }

    void writeCommand(int value) {
        if ((value & ICW1) != 0) {
            initialize(value);
        } else if ((value & OCW3) != 0) {
            writeOcw3(value);
        } else {
            writeOcw2(value);
        }
    }

    void writeData(int value) {
        switch (expected) {
            case EXPECT_ICW2 -> {
                base = value & ICW2_BASE_MASK;
                expected = single ? afterIcw3() : EXPECT_ICW3;
            }
            case EXPECT_ICW3 -> expected = afterIcw3();
            case EXPECT_ICW4 -> {
                specialFullyNested = (value & ICW4_SFNM) != 0;
                autoEoi = (value & ICW4_AEOI) != 0;
                expected = EXPECT_OCW1;
            }
            default -> imr = value;
        }
    }

    PicState.Chip save() {
        return new PicState.Chip(
                inputs,
                latched,
                imr,
                isr,
                elcr,
                ltim,
                base,
                lowest,
                readIsr,
                poll,
                specialMask,
                autoEoi,
                rotateOnAutoEoi,
                specialFullyNested,
                single,
                needsIcw4,
                expected);
    }

    void restore(PicState.Chip state) {
        inputs = state.inputs();
        latched = state.latched();
        imr = state.imr();
        isr = state.isr();
        elcr = state.elcr();
        ltim = state.ltim();
        base = state.base();
        lowest = state.lowest();
        readIsr = state.readIsr();
        poll = state.poll();
        specialMask = state.specialMask();
        autoEoi = state.autoEoi();
        rotateOnAutoEoi = state.rotateOnAutoEoi();
        specialFullyNested = state.specialFullyNested();
        single = state.single();
        needsIcw4 = state.needsIcw4();
        expected = state.expected();
    }

    private void initialize(int icw1) {
        ltim = (icw1 & ICW1_LTIM) != 0;
        single = (icw1 & ICW1_SNGL) != 0;
        needsIcw4 = (icw1 & ICW1_IC4) != 0;
        latched = 0;
        imr = 0;
        isr = 0;
        lowest = SPURIOUS_LEVEL;
        readIsr = false;
        poll = false;
        specialMask = false;
        rotateOnAutoEoi = false;
        // "If IC4 = 0 all functions selected in ICW4 are set to zero."
        autoEoi = false;
        specialFullyNested = false;
        expected = EXPECT_ICW2;
    }

    private int afterIcw3() {
        return needsIcw4 ? EXPECT_ICW4 : EXPECT_OCW1;
    }

    private void writeOcw2(int value) {
        int level = value & OCW2_LEVEL_MASK;
        switch (value >> OCW2_COMMAND_SHIFT) {
            case 0 -> rotateOnAutoEoi = false;
            case 1 -> endMostUrgent(false);
            case 3 -> isr &= ~(1 << level);
            case 4 -> rotateOnAutoEoi = true;
            case 5 -> endMostUrgent(true);
            case 6 -> lowest = level;
            case 7 -> {
                isr &= ~(1 << level);
                lowest = level;
            }
            default -> {
                // 2: no operation.
            }
        }
    }

    private void endMostUrgent(boolean rotate) {
        // "An IS bit that is masked by an IMR bit will not be cleared by a non-specific EOI … in the Special Mask
        // Mode."
        int rank = rankOf(specialMask ? isr & ~imr : isr);
        if (rank < INPUT_COUNT) {
            int input = inputOf(rank);
            isr &= ~(1 << input);
            if (rotate) {
                lowest = input;
            }
        }
    }

    private void writeOcw3(int value) {
        poll = (value & OCW3_POLL) != 0;
        // "If P = 1 … overrides" a register read.
        if (!poll && (value & OCW3_RR) != 0) {
            readIsr = (value & OCW3_RIS) != 0;
        }
        if ((value & OCW3_ESMM) != 0) {
            specialMask = (value & OCW3_SMM) != 0;
        }
    }

    private int levelMask() {
        return ltim ? 0xFF : elcr;
    }

    /** The rank of the most urgent of {@code bits}: 0 is the highest priority, 8 says that there is none. */
    private int rankOf(int bits) {
        int first = lowest + 1 & 7;
        int rotated = (bits | bits << INPUT_COUNT) >> first & 0xFF;
        return Integer.numberOfTrailingZeros(rotated | 1 << INPUT_COUNT);
    }

    private int inputOf(int rank) {
        return lowest + 1 + rank & 7;
    }
}
