package io.javisor.oci.registry.http;

import io.javisor.core.text.Printable;
import io.javisor.oci.registry.http.TransportException.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A TCP connection whose every wait has an end. For one thread at a time. */
final class Wire implements AutoCloseable {
    private static final int ADDRESSES_MAX = 4;
    private static final long NONE = Long.MAX_VALUE;

    private final SocketChannel socket;
    private final Selector selector;
    private final SelectionKey key;
    private Duration idle;
    private long deadlineNanos = NONE;

    private Wire(SocketChannel socket, Selector selector, Duration idle) throws IOException {
        this.socket = socket;
        this.selector = selector;
        this.idle = idle;
        key = socket.register(selector, 0);
    }

    /** Tries the addresses of a host, as the JDK's resolver has them, one after the other. */
    static Wire connect(Origin peer, Timing timing) throws TransportException {
        TransportException last = null;
        for (InetAddress address : lookUp(peer.host())) {
            try {
                return connect(new InetSocketAddress(address, peer.port()), timing);
            } catch (TransportException failure) {
                if (failure.kind() == Kind.INTERRUPTED) {
                    throw failure;
                }
                last = last == null ? failure : last;
            }
        }
        throw last == null ? new TransportException(Kind.CONNECT, "lookup " + peer.host() + ": no such host") : last;
    }

    private static List<InetAddress> lookUp(String host) throws TransportException {
        try {
            InetAddress[] all = InetAddress.getAllByName(host);
            return Arrays.asList(all).subList(0, Math.min(all.length, ADDRESSES_MAX));
        } catch (UnknownHostException e) {
            throw new TransportException(
                    Kind.CONNECT, "dial tcp: lookup " + Printable.asciiLine(host) + ": no such host", e);
        }
    }

    private static Wire connect(InetSocketAddress address, Timing timing) throws TransportException {
        String host = address.getAddress().getHostAddress();
        String dial = "dial tcp " + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + address.getPort() + ": ";
        SocketChannel socket = null;
        Selector selector = null;
        Wire wire = null;
        try {
            socket = SocketChannel.open();
            socket.configureBlocking(false);
            socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
            socket.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            selector = Selector.open();
            Wire opened = new Wire(socket, selector, timing.idle());
            boolean connected = socket.connect(address);
            if (!connected) {
                opened.await(SelectionKey.OP_CONNECT, timing.connect());
                boolean _ = socket.finishConnect();
            }
            wire = opened;
            return opened;
        } catch (TransportException e) {
            throw e.kind() == Kind.INTERRUPTED ? e : new TransportException(Kind.CONNECT, dial + e.getMessage(), e);
        } catch (IOException e) {
            throw failure(Kind.CONNECT, dial + "connect: ", e);
        } finally {
            if (wire == null) {
                closeQuietly(selector);
                closeQuietly(socket);
            }
        }
    }

    private static void closeQuietly(@Nullable AutoCloseable resource) {
        if (resource != null) {
            try {
                resource.close();
            } catch (Exception e) {
                // Nothing depends on it any more.
            }
        }
    }

    private static TransportException failure(Kind kind, String what, IOException e) {
        if (Thread.currentThread().isInterrupted()) {
            return new TransportException(Kind.INTERRUPTED, "interrupted", e);
        }
        String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return new TransportException(kind, what + Printable.line(why).toLowerCase(Locale.ROOT), e);
    }

    /** Until when all that follows must be over. */
    void setTimeout(@Nullable Duration timeout) {
        deadlineNanos = timeout == null ? NONE : System.nanoTime() + timeout.toNanos();
    }

    /** Brings the end of all that follows nearer, if it is further away. */
    void hasten(Duration longest) {
        long end = System.nanoTime() + longest.toNanos();
        if (deadlineNanos == NONE || end - deadlineNanos < 0) {
            deadlineNanos = end;
        }
    }

    /** How long it may take until the next byte comes, or is taken; gives what it was. */
    Duration setIdle(Duration longest) {
        Duration before = idle;
        idle = longest;
        return before;
    }

    /** Waits for bytes; gives how many came, or -1 at the end. */
    int read(ByteBuffer target) throws TransportException {
        int count = readNow(target);
        while (count == 0) {
            await(SelectionKey.OP_READ, idle);
            count = readNow(target);
        }
        return count;
    }

    /** As {@link #read}, but gives 0 if nothing is there. */
    int readNow(ByteBuffer target) throws TransportException {
        requireUninterrupted();
        try {
            return socket.read(target);
        } catch (IOException e) {
            throw failure(Kind.BROKEN, "read: ", e);
        }
    }

    /** Writes all of them. */
    void write(ByteBuffer bytes) throws TransportException {
        while (bytes.hasRemaining()) {
            requireUninterrupted();
            int count;
            try {
                count = socket.write(bytes);
            } catch (IOException e) {
                throw failure(Kind.BROKEN, "write: ", e);
            }
            if (count == 0) {
                await(SelectionKey.OP_WRITE, idle);
            }
        }
    }

    /** Also where nothing is waited for, as the other side is fast. */
    private static void requireUninterrupted() throws TransportException {
        if (Thread.currentThread().isInterrupted()) {
            throw new TransportException(Kind.INTERRUPTED, "interrupted");
        }
    }

    private void await(int operation, Duration longest) throws TransportException {
        long end = System.nanoTime() + longest.toNanos();
        if (deadlineNanos != NONE && deadlineNanos - end < 0) {
            end = deadlineNanos;
        }
        try {
            key.interestOps(operation);
            while (true) {
                long millis = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (millis <= 0) {
                    throw new TransportException(Kind.BROKEN, "i/o timeout");
                }
                int ready = selector.select(millis);
                selector.selectedKeys().clear();
                requireUninterrupted();
                if (ready > 0) {
                    return;
                }
            }
        } catch (TransportException e) {
            throw e;
        } catch (IOException e) {
            throw failure(Kind.BROKEN, "", e);
        }
    }

    @Override
    public void close() {
        closeQuietly(selector);
        closeQuietly(socket);
    }
}
