package io.javisor.devices.pic;

import static io.javisor.devices.pic.PicRegisters.*;

/**
 * The interrupt controllers of a PC, two 8259As in cascade, as a pure state machine. It knows no bus, thread or processor;
 * {@link PicDevice} gives it these. Not safe for several threads.
 *
 * <p>Emulates (8259A data sheet, order number 231468-003): ICW1 to ICW4, OCW1 to OCW3; edge and level by LTIM and by the PC's ELCR; fully
 * nested and special fully nested mode, special mask mode, automatic end of interrupt, rotation in all its forms, poll command, spurious
 * interrupts 7 and 15. {@link Pic8259} says what is chosen where the data sheet leaves a choice.
 *
 * <p>The second chip's output goes to input 2 of the first one, where an edge is latched: so a request that goes while it is acknowledged
 * is the second chip's spurious interrupt, IRQ 15, and leaves bit 2 of the first one's ISR set, as on a PC. The output falls for a moment
 * with each acknowledge cycle, so that the next request of the second chip makes an edge.
 *
 * <p>Leaves out: the 8080's CALL sequence, buffered mode, the effect of ICW3, masters of other slaves.
 *
 * <table>
 * <caption>Registers of a chip, 8 bits each</caption>
 * <tr><th>offset</th><th>read</th><th>write</th><th>after reset</th></tr>
 * <tr><td>0</td><td>IRR, or ISR as OCW3 said; the poll word once after a poll command</td>
 * <td>bit 4: ICW1; else bit 3: OCW3; else OCW2</td><td>IRR</td></tr>
 * <tr><td>1</td><td>IMR; the poll word once after a poll command</td><td>ICW2, ICW3, ICW4 after ICW1; else OCW1 (IMR)</td><td>00</td></tr>
 * <tr><td>ELCR 0, 1</td><td colspan="2">RW; bits of IRQ 0, 1, 2, 8 and 13 are 0</td><td>00</td></tr>
 * </table>
 */
public final class PicPair {
    private final Pic8259 first = new Pic8259(true);
    private final Pic8259 second = new Pic8259(false);
    private long interrupts;
    private long spuriousInterrupts;
    private long illegalAccesses;

    /** As after power-on: all registers 0, requests answered with vectors from 0. The inputs keep their levels, the counters their counts. */
    public void reset() {
        first.reset();
        second.reset();
        cascade();
    }

    /**
     * A device raises or lowers its request.
     *
     * @param irq 0 to 15, but {@link PicRegisters#CASCADE_IRQ}
     */
    public void setInput(int irq, boolean high) {
        if (irq < 0 || irq >= IRQ_COUNT || irq == CASCADE_IRQ) {
            throw new IllegalArgumentException("IRQ " + irq + " of an 8259A pair");
        }
        if (irq < INPUT_COUNT) {
            first.setInput(irq, high);
        } else {
            second.setInput(irq - INPUT_COUNT, high);
            cascade();
        }
    }

    /** The predicate of the INTR wire. */
    public boolean asserted() {
        return first.request() != Pic8259.NONE;
    }

    /**
     * The processor's two INTA pulses.
     *
     * @return the vector, 0 to 255
     */
    public int acknowledge() {
        int input = first.request();
        if (input == Pic8259.NONE) {
            spuriousInterrupts++;
            return first.vector(SPURIOUS_LEVEL);
        }
        first.take(input);
        if (input != CASCADE_IRQ) {
            interrupts++;
            return first.vector(input);
        }
        int secondInput = second.request();
        if (secondInput == Pic8259.NONE) {
            spuriousInterrupts++;
            return second.vector(SPURIOUS_LEVEL);
        }
        interrupts++;
        takeOfSecond(secondInput);
        return second.vector(secondInput);
    }

    /**
     * The guest reads a port of a chip.
     *
     * @param chip 0 for the first, 1 for the second
     * @return 0 to 255; ones past the last port
     */
    public int read(int chip, long offset) {
        Pic8259 read = chip == 0 ? first : second;
        if (offset != COMMAND_OFFSET && offset != DATA_OFFSET) {
            illegalAccesses++;
            return 0xFF;
        }
        if (read.takePoll()) {
            return poll(read);
        }
        return offset == COMMAND_OFFSET ? read.readCommand() : read.imr();
    }

    /** The guest writes the low 8 bits of {@code value} to a port of a chip; ignored past the last. */
    public void write(int chip, long offset, int value) {
        Pic8259 written = chip == 0 ? first : second;
        if (offset == COMMAND_OFFSET) {
            written.writeCommand(value & 0xFF);
        } else if (offset == DATA_OFFSET) {
            written.writeData(value & 0xFF);
        } else {
            illegalAccesses++;
        }
        cascade();
    }

    /** The guest reads the edge/level control register. */
    public int readElcr(long offset) {
        if (offset == 0) {
            return first.elcr();
        }
        if (offset == 1) {
            return second.elcr();
        }
        illegalAccesses++;
        return 0xFF;
    }

    /** The guest writes the edge/level control register. */
    public void writeElcr(long offset, int value) {
        if (offset == 0) {
            first.setElcr(value & ELCR_FIRST_MASK);
        } else if (offset == 1) {
            second.setElcr(value & ELCR_SECOND_MASK);
            cascade();
        } else {
            illegalAccesses++;
        }
    }

    public PicState save() {
        return new PicState(PicState.VERSION, first.save(), second.save());
    }

    /** Takes a saved state over, the inputs' levels included. */
    public void restore(PicState state) {
        first.restore(state.first());
        second.restore(state.second());
    }

    public PicCounters counters() {
        return new PicCounters(interrupts, spuriousInterrupts, illegalAccesses);
    }

    private int poll(Pic8259 polled) {
        int input = polled.request();
        if (input == Pic8259.NONE) {
            return 0;
        }
        interrupts++;
        if (polled == second) {
            takeOfSecond(input);
        } else {
            polled.take(input);
        }
        return POLL_REQUEST | input;
    }

    /** The output goes low while the request is acknowledged, and is high again after it if there is another. */
    private void takeOfSecond(int input) {
        second.take(input);
        first.setInput(CASCADE_IRQ, false);
        cascade();
    }

    private void cascade() {
        first.setInput(CASCADE_IRQ, second.request() != Pic8259.NONE);
    }
}
