package io.javisor.core.host;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The signal that makes a thread leave a blocking system call with EINTR and does nothing else. Its handler is a harmless function
 * of the C library, so that no Java code runs in signal context. Process-wide and installed once.
 */
public final class WakeupSignal {
    /** SIGRTMIN+2 of glibc; the JDK itself uses SIGRTMAX-2 and no other real-time signal. */
    private static final int NUMBER = 36;

    private static final long SIGSET_SIZE = 128;

    private static final int PID = install();

    private WakeupSignal() {}

    /** Installs the handler; does nothing the second time. */
    public static void ensureInstalled() {
        if (PID <= 0) {
            throw new IllegalStateException("no process id");
        }
    }

    /** Lets the calling thread receive the signal, whatever mask it inherited. */
    public static void acceptInThisThread() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment set = arena.allocate(SIGSET_SIZE, 8);
            set.set(ValueLayout.JAVA_LONG, 0, 1L << (NUMBER - 1));
            int _ = Libc.check(
                    "pthread_sigmask(SIG_UNBLOCK)", Libc.pthreadSigmask(HostConstants.SIG_UNBLOCK, set.address(), 0));
        }
    }

    /**
     * Wakes a thread of this process. The caller sees to it that the thread has not ended, or its id could be someone else's.
     *
     * @param tid kernel thread id
     */
    public static void send(int tid) {
        int _ = Libc.check("tgkill", Libc.tgkill(PID, tid, NUMBER));
    }

    private static int install() {
        // abs(int) reads its argument and returns: it touches no memory, so it may run at any point of any thread.
        long handler = Libc.dlsym("abs");
        if (handler == 0) {
            throw new IllegalStateException("the C library has no function abs");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment action = arena.allocate(SigactionLayout.SIZE, 8);
            // No SA_RESTART: the system call is to return EINTR.
            action.set(ValueLayout.JAVA_LONG, SigactionLayout.HANDLER_OFFSET, handler);
            int _ = Libc.check("sigaction(" + NUMBER + ")", Libc.sigaction(NUMBER, action.address(), 0));
        }
        return Libc.getpid();
    }
}
