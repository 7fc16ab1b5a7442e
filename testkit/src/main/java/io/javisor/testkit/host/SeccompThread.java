package io.javisor.testkit.host;

import io.javisor.core.host.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/** A thread of its own to which a seccomp filter (seccomp(2)) denies a system call, as a container's filter does. */
public final class SeccompThread {
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int PR_SET_SECCOMP = 22;
    private static final int SECCOMP_MODE_FILTER = 2;
    private static final int SECCOMP_RET_ERRNO = 0x50000;
    private static final int SECCOMP_RET_ALLOW = 0x7fff0000;
    private static final HostFunction PRCTL = new HostFunction("prctl", 5);

    private SeccompThread() {}

    /** What {@code action} returns, on a thread where the system call {@code number} fails with {@code errno}. */
    public static <T> T deny(long number, int errno, Callable<T> action) throws Exception {
        FutureTask<T> task = new FutureTask<>(() -> {
            install((int) number, errno);
            return action.call();
        });
        Thread.ofPlatform().name("seccomp-test").start(task);
        return task.get();
    }

    private static void install(int number, int errno) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment filter = arena.allocate(4 * Long.BYTES, Long.BYTES);
            instruction(filter, 0, 0x20, 0, 0, 0); // BPF_LD | BPF_W | BPF_ABS: the number
            instruction(filter, 1, 0x15, 0, 1, number); // BPF_JMP | BPF_JEQ | BPF_K
            instruction(filter, 2, 0x06, 0, 0, SECCOMP_RET_ERRNO | errno); // BPF_RET | BPF_K
            instruction(filter, 3, 0x06, 0, 0, SECCOMP_RET_ALLOW);
            MemorySegment program = arena.allocate(2 * Long.BYTES, Long.BYTES); // struct sock_fprog
            program.set(ValueLayout.JAVA_SHORT, 0, (short) 4);
            program.set(ValueLayout.JAVA_LONG, Long.BYTES, filter.address());
            int _ = Libc.check("prctl(PR_SET_NO_NEW_PRIVS)", Libc.prctl(PR_SET_NO_NEW_PRIVS, 1));
            int _ = Libc.check(
                    "prctl(PR_SET_SECCOMP)", PRCTL.call(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program.address(), 0, 0));
        }
    }

    /** A {@code struct sock_filter}. */
    private static void instruction(MemorySegment filter, int index, int code, int jumpTrue, int jumpFalse, int k) {
        long offset = (long) index * Long.BYTES;
        filter.set(ValueLayout.JAVA_SHORT, offset, (short) code);
        filter.set(ValueLayout.JAVA_BYTE, offset + 2, (byte) jumpTrue);
        filter.set(ValueLayout.JAVA_BYTE, offset + 3, (byte) jumpFalse);
        filter.set(ValueLayout.JAVA_INT, offset + 4, k);
    }
}
