package io.javisor.devices.virtio.vsock.backend;

import static io.javisor.core.host.HostConstants.EPOLLIN;

import io.javisor.core.event.Timer;
import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.Libc;
import io.javisor.core.host.UnixSocket;
import io.javisor.core.log.LogLimit;
import io.javisor.devices.backend.HostEvents;
import io.javisor.devices.virtio.vsock.VsockCounters;
import io.javisor.devices.virtio.vsock.VsockHost;
import io.javisor.devices.virtio.vsock.VsockStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The host's side of a virtio socket device on Unix stream sockets, as Firecracker has it (docs/vsock.md): a program that connects to the listening socket
 * and writes {@code CONNECT PORT} and a line feed is connected to that port of the guest's, and reads {@code OK HOSTPORT} and a line feed before all else; if the
 * guest refuses, its connection is closed. What the guest asks for is left to a {@link Dialer}.
 *
 * <p>Programs that have not asked for a port yet are at most {@value #MAX_CLIENTS}: one more takes the place of the one that has been silent longest. Streams
 * are at most {@value #MAX_STREAMS}, those included that the guest has ended and whose last bytes the host has not taken yet.
 */
public final class UnixVsockHost implements VsockHost, AutoCloseable {
    /** Finds who listens to a port of the host's. On the loop: does not block. */
    @FunctionalInterface
    public interface Dialer {
        /**
         * Connects.
         *
         * @param port 32 bits, unsigned
         * @return a connected stream socket in non-blocking mode; or a negated errno
         */
        int connect(int port);
    }

    static final int MAX_CLIENTS = 64;
    static final int MAX_STREAMS = 1024;

    private static final long ACCEPT_RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final Logger LOG = LoggerFactory.getLogger(UnixVsockHost.class);

    private final String name;
    private final int listeningFd;
    private final Dialer dialer;
    private final HostEvents events;
    private final VsockCounters counters;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment line = arena.allocate(ConnectRequest.MAX_BYTES);
    private final HostEvents.Watch acceptWatch;
    private final Timer acceptTimer;
    private final LogLimit lines = new LogLimit();
    private final Set<Client> clients = new LinkedHashSet<>(); // the one that came first, first
    private final Set<UnixVsockStream> streams = new LinkedHashSet<>();
    private volatile @Nullable Listener listener;

    /**
     * Begins to listen; the descriptor stays the caller's, who closes it after this.
     *
     * @param name for messages
     * @param listeningFd a listening Unix stream socket in non-blocking mode
     */
    public UnixVsockHost(String name, int listeningFd, Dialer dialer, HostEvents events, VsockCounters counters) {
        this.name = name;
        this.listeningFd = listeningFd;
        this.dialer = dialer;
        this.events = events;
        this.counters = counters;
        acceptTimer = events.newTimer(name + "/accept", this::acceptAll);
        acceptWatch = events.watch(name + "/accept", listeningFd, this::acceptAll);
        acceptWatch.arm(EPOLLIN);
    }

    @Override
    public void attach(Listener newListener) {
        listener = newListener;
    }

    @Override
    public void detach() {
        listener = null;
    }

    // ---- the guest asks ----

    @Override
    public @Nullable VsockStream connect(int hostPort) {
        if (streams.size() >= MAX_STREAMS) {
            return null;
        }
        int fd = dialer.connect(hostPort);
        if (fd >= 0) {
            return add(Fd.own(name + " to port " + Integer.toUnsignedString(hostPort), fd), false);
        }
        if (fd != -Errno.ENOENT && fd != -Errno.ECONNREFUSED) {
            counters.hostError();
            lines.warn(
                    LOG,
                    "{}: can't connect to port {}: {}",
                    name,
                    Integer.toUnsignedString(hostPort),
                    Errno.describe(-fd));
        }
        return null;
    }

    private UnixVsockStream add(Fd fd, boolean asked) {
        UnixVsockStream stream = new UnixVsockStream(fd, asked, events, streams::remove);
        streams.add(stream);
        return stream;
    }

    // ---- the host asks ----

    private void acceptAll() {
        int fd = UnixSocket.accept(listeningFd);
        while (fd != -Errno.EAGAIN) {
            if (fd >= 0) {
                welcome(Fd.own(name + " client", fd));
            } else if (fd != -Errno.EINTR && fd != -Errno.ECONNABORTED) {
                // Most likely EMFILE, with which the socket stays ready: not again at once.
                counters.hostError();
                lines.warn(LOG, "{}: can't accept a client: {}", name, Errno.describe(-fd));
                acceptTimer.schedule(ACCEPT_RETRY_NANOS);
                return;
            }
            fd = UnixSocket.accept(listeningFd);
        }
        acceptWatch.arm(EPOLLIN);
    }

    private void welcome(Fd fd) {
        if (clients.size() >= MAX_CLIENTS) {
            clients.iterator().next().makeRoom();
        }
        Client client = new Client(fd);
        clients.add(client);
        client.watch.arm(EPOLLIN);
    }

    /** A program that has not said yet which port it wants. */
    private final class Client {
        private final Fd fd;
        private final HostEvents.Watch watch;
        private final ConnectRequest request = new ConnectRequest();

        Client(Fd fd) {
            this.fd = fd;
            this.watch = events.watch(fd.name(), fd.value(), this::ready);
        }

        /** Byte by byte: what follows the line is the guest's. */
        private void ready() {
            while (true) {
                long count = Libc.read(fd.value(), line.address(), 1);
                if (count == -Errno.EAGAIN || count == -Errno.EINTR) {
                    watch.arm(EPOLLIN);
                    return;
                }
                if (count <= 0 || !request.add(line.get(ValueLayout.JAVA_BYTE, 0))) {
                    refuse();
                    return;
                }
                if (request.isComplete()) {
                    connect(request.port());
                    return;
                }
            }
        }

        /** Goes, but not if its line is there and was only not read yet. */
        private void makeRoom() {
            ready();
            if (clients.contains(this)) {
                refuse();
            }
        }

        private void refuse() {
            counters.badClient();
            leave();
            fd.close();
        }

        private void leave() {
            watch.close();
            clients.remove(this);
        }

        private void connect(int guestPort) {
            leave();
            Listener told = listener;
            if (told == null || streams.size() >= MAX_STREAMS) {
                fd.close();
                return;
            }
            UnixVsockStream stream = add(fd, true);
            if (!told.connect(stream, guestPort)) {
                stream.close();
            }
        }

        private void close() {
            leave();
            fd.close();
        }
    }

    // ---- the end ----

    /** How many streams there are, those included that end by themselves. */
    int streamCount() {
        return streams.size();
    }

    /** Ends all streams at once. On the loop, or when it does not turn any more; after the device is reset. */
    @Override
    public void close() {
        acceptWatch.close();
        acceptTimer.close();
        List.copyOf(clients).forEach(Client::close);
        new ArrayList<>(streams).forEach(UnixVsockStream::close);
        arena.close();
    }
}
