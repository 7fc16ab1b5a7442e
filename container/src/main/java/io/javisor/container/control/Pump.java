package io.javisor.container.control;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings what a channel in blocking mode has to a sink, by a thread of its own, until the channel ends. What the sink does not take is dropped. */
final class Pump {
    private static final Logger LOG = LoggerFactory.getLogger(Pump.class);
    private static final int BUFFER_SIZE = 128 << 10;
    private static final int WRITING = 0;
    private static final long POLL_MILLIS = 5;

    private final ReadableByteChannel from;
    private final OutputSink to;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    /** When it began to wait for the channel; {@link #WRITING} while it does not. */
    private volatile long waitingSince = WRITING;

    private Pump(ReadableByteChannel from, OutputSink to) {
        this.from = from;
        this.to = to;
    }

    /** Begins. The sink is told of the end. */
    static Pump start(String name, ReadableByteChannel from, OutputSink to) {
        Pump pump = new Pump(from, to);
        Thread _ = Thread.ofVirtual().name(name).start(pump::run);
        return pump;
    }

    /** Completed when the sink has been told of the end. */
    CompletableFuture<Void> ended() {
        return ended;
    }

    private void run() {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_SIZE);
        boolean taken = true;
        try {
            while (true) {
                waitingSince = System.nanoTime() | 1;
                int count = from.read(buffer.clear());
                waitingSince = WRITING;
                if (count < 0) {
                    break;
                }
                taken = taken && write(buffer.array(), count);
            }
        } catch (IOException e) {
            LOG.debug("a stream has ended", e); // it was closed, by whoever had it or by the agent
        } finally {
            waitingSince = WRITING;
            to.end();
            ended.complete(null);
        }
    }

    private boolean write(byte[] bytes, int length) {
        try {
            to.write(bytes, length);
            return true;
        } catch (IOException e) {
            LOG.debug("nobody takes a stream any more", e);
            return false;
        }
    }

    private boolean isIdle(long nanos) {
        long since = waitingSince;
        return since != WRITING && System.nanoTime() - since >= nanos;
    }

    /**
     * Waits until all have ended, or those that have not got nothing for a while. One whose sink waits is waited for.
     *
     * @param idleMillis for how long
     * @return false if that takes longer than {@code limit}
     */
    static boolean awaitQuiet(List<Pump> pumps, long idleMillis, Duration limit) throws InterruptedException {
        long nanos = TimeUnit.MILLISECONDS.toNanos(idleMillis);
        long begin = System.nanoTime();
        while (!pumps.stream().allMatch(each -> each.ended.isDone() || each.isIdle(nanos))) {
            if (System.nanoTime() - begin >= limit.toNanos()) {
                return false;
            }
            Thread.sleep(POLL_MILLIS);
        }
        return true;
    }
}
