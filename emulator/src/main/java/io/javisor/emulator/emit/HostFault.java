package io.javisor.emulator.emit;

import io.javisor.core.host.HostConstants;

/**
 * The host's processor faulted in emitted code, which is a bug of the engine's or memory that the host took away: this vCPU cannot go on.
 */
public final class HostFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private HostFault(String message) {
        super(message);
    }

    /** Of code whose exit has stored what the {@link FaultNet} told. */
    static HostFault of(int signal, long addressHva, long codeHva) {
        String what =
                switch (signal) {
                    case HostConstants.SIGSEGV -> "SIGSEGV";
                    case HostConstants.SIGBUS -> "SIGBUS";
                    case HostConstants.SIGFPE -> "SIGFPE";
                    case HostConstants.SIGILL -> "SIGILL";
                    default -> "signal " + signal;
                };
        return new HostFault(
                "host fault: %s at host address 0x%x, in emitted code at 0x%x".formatted(what, addressHva, codeHva));
    }
}
