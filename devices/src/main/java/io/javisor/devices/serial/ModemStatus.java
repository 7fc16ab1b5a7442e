package io.javisor.devices.serial;

import static io.javisor.devices.serial.UartRegisters.*;

/** The modem status register: levels of the input pins, or in loopback of the MCR, and what has changed (PC16550D §8.9). */
final class ModemStatus {
    private int pins; // as in the register's upper half
    private int msr; // modem status, R
    private int mcr; // as last written

    ModemStatus(int pins) {
        this.pins = pins & MSR_LEVELS;
        reset();
    }

    /** The pins stay as they are. */
    void reset() {
        mcr = 0;
        msr = pins;
    }

    /** The pins change. */
    void setPins(int levels) {
        pins = levels & MSR_LEVELS;
        update();
    }

    /** The MCR is written. */
    void setModemControl(int newMcr) {
        mcr = newMcr;
        update();
    }

    /** The register; the deltas go. */
    int read() {
        int value = msr;
        msr &= MSR_LEVELS;
        return value;
    }

    /** Whether a delta was not read yet. */
    boolean hasDeltas() {
        return (msr & MSR_DELTAS) != 0;
    }

    int pins() {
        return pins;
    }

    /** The register, as it is. */
    int peek() {
        return msr;
    }

    void restore(int savedMsr, int savedPins, int savedMcr) {
        msr = savedMsr;
        pins = savedPins;
        mcr = savedMcr;
    }

    private void update() {
        int levels = (mcr & MCR_LOOP) != 0 ? loopedLevels() : pins;
        int changed = (msr ^ levels) & MSR_LEVELS;
        int deltas = (changed >> 4) & (MSR_DCTS | MSR_DDSR | MSR_DDCD);
        if ((changed & MSR_RI) != 0 && (levels & MSR_RI) == 0) {
            deltas |= MSR_TERI;
        }
        msr = levels | (msr & MSR_DELTAS) | deltas;
    }

    private int loopedLevels() {
        return ((mcr & MCR_RTS) != 0 ? MSR_CTS : 0)
                | ((mcr & MCR_DTR) != 0 ? MSR_DSR : 0)
                | ((mcr & MCR_OUT1) != 0 ? MSR_RI : 0)
                | ((mcr & MCR_OUT2) != 0 ? MSR_DCD : 0);
    }
}
