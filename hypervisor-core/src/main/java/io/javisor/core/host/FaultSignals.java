package io.javisor.core.host;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Puts a handler before the JVM's for the signals of a processor's faults: SIGSEGV, SIGBUS, SIGFPE, SIGILL. It is machine code, for no Java
 * can run there: the JVM uses these signals itself, for null checks and to stop threads, and has its own handler called for
 * all that is not the other's.
 */
public final class FaultSignals {
    /** How many numbers of signals there are on Linux, 0 included. */
    public static final int COUNT = 65;

    private static final int[] SIGNALS = {
        HostConstants.SIGSEGV, HostConstants.SIGBUS, HostConstants.SIGFPE, HostConstants.SIGILL
    };

    private static final int CHAINED = HostConstants.SA_SIGINFO | HostConstants.SA_ONSTACK | HostConstants.SA_RESTART;
    private static final long SIG_IGN = 1;

    private FaultSignals() {}

    /**
     * Puts the handler in place, for as long as the process lives. A signal that nobody handles yet stays as it is: there is
     * nobody to pass it on to. To be called once.
     *
     * @param handlerHva code that is called as a handler with SA_SIGINFO, with the mask of the one before it
     * @param before {@link #COUNT} addresses of 8 bytes outside the heap; gets the handlers that the code is to jump to, by signal
     */
    public static void putBefore(long handlerHva, MemorySegment before) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment action = arena.allocate(SigactionLayout.SIZE, 8);
            for (int signal : SIGNALS) {
                String operation = "sigaction(" + signal + ")";
                int _ = Libc.check(operation, Libc.sigaction(signal, 0, action.address()));
                long present = action.get(ValueLayout.JAVA_LONG, SigactionLayout.HANDLER_OFFSET);
                if (Long.compareUnsigned(present, SIG_IGN) > 0) {
                    before.setAtIndex(ValueLayout.JAVA_LONG, signal, present);
                    action.set(ValueLayout.JAVA_LONG, SigactionLayout.HANDLER_OFFSET, handlerHva);
                    int flags = action.get(ValueLayout.JAVA_INT, SigactionLayout.FLAGS_OFFSET);
                    action.set(ValueLayout.JAVA_INT, SigactionLayout.FLAGS_OFFSET, flags | CHAINED);
                    int _ = Libc.check(operation, Libc.sigaction(signal, action.address(), 0));
                }
            }
        }
    }
}
