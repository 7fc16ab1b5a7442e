package io.javisor.core.host;

import static io.javisor.core.host.HostConstants.MAP_ANONYMOUS;
import static io.javisor.core.host.HostConstants.MAP_PRIVATE;
import static io.javisor.core.host.HostConstants.O_CLOEXEC;
import static io.javisor.core.host.HostConstants.O_NONBLOCK;
import static io.javisor.core.host.HostConstants.PROT_EXEC;
import static io.javisor.core.host.HostConstants.PROT_READ;
import static io.javisor.core.host.HostConstants.PROT_WRITE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Signals of this process as bytes that can be read: each is its number. While it is open they do nothing else, so those that the JVM ends by do not end it. The handler
 * is machine code that writes the byte, for no Java can run there. One at a time; any thread.
 */
public final class SignalPipe implements AutoCloseable {
    private static final long PAGE_SIZE = 4096;

    /** {@code void handler(int signal)}: write(FD, &signal, 1), whatever comes of it, with errno as it was. */
    private static final byte[] BEFORE_FD = {
        0x57, // push rdi
        0x48,
        (byte) 0x89,
        (byte) 0xE6, // mov rsi, rsp
        (byte) 0xBF // mov edi, FD
    };

    private static final byte[] AFTER_FD = {
        (byte) 0xBA,
        1,
        0,
        0,
        0, // mov edx, 1
        (byte) 0xB8,
        1,
        0,
        0,
        0, // mov eax, 1: SYS_write of x86-64
        0x0F,
        0x05, // syscall
        0x5F, // pop rdi
        (byte) 0xC3 // ret
    };

    /** For good: a handler may be on its way when this is closed. */
    private record Plumbing(Fd reader, Fd writer, long handlerHva) {
        static final Plumbing SHARED = make();

        private static Plumbing make() {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment fds = arena.allocate(ValueLayout.JAVA_INT, 2);
                int _ = Libc.check("pipe2", Libc.pipe2(fds.address(), O_NONBLOCK | O_CLOEXEC));
                Fd reader = Fd.own("signals", fds.getAtIndex(ValueLayout.JAVA_INT, 0));
                Fd writer = Fd.own("signals", fds.getAtIndex(ValueLayout.JAVA_INT, 1));
                return new Plumbing(reader, writer, handler(writer.value()));
            }
        }

        @SuppressWarnings("restricted")
        private static long handler(int fd) {
            long hva = Libc.check(
                    "mmap of a signal handler",
                    Libc.mmap(0, PAGE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
            MemorySegment.ofAddress(hva)
                    .reinterpret(PAGE_SIZE)
                    .asByteBuffer()
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .put(BEFORE_FD)
                    .putInt(fd)
                    .put(AFTER_FD);
            return hva;
        }
    }

    private static boolean open; // under the class

    private final Map<Integer, byte[]> before = new LinkedHashMap<>(); // under the class

    private boolean closed; // under the class

    private SignalPipe() {}

    /**
     * Takes these signals.
     *
     * @param signals Linux's numbers; none that the JVM or this program needs, such as those of faults
     * @throws IllegalStateException if another is open
     */
    public static SignalPipe open(int... signals) {
        synchronized (SignalPipe.class) {
            if (open) {
                throw new IllegalStateException("the signals are read already");
            }
            drain();
            SignalPipe pipe = new SignalPipe();
            open = true;
            try {
                for (int signal : signals) {
                    pipe.take(signal);
                }
            } catch (RuntimeException e) {
                pipe.close();
                throw e;
            }
            return pipe;
        }
    }

    private void take(int signal) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment action = arena.allocate(SigactionLayout.SIZE, 8);
            MemorySegment old = arena.allocate(SigactionLayout.SIZE, 8);
            action.set(ValueLayout.JAVA_LONG, SigactionLayout.HANDLER_OFFSET, Plumbing.SHARED.handlerHva);
            action.set(
                    ValueLayout.JAVA_INT,
                    SigactionLayout.FLAGS_OFFSET,
                    HostConstants.SA_RESTART | HostConstants.SA_ONSTACK);
            int _ = Libc.check("sigaction(" + signal + ")", Libc.sigaction(signal, action.address(), old.address()));
            before.putIfAbsent(signal, old.toArray(ValueLayout.JAVA_BYTE));
        }
    }

    /** A descriptor that is readable when a signal has come; for poll(2) alone. */
    public int fd() {
        return Plumbing.SHARED.reader.value();
    }

    /** The number of the next signal that has come, or 0 for none. */
    public int next() {
        return read();
    }

    private static int read() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment number = arena.allocate(1);
            return Libc.read(Plumbing.SHARED.reader.value(), number.address(), 1) == 1
                    ? number.get(ValueLayout.JAVA_BYTE, 0)
                    : 0;
        }
    }

    private static void drain() {
        int number = read();
        while (number != 0) {
            number = read();
        }
    }

    /** Has the signals do what they did before. Calling it again does nothing. */
    @Override
    public void close() {
        synchronized (SignalPipe.class) {
            if (closed) {
                return;
            }
            closed = true;
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment action = arena.allocate(SigactionLayout.SIZE, 8);
                before.forEach((signal, old) -> {
                    MemorySegment.copy(MemorySegment.ofArray(old), 0, action, 0, old.length);
                    int _ = Libc.check("sigaction(" + signal + ")", Libc.sigaction(signal, action.address(), 0));
                });
            }
            open = false;
        }
    }
}
