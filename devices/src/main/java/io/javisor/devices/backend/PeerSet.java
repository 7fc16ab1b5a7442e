package io.javisor.devices.backend;

import io.javisor.core.host.Fd;
import io.javisor.core.host.HostException;
import io.javisor.core.log.LogLimit;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The programs at an end of a line, none or many, which come and go: each gets the output, and the input of all goes to the
 * guest in the order in which it comes. Nobody waits for anybody.
 *
 * <p>Two locks, neither of which is held in a call that may block. A vCPU takes only those of {@link OutputLog} and
 * {@link InputQueue}; this object's own is for the loop and whoever closes.
 */
final class PeerSet implements AutoCloseable {
    /** A reader that has stalled holds up the end of a machine no longer than this. */
    private static final long CLOSING_LIMIT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final int BUFFER_SIZE = 16 << 10;
    private static final Logger LOG = LoggerFactory.getLogger(PeerSet.class);

    private final Object lock = new Object();
    private final HostEvents events;
    private final Consumer<Peer> departed;
    private final OutputLog log;
    private final InputQueue input;
    private final Consumer<Peer> ready = this::ready;
    // Freed by the collector: a write may still be under way when this is closed.
    private final MemorySegment buffer = Arena.ofAuto().allocate(BUFFER_SIZE);
    private final LogLimit refusalLines = new LogLimit();
    private final LogLimit lossLines = new LogLimit();
    private final List<Peer> peers = new ArrayList<>();
    private final Runnable inputAvailable;
    private boolean closed;

    private long readBytes;

    // Of those who have gone.
    private long writtenBytes;
    private long writeCalls;
    private long lostBytes;

    /**
     * @param log what they read; to be flushed by {@link #flush}
     * @param input what they feed; goes on by {@link #resumeInput}
     * @param inputAvailable runs on the loop after something was added to it, without a lock
     * @param departed runs on the loop after a peer was taken out
     */
    PeerSet(OutputLog log, InputQueue input, HostEvents events, Runnable inputAvailable, Consumer<Peer> departed) {
        this.log = log;
        this.input = input;
        this.events = events;
        this.inputAvailable = inputAvailable;
        this.departed = departed;
    }

    int size() {
        synchronized (lock) {
            return peers.size();
        }
    }

    /** Where one starts who was not here before: with the scrollback. */
    long lateStart() {
        return log.startOfLast(OutputLog.SCROLLBACK);
    }

    /**
     * Takes somebody in. On the loop.
     *
     * @param fd in non-blocking mode
     * @param owned what {@code fd} belongs to if it is to be closed when they go, or null if it stays the caller's
     * @param position where their output starts; what lies before the scrollback is lost
     * @return false if it can't be watched, or this is closed
     */
    boolean join(String peerName, int fd, @Nullable Fd owned, long position) {
        synchronized (lock) {
            if (closed) {
                return false;
            }
            LogReader output = new LogReader(peerName, log, fd, position, lossLines);
            output.skipTo(lateStart());
            Peer peer;
            try {
                peer = new Peer(peerName, fd, owned, output, events, ready);
            } catch (HostException e) {
                refusalLines.warn(LOG, "{}: turned away: {}", peerName, e.getMessage());
                return false;
            }
            peers.add(peer);
            peer.writeOutput(buffer);
            settle(peer);
            return true;
        }
    }

    SerialCounters counters() {
        synchronized (lock) {
            long written = writtenBytes;
            long calls = writeCalls;
            long lost = lostBytes;
            for (Peer peer : peers) {
                written += peer.output().writtenBytes();
                calls += peer.output().writeCalls();
                lost += peer.output().lostBytes();
            }
            return new SerialCounters(readBytes, written, calls, lost, 0);
        }
    }

    /** As {@link SinkBackend#flushAndClose}. */
    boolean flushAndClose(long timeoutNanos) {
        boolean flushed;
        synchronized (lock) {
            long deadline = System.nanoTime() + Math.min(timeoutNanos, CLOSING_LIMIT_NANOS);
            for (Peer peer : peers) {
                peer.writeOutput(buffer);
                peer.arm(input); // one that has gone is taken out by the loop
            }
            while (!closed && isAnyBlocked()) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    break;
                }
                try {
                    TimeUnit.NANOSECONDS.timedWait(lock, left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    break;
                }
            }
            flushed = !isAnyBlocked();
        }
        close();
        return flushed;
    }

    /** Gives up what is not written. When it returns no descriptor is in use any more. Idempotent. */
    @Override
    public void close() {
        List<Peer> present;
        synchronized (lock) {
            if (closed) {
                return;
            }
            closed = true;
            present = List.copyOf(peers);
            for (Peer peer : present) {
                count(peer);
                lostBytes += log.end() - peer.output().position();
            }
            peers.clear();
            lock.notifyAll();
        }
        present.forEach(Peer::close);
    }

    /** On the loop. */
    private void ready(Peer peer) {
        int queued;
        synchronized (lock) {
            if (closed || !peers.contains(peer)) {
                return;
            }
            queued = peer.ready(input, buffer);
            readBytes += queued;
            settle(peer);
        }
        if (queued > 0) {
            inputAvailable.run();
        }
    }

    /** On the loop: there is new output. */
    void flush() {
        synchronized (lock) {
            for (int i = peers.size() - 1; i >= 0; i--) {
                Peer peer = peers.get(i);
                peer.writeOutput(buffer);
                settle(peer);
            }
        }
    }

    /** On the loop: the guest takes input again. */
    void resumeInput() {
        synchronized (lock) {
            for (int i = peers.size() - 1; i >= 0; i--) {
                peers.get(i).arm(input);
            }
        }
    }

    /** On the loop, under the lock. */
    private void settle(Peer peer) {
        if (peer.isGone()) {
            peers.remove(peer);
            count(peer);
            peer.close();
            departed.accept(peer);
        } else {
            peer.arm(input);
        }
        lock.notifyAll();
    }

    private void count(Peer peer) {
        writtenBytes += peer.output().writtenBytes();
        writeCalls += peer.output().writeCalls();
        lostBytes += peer.output().lostBytes();
    }

    private boolean isAnyBlocked() {
        for (int i = 0; i < peers.size(); i++) {
            if (peers.get(i).isOutputBlocked()) {
                return true;
            }
        }
        return false;
    }
}
