package io.javisor.api.http;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Sends whatever it is given, and reads what comes. */
public final class RawClient implements AutoCloseable {
    private static final long TIMEOUT_MILLIS = 30_000;

    private final SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    private final StringBuilder received = new StringBuilder();

    public RawClient(Path path) throws IOException {
        channel.connect(UnixDomainSocketAddress.of(path));
    }

    /** Sends all; false if the server takes no more. */
    public boolean send(byte[] bytes) {
        try {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                int _ = channel.write(buffer);
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    public boolean send(String text) {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public void endOutput() throws IOException {
        channel.shutdownOutput();
    }

    /** Reads until {@code enough} is in what came, or the connection ends. */
    public String readUntil(String enough) throws IOException {
        while (received.indexOf(enough) < 0 && readSome()) {}
        return received.toString();
    }

    /** All until the server closes. */
    public String readToEnd() throws IOException {
        while (readSome()) {}
        return received.toString();
    }

    private boolean readSome() throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(8192);
        channel.configureBlocking(false);
        try (Selector selector = Selector.open()) {
            SelectionKey _ = channel.register(selector, SelectionKey.OP_READ);
            long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TIMEOUT_MILLIS);
            int count;
            while ((count = channel.read(buffer)) == 0) {
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("neither an answer nor the end within 30 s, after: " + received);
                }
                int _ = selector.select(TIMEOUT_MILLIS);
            }
            received.append(StandardCharsets.UTF_8.decode(buffer.flip()));
            return count > 0;
        } catch (IOException e) {
            return false; // reset: it closed without having read all
        } finally {
            if (channel.isOpen()) {
                channel.configureBlocking(true);
            }
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
