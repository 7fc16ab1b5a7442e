package io.javisor.container.control;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A sink whose stream waits for nobody: what comes is kept until another sink, which may block, has taken it, by a thread of its own. When {@link #MAX_BYTES} would wait it takes no
 * more, and the other one is told of the end: a client that is too slow is cut off, and knows it.
 */
final class QueuedSink implements OutputSink {
    /** What may wait. */
    static final int MAX_BYTES = 4 << 20;

    private final OutputSink to;
    private final Queue<byte[]> queue = new ArrayDeque<>(); // under this, as what follows
    private long queuedBytes;
    private boolean ended;
    private boolean gone;
    private final CompletableFuture<Void> taken = new CompletableFuture<>();

    private QueuedSink(OutputSink to) {
        this.to = to;
    }

    /** Begins. Its thread ends with the stream, or when a byte was not taken. */
    static QueuedSink start(String name, OutputSink to) {
        QueuedSink sink = new QueuedSink(to);
        Thread _ = Thread.ofVirtual().name(name).start(sink::run);
        return sink;
    }

    @Override
    public synchronized void write(byte[] bytes, int length) throws IOException {
        if (gone || ended) {
            throw new IOException("it takes no more");
        }
        if (queuedBytes + length > MAX_BYTES) {
            ended = true;
            notifyAll();
            throw new IOException("it has left " + (MAX_BYTES >> 20) + " MiB waiting");
        }
        boolean _ = queue.add(Arrays.copyOf(bytes, length));
        queuedBytes += length;
        notifyAll();
    }

    @Override
    public synchronized void end() {
        ended = true;
        notifyAll();
    }

    private void run() {
        try {
            for (byte[] next = next(); next != null; next = next()) {
                to.write(next, next.length);
            }
        } catch (IOException e) {
            // It has gone, as clients do.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            synchronized (this) {
                gone = true;
                queue.clear();
            }
            to.end();
            boolean _ = taken.complete(null);
        }
    }

    /** Completed when all has been taken and the end told, or no more is taken. */
    CompletableFuture<Void> taken() {
        return taken;
    }

    /** Null when no more comes. */
    private synchronized byte @Nullable [] next() throws InterruptedException {
        while (queue.isEmpty() && !ended) {
            wait();
        }
        byte[] next = queue.poll();
        queuedBytes -= next == null ? 0 : next.length;
        return next;
    }
}
