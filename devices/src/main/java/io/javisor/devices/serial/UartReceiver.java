package io.javisor.devices.serial;

import static io.javisor.devices.serial.UartRegisters.*;

import java.util.List;

/**
 * The receiver of a {@link Uart16550}: the FIFO and its control register, the errors that the LSR shows and the character timeout (PC16550D §8.4,
 * §8.5, §8.11). Not safe for several threads.
 */
final class UartReceiver {
    private static final int[] TRIGGER_LEVELS = {1, 4, 8, 14};

    private final ReceiveFifo fifo = new ReceiveFifo();
    private int fcr; // FIFO control without the self-clearing bits, W
    private int lineStatusErrors; // the bits of LSR_ERRORS, until read
    private boolean characterTimeout;

    private long receivedBytes;
    private long overruns;

    /** Master reset; the counters stay. */
    void reset() {
        fcr = 0;
        lineStatusErrors = 0;
        fifo.clear();
        characterTimeout = false;
    }

    /** A character arrives, with any of the bits of LSR_CHARACTER_ERRORS. One that finds no room is an overrun (PC16550D §8.4, bit 1). */
    void receive(int character, int errors) {
        receivedBytes++;
        if (room() == 0) {
            overruns++;
            lineStatusErrors |= LSR_OE;
            if (fifosEnabled()) {
                return; // the FIFO stays as it is; the character in the shift register is lost
            }
            fifo.clear(); // the new character destroys the one in the RBR
        }
        fifo.add(character, errors & LSR_CHARACTER_ERRORS);
        revealErrors();
    }

    /** Takes the oldest character. There must be one. */
    int remove() {
        int character = fifo.remove();
        characterTimeout = false;
        revealErrors();
        return character;
    }

    /** An error shows in the LSR when its character is the next to be read (PC16550D §8.4). */
    private void revealErrors() {
        lineStatusErrors |= fifo.takeHeadErrors();
    }

    /** The receiver's bits of the LSR; the errors go. */
    int readLineStatus() {
        int lsr = lineStatusErrors;
        if (!isEmpty()) {
            lsr |= LSR_DR;
        }
        if (fifosEnabled() && ((lineStatusErrors & LSR_CHARACTER_ERRORS) != 0 || fifo.hasErrors())) {
            lsr |= LSR_FIFO_ERROR;
        }
        lineStatusErrors = 0;
        return lsr;
    }

    /** The FCR is written, with 8 bits. */
    void writeControl(int data) {
        boolean enable = (data & FCR_ENABLE) != 0;
        // The other bits count only together with bit 0 (PC16550D §8.5, bit 0).
        if ((enable && (data & FCR_RCVR_RESET) != 0) || (!enable && fifosEnabled())) {
            fifo.clear();
            characterTimeout = false;
        } else if (enable && !fifosEnabled()) {
            // The chip clears here too. Linux opens a port by enabling receiver interrupts first and the FIFOs then,
            // without looking between: the line's first character would be lost. It counts as one that came after.
            characterTimeout = !isEmpty();
        }
        fcr = enable ? data & (FCR_TRIGGER_MASK | FCR_DMA_MODE | FCR_ENABLE) : 0;
    }

    /** Nothing came and nothing was read for four character times. Returns whether that changes anything: with characters in the FIFO. */
    boolean idle() {
        boolean timesOut = fifosEnabled() && !isEmpty();
        characterTimeout |= timesOut;
        return timesOut;
    }

    /** Whether characters below the trigger level wait for {@link #idle}. */
    boolean characterTimeoutDue() {
        return fifosEnabled() && !characterTimeout && !isEmpty() && fifo.count() < triggerLevel();
    }

    /** Whether the LSR has an error that was not read yet. */
    boolean hasLineStatusErrors() {
        return lineStatusErrors != 0;
    }

    /** What asks for an interrupt, as the low four bits of the IIR: data above the trigger level, a character timeout or nothing. */
    int pendingInterrupt() {
        if (fifo.count() >= triggerLevel()) {
            return IIR_DATA_AVAILABLE;
        }
        return characterTimeout ? IIR_CHARACTER_TIMEOUT : IIR_NONE;
    }

    boolean isEmpty() {
        return fifo.count() == 0;
    }

    /** How many characters fit in. */
    int room() {
        return (fifosEnabled() ? FIFO_SIZE : 1) - fifo.count();
    }

    boolean fifosEnabled() {
        return (fcr & FCR_ENABLE) != 0;
    }

    private int triggerLevel() {
        return fifosEnabled() ? TRIGGER_LEVELS[(fcr & FCR_TRIGGER_MASK) >> 6] : 1;
    }

    // ---- state ----

    int fcr() {
        return fcr;
    }

    int lineStatusErrors() {
        return lineStatusErrors;
    }

    boolean characterTimeout() {
        return characterTimeout;
    }

    /** What waits, as {@link UartState#receiveFifo}. */
    List<Integer> saveFifo() {
        return fifo.save();
    }

    void restore(UartState state) {
        fcr = state.fcr();
        lineStatusErrors = state.lineStatusErrors();
        characterTimeout = state.characterTimeout();
        fifo.restore(state.receiveFifo());
    }

    long receivedBytes() {
        return receivedBytes;
    }

    long overruns() {
        return overruns;
    }
}
