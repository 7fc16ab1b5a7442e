package io.javisor.api.http;

import io.javisor.api.Response;
import io.javisor.api.http.ControlException.Reason;
import io.javisor.core.host.UnixSocket;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Asks a {@link ControlServer}: one request a connection, within a time. Several threads may ask at once, each on its own connection. */
public final class ControlClient {
    private static final int BUFFER_SIZE = 16 << 10;
    private static final long RETRY_MILLIS = 10;

    private final Path path;
    private final long deadlineNanos;
    private final Duration timeout;

    private ControlClient(Path path, Duration timeout) {
        this.path = path;
        this.timeout = timeout;
        deadlineNanos = System.nanoTime() + timeout.toNanos();
    }

    /**
     * Sends a request and waits for its answer.
     *
     * @param path the socket
     * @param target the request's path: {@code /javisor/v1/machine}
     * @param body JSON, or null for none
     * @param timeout for all of it
     * @return what was answered, a refusal too
     * @throws ControlException if there was no answer
     * @throws InterruptedException if the calling thread is interrupted; the request may be carried out all the same
     */
    public static Response send(Path path, String method, String target, @Nullable String body, Duration timeout)
            throws InterruptedException {
        return new ControlClient(path, timeout).exchange(method, target, body);
    }

    private Response exchange(String method, String target, @Nullable String body) throws InterruptedException {
        if (UnixSocket.pathBytes(path.toString()) > UnixSocket.MAX_PATH_BYTES) {
            throw new ControlException(
                    Reason.BAD_PATH,
                    "control socket " + path + " has a path of more than " + UnixSocket.MAX_PATH_BYTES
                            + " bytes, which no socket can have");
        }
        try (SocketChannel channel = connect();
                Selector selector = Selector.open();
                ResponseReader reader = new ResponseReader()) {
            channel.configureBlocking(false);
            SelectionKey key = channel.register(selector, 0);
            write(channel, key, reader.encode(method, target, body));
            return read(channel, key, reader);
        } catch (IOException e) {
            throw new ControlException(
                    Reason.CONNECTION_LOST, "control socket " + path + " gives no answer: " + e.getMessage(), e);
        }
    }

    private SocketChannel connect() throws IOException, InterruptedException {
        while (true) {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                // Blocking, it would wait for room in the server's queue for ever.
                channel.configureBlocking(false);
                if (channel.connect(UnixDomainSocketAddress.of(path))) {
                    return channel;
                }
            } catch (ConnectException e) {
                channel.close();
                throw nobody(e);
            } catch (IOException e) {
                channel.close();
                requireReachable(e); // else its queue is full
            }
            channel.close();
            if (remainingMillis() <= RETRY_MILLIS) {
                throw late();
            }
            Thread.sleep(RETRY_MILLIS);
        }
    }

    private ControlException nobody(IOException cause) {
        return new ControlException(
                Reason.NOBODY_LISTENS,
                "control socket " + path + ": nobody listens; the machine's process has ended",
                cause);
    }

    /** The JDK has the error number in words only. */
    private void requireReachable(IOException cause) {
        if (Files.notExists(path)) {
            throw new ControlException(
                    Reason.NOBODY_LISTENS, "there is no control socket " + path + "; is the machine running?", cause);
        }
        if (!Files.isWritable(path)) {
            throw new ControlException(
                    Reason.NO_PERMISSION,
                    "control socket " + path + ": permission denied; it is for the user who started the machine",
                    cause);
        }
    }

    private void write(SocketChannel channel, SelectionKey key, List<ByteBuffer> request)
            throws IOException, InterruptedException {
        for (ByteBuffer part : request) {
            while (part.hasRemaining()) {
                int written;
                try {
                    written = channel.write(part);
                } catch (IOException e) {
                    return; // it reads no more, and may have said why
                }
                if (written == 0) {
                    await(key, SelectionKey.OP_WRITE);
                }
            }
        }
    }

    private Response read(SocketChannel channel, SelectionKey key, ResponseReader reader)
            throws IOException, InterruptedException {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_SIZE);
        while (true) {
            int count = channel.read(buffer.clear());
            if (count == 0) {
                await(key, SelectionKey.OP_READ);
                continue;
            }
            Response response = count < 0 ? reader.end() : reader.take(buffer.flip());
            if (response != null) {
                return response;
            }
            if (count < 0) {
                throw new ControlException(
                        Reason.CONNECTION_LOST,
                        "control socket " + path + " was closed without an answer; the machine's process has ended, or"
                                + " serves too many clients");
            }
        }
    }

    private void await(SelectionKey key, int operation) throws IOException, InterruptedException {
        key.interestOps(operation);
        long millis = remainingMillis();
        if (millis <= 0) {
            throw late();
        }
        int _ = key.selector().select(millis);
        key.selector().selectedKeys().clear();
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }

    private long remainingMillis() {
        return TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
    }

    private ControlException late() {
        String seconds = timeout.toMillis() % 1000 == 0
                ? Long.toString(timeout.toSeconds())
                : Double.toString(timeout.toMillis() / 1000.0);
        return new ControlException(
                Reason.NO_ANSWER, "control socket " + path + " does not answer within " + seconds + " s");
    }
}
