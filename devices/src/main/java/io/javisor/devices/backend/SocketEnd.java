package io.javisor.devices.backend;

import static io.javisor.core.host.HostConstants.EPOLLIN;

import io.javisor.core.event.Timer;
import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.Libc;
import io.javisor.core.host.UnixSocket;
import io.javisor.core.log.LogLimit;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An end on a listening Unix socket, for up to {@link #MAX_CLIENTS} clients at once. Each sees the output, at first up to 64 KiB
 * of what was before it came; the input of all goes to the guest in the order in which it comes. A client may end its input
 * (shutdown(2)) and go on to read.
 *
 * <p>The guest never waits for a client, nor does one for another. A client that is 1 MiB behind loses the older half of it, and finds
 * {@code [javisor: N bytes lost]} in its place.
 */
public final class SocketEnd implements LineEnd {
    static final int MAX_CLIENTS = 64;

    private static final long ACCEPT_RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final Logger LOG = LoggerFactory.getLogger(SocketEnd.class);

    private final String name;
    private final int listeningFd;
    private final PeerSet clients;
    private final Timer acceptTimer;
    private final HostEvents.Watch acceptWatch;
    private final LogLimit acceptLines = new LogLimit();
    private final Object lock = new Object();
    private int accepted; // guarded by lock
    private boolean closed; // guarded by lock

    SocketEnd(String name, int listeningFd, HostEvents events, PeerSet clients) {
        this.name = name;
        this.listeningFd = listeningFd;
        this.clients = clients;
        this.acceptTimer = events.newTimer(name + "/accept", this::acceptAll);
        this.acceptWatch = events.watch(name + "/accept", listeningFd, this::acceptAll);
    }

    @Override
    public void start() {
        acceptWatch.arm(EPOLLIN);
    }

    @Override
    public void flush() {
        clients.flush();
    }

    @Override
    public void resumeInput() {
        clients.resumeInput();
    }

    @Override
    public SerialCounters counters() {
        return clients.counters();
    }

    @Override
    public boolean flushAndClose(long timeoutNanos) {
        stopAccepting();
        return clients.flushAndClose(timeoutNanos);
    }

    @Override
    public void close() {
        stopAccepting();
        clients.close();
    }

    private void stopAccepting() {
        synchronized (lock) {
            closed = true;
        }
        // Without the lock: it waits for a handler that runs.
        acceptWatch.close();
        acceptTimer.close();
    }

    int clientCount() {
        return clients.size();
    }

    /** On the loop. */
    private void acceptAll() {
        synchronized (lock) {
            if (!closed) {
                acceptWaiting();
            }
        }
    }

    private void acceptWaiting() {
        int fd = UnixSocket.accept(listeningFd);
        while (fd != -Errno.EAGAIN) {
            if (fd >= 0) {
                welcome(Fd.own(name + " client " + ++accepted, fd));
            } else if (fd != -Errno.EINTR && fd != -Errno.ECONNABORTED) {
                // Most likely EMFILE, with which the socket stays ready: not again at once.
                acceptLines.warn(LOG, "{}: can't accept a client: {}", name, Errno.describe(-fd));
                acceptTimer.schedule(ACCEPT_RETRY_NANOS);
                return;
            }
            fd = UnixSocket.accept(listeningFd);
        }
        acceptWatch.arm(EPOLLIN);
    }

    private void welcome(Fd client) {
        if (clients.size() >= MAX_CLIENTS) {
            say(client, "[javisor: " + MAX_CLIENTS + " clients are connected already]\r\n");
            client.close();
        } else if (!clients.join(client.name(), client.value(), client, clients.lateStart())) {
            client.close();
        }
    }

    private static void say(Fd client, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment line = arena.allocate(bytes.length);
            line.copyFrom(MemorySegment.ofArray(bytes));
            long _ = Libc.write(client.value(), line.address(), bytes.length); // a new socket takes it
        }
    }
}
