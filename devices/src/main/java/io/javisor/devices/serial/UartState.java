package io.javisor.devices.serial;

import java.util.List;

/**
 * The registers and latches of a {@link Uart16550}, for a snapshot. Bytes on their way to or from the host belong to the
 * backend and are not part of it.
 *
 * @param version {@link #VERSION}
 * @param lineStatusErrors the latched error bits of the LSR
 * @param modemStatus MSR: deltas and levels
 * @param modemInputs the levels on the modem input pins, as in the MSR's upper half
 * @param receiveFifo unread characters, oldest first: LSR error bits in bits 8 and up, the character below
 * @param characterTimeout whether the character timeout is indicated
 * @param thrEmptyLatched whether the THRE interrupt is latched
 * @param transmitterHeld whether the wire takes no more
 * @param rtsSeen whether RTS was raised since reset
 * @param idlePolls see {@link Uart16550#receiveRoom}
 */
public record UartState(
        int version,
        int ier,
        int fcr,
        int lcr,
        int mcr,
        int scr,
        int dll,
        int dlm,
        int lineStatusErrors,
        int modemStatus,
        int modemInputs,
        List<Integer> receiveFifo,
        boolean characterTimeout,
        boolean thrEmptyLatched,
        boolean transmitterHeld,
        boolean rtsSeen,
        int idlePolls) {
    /** The only version so far. */
    public static final int VERSION = 1;

    private static final int FIFO_ENTRY_MAX = (UartRegisters.LSR_CHARACTER_ERRORS << 8) | 0xFF;

    /**
     * Checks what a snapshot file might get wrong.
     *
     * @throws IllegalArgumentException if a value is one that the chip cannot be in
     */
    public UartState {
        if (version != VERSION) {
            throw new IllegalArgumentException("UART state version " + version + " is not " + VERSION);
        }
        within("ier", ier, UartRegisters.IER_MASK);
        within("fcr", fcr, UartRegisters.FCR_TRIGGER_MASK | UartRegisters.FCR_DMA_MODE | UartRegisters.FCR_ENABLE);
        within("lcr", lcr, 0xFF);
        within("mcr", mcr, UartRegisters.MCR_MASK);
        within("scr", scr, 0xFF);
        within("dll", dll, 0xFF);
        within("dlm", dlm, 0xFF);
        within("lineStatusErrors", lineStatusErrors, UartRegisters.LSR_ERRORS);
        within("modemStatus", modemStatus, 0xFF);
        within("modemInputs", modemInputs, UartRegisters.MSR_LEVELS);
        receiveFifo = List.copyOf(receiveFifo);
        boolean fifosEnabled = (fcr & UartRegisters.FCR_ENABLE) != 0;
        if (receiveFifo.size() > (fifosEnabled ? UartRegisters.FIFO_SIZE : 1)) {
            throw new IllegalArgumentException("UART state has " + receiveFifo.size() + " received characters");
        }
        for (int entry : receiveFifo) {
            within("receiveFifo", entry, FIFO_ENTRY_MAX);
        }
        if (idlePolls < 0) {
            throw new IllegalArgumentException("UART state: idlePolls is " + idlePolls);
        }
    }

    private static void within(String name, int value, int mask) {
        if ((value & ~mask) != 0) {
            throw new IllegalArgumentException("UART state: " + name + " is 0x" + Integer.toHexString(value));
        }
    }
}
