package io.javisor.devices.serial;

import java.lang.foreign.MemorySegment;

/** Where the transmitter's bits go. Calls come under the port's lock: they never block, never call back and allocate nothing. */
public interface UartWire {
    /**
     * Sends one character.
     *
     * @return whether the transmitter is empty again; if not, {@link Uart16550#transmitterReleased} is called later
     */
    boolean transmit(int character);

    /**
     * Sends {@code count} characters from {@code data}, which is valid during the call only.
     *
     * @return as for {@link #transmit(int)}
     */
    boolean transmit(MemorySegment data, long dataOffset, int count);
}
