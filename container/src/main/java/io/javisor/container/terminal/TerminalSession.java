package io.javisor.container.terminal;

import io.javisor.core.event.EventFd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import io.javisor.core.host.RawTerminal;
import io.javisor.core.host.ShutdownHook;
import io.javisor.core.host.SignalPipe;
import io.javisor.core.host.TerminalSize;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The input half of a person's terminal, or what is in its place: what is typed goes to a process, its terminal gets this one's size, and signals of this process become its own. It ends
 * when it is closed, which gives the terminal back: no key is read that was typed after that. Any thread.
 */
public final class TerminalSession implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TerminalSession.class);
    private static final int BUFFER_SIZE = 64 << 10;

    private static final List<Integer> PROXIED = List.of(
            HostConstants.SIGHUP,
            HostConstants.SIGINT,
            HostConstants.SIGQUIT,
            HostConstants.SIGUSR1,
            HostConstants.SIGTERM);

    private final Options options;
    private final Peer peer;
    private final EventFd stop = EventFd.create("terminal");
    private final CompletableFuture<Void> detached = new CompletableFuture<>();
    private final AtomicInteger users = new AtomicInteger(1); // of stop: this and its threads
    private final @Nullable RawTerminal raw;
    private final @Nullable ShutdownHook hook;
    private final @Nullable SignalPipe signals;
    private boolean closed; // under this

    /**
     * What a session does.
     *
     * @param inputFd to read from
     * @param terminal whether the process has one: that behind {@code inputFd}, if it is one, is made raw and looked at for its size
     * @param input whether what comes by {@code inputFd} goes to the process; else it is not read
     * @param keys to leave by, where there is a terminal
     * @param signals whether SIGHUP, SIGINT, SIGQUIT, SIGUSR1 and SIGTERM go to the process in the place of this one
     */
    public record Options(int inputFd, boolean terminal, boolean input, DetachKeys keys, boolean signals) {}

    private TerminalSession(Options options, Peer peer) {
        this.options = options;
        this.peer = peer;
        boolean person = options.terminal && RawTerminal.isTerminal(options.inputFd);
        List<Integer> taken = new ArrayList<>(options.signals ? PROXIED : List.of());
        if (person) {
            taken.add(HostConstants.SIGWINCH);
        }
        signals = taken.isEmpty()
                ? null
                : SignalPipe.open(taken.stream().mapToInt(Integer::intValue).toArray());
        RawTerminal entered = null;
        try {
            entered = person && options.input ? RawTerminal.enter(options.inputFd) : null;
        } catch (HostException e) {
            LOG.debug("the terminal stays as it is", e); // it has hung up
        }
        raw = entered;
        hook = entered == null ? null : hook(entered);
    }

    /** A signal may end the JVM before this is closed. */
    private static @Nullable ShutdownHook hook(RawTerminal entered) {
        try {
            return ShutdownHook.install(entered::close);
        } catch (IllegalStateException e) {
            entered.close(); // it ends already
            return null;
        }
    }

    /** Begins: the process's terminal gets the size of this one. */
    public static TerminalSession open(Options options, Peer peer) {
        TerminalSession session = new TerminalSession(options, peer);
        session.start();
        return session;
    }

    private void start() {
        if (options.input) {
            begin("terminal-input", this::copy);
        }
        SignalPipe present = signals;
        if (present != null) {
            begin("terminal-signals", () -> obey(present));
        }
    }

    /** A platform thread, for it waits in poll(2). */
    private void begin(String name, Runnable work) {
        users.incrementAndGet();
        Thread _ = Thread.ofPlatform().daemon().name(name).start(() -> {
            try {
                work.run();
            } finally {
                release();
            }
        });
    }

    /** A thread may still wait for the process when this is closed: who goes last closes what it is told by. */
    private void release() {
        if (users.decrementAndGet() == 0) {
            stop.close();
        }
    }

    /** Completed when the keys to leave by were typed. Nothing is read any more then. */
    public CompletableFuture<Void> detached() {
        return detached;
    }

    private void copy() {
        byte[] typed = new byte[BUFFER_SIZE];
        DetachKeys.Filter filter = (raw == null ? DetachKeys.NONE : options.keys).filter();
        byte[] passed = new byte[filter.room(BUFFER_SIZE)];
        try (Arena arena = Arena.ofConfined();
                Readiness readiness = new Readiness(stop)) {
            MemorySegment buffer = arena.allocate(BUFFER_SIZE);
            while (readiness.await(options.inputFd, HostConstants.POLLIN)) {
                long count = Libc.read(options.inputFd, buffer.address(), BUFFER_SIZE);
                if (Readiness.isPassing(count)) {
                    continue;
                }
                if (count <= 0) {
                    peer.endInput();
                    return;
                }
                MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, typed, 0, (int) count);
                int length = filter.filter(typed, (int) count, passed);
                if (length > 0) {
                    peer.type(passed, length);
                }
                if (filter.hasDetached()) {
                    detached.complete(null);
                    return;
                }
            }
        } catch (IOException e) {
            LOG.debug("the process takes no more input", e);
        }
    }

    private void obey(SignalPipe present) {
        sendSize();
        try (Readiness readiness = new Readiness(stop)) {
            while (readiness.await(present.fd(), HostConstants.POLLIN)) {
                int number = present.next();
                if (number == HostConstants.SIGWINCH) {
                    sendSize();
                } else if (number != 0) {
                    peer.signal(number);
                }
            }
        }
    }

    private void sendSize() {
        if (options.terminal) {
            TerminalSize.of(options.inputFd).ifPresent(size -> peer.resize(size.rows(), size.columns()));
        }
    }

    /** Gives back the terminal and the signals. A thread that waits for the process is left to it. Calling it again does nothing. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        stop.signal();
        if (signals != null) {
            signals.close();
        }
        if (raw != null) {
            raw.close();
        }
        if (hook != null) {
            hook.remove();
        }
        release();
    }
}
