package io.javisor.machine.host;

import io.javisor.devices.backend.ConsoleInputFilter;
import io.javisor.machine.config.SerialSink;

/**
 * The host's end of the serial port that is on {@link SerialSink.Stdio}: two open descriptors, which stay the caller's.
 *
 * @param inputFd open for reading
 * @param outputFd open for writing; another number than {@code inputFd}
 * @param filter sees the input before the guest, for escape keys
 */
public record Console(int inputFd, int outputFd, ConsoleInputFilter filter) {
    /** Standard input and output, nothing filtered. */
    public static Console standard() {
        return new Console(0, 1, ConsoleInputFilter.NONE);
    }
}
