package io.javisor.gdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Queue;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads what a client sends, on a thread of its own, and puts it in a queue; so that what waits for both it and the guest waits once. */
final class ClientInput implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ClientInput.class);
    private static final int BUFFER_SIZE = 4096;

    /** Read and not yet taken: a client that floods waits. */
    private static final int MAX_AHEAD = 16;

    /** What a debugger waits for. */
    sealed interface Event {}

    /** The client sent something. */
    record Received(PacketParser.Item item) implements Event {}

    /** Nothing more comes; {@code why} is what was wrong with the client, or null. */
    record Gone(@Nullable String why) implements Event {}

    /** A vCPU has stopped where it was asked to. */
    record Stopped(int vcpu) implements Event {}

    /** The machine has ended. */
    record Ended() implements Event {}

    private final SocketChannel channel;
    private final Queue<Event> events;
    private final Semaphore ahead = new Semaphore(MAX_AHEAD);
    private final Thread thread;

    private ClientInput(String threadName, SocketChannel channel, Queue<Event> events) {
        this.channel = channel;
        this.events = events;
        thread = Thread.ofPlatform().daemon().name(threadName).unstarted(this::run);
    }

    /** Takes {@code channel}, which is closed with this. */
    static ClientInput start(String threadName, SocketChannel channel, Queue<Event> events) {
        ClientInput input = new ClientInput(threadName, channel, events);
        input.thread.start();
        return input;
    }

    /** One of what was received has been done. */
    void taken() {
        ahead.release();
    }

    private void run() {
        String why = null;
        try {
            why = read();
        } catch (IOException e) { // a reset, or the channel was closed
            LOG.debug("{}", Thread.currentThread().getName(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the end of this
        }
        events.add(new Gone(why));
    }

    private @Nullable String read() throws IOException, InterruptedException {
        PacketParser parser = new PacketParser();
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_SIZE);
        while (channel.read(buffer.clear()) >= 0) {
            buffer.flip();
            while (buffer.hasRemaining()) {
                PacketParser.Item item = parser.take(buffer.get() & 0xFF);
                if (item instanceof PacketParser.Nonsense(String nonsense)) {
                    return "the client sends " + nonsense;
                }
                if (item != null) {
                    ahead.acquire();
                    events.add(new Received(item));
                }
            }
        }
        return null;
    }

    /** Closes the connection and waits for the thread, which comes at once. */
    @Override
    public void close() {
        thread.interrupt();
        close(channel);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("close of a connection", e);
        }
    }
}
