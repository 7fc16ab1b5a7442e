package io.javisor.devices.backend;

import static io.javisor.core.host.HostConstants.POLLHUP;

import io.javisor.core.event.Timer;
import io.javisor.core.host.Libc;
import io.javisor.core.host.PollfdLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * An end on the master of a pseudoterminal. Whoever opens the slave sees the output, at first up to 64 KiB of what came while
 * nobody had it open; what was before that is lost, and a line says so. It may be closed and opened again.
 *
 * <p>A master tells that its slave was closed (EIO, a hang-up that stays), but not that it was opened: that is looked for four times a
 * second. The guest never waits.
 */
public final class PtyEnd implements LineEnd {
    private static final long PROBE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final String name;
    private final int masterFd;
    private final PeerSet users;
    private final Timer probeTimer;
    private final MemorySegment pollfd = PollfdLayout.allocate(Arena.ofAuto(), 1);
    private long position; // the loop's own
    private boolean closed; // guarded by this

    PtyEnd(String name, int masterFd, HostEvents events, Function<Consumer<Peer>, PeerSet> newUsers) {
        this.name = name;
        this.masterFd = masterFd;
        this.users = newUsers.apply(this::departed);
        this.probeTimer = events.newTimer(name + "/probe", this::probe);
        PollfdLayout.set(pollfd, 0, masterFd, 0); // a hang-up is told unasked
    }

    @Override
    public void start() {
        scheduleProbe(1);
    }

    @Override
    public void flush() {
        users.flush();
    }

    @Override
    public void resumeInput() {
        users.resumeInput();
    }

    @Override
    public SerialCounters counters() {
        return users.counters();
    }

    @Override
    public boolean flushAndClose(long timeoutNanos) {
        stopProbing();
        return users.flushAndClose(timeoutNanos);
    }

    @Override
    public void close() {
        stopProbing();
        users.close();
    }

    boolean isOpen() {
        return users.size() > 0;
    }

    /** On the loop: is the slave open now? */
    private void probe() {
        int ready = Libc.poll(pollfd.address(), 1, 0);
        boolean hungUp = ready > 0 && (PollfdLayout.revents(pollfd, 0) & POLLHUP) != 0;
        if (hungUp || !users.join(name, masterFd, null, position)) {
            scheduleProbe(PROBE_NANOS);
        }
    }

    private void departed(Peer user) {
        position = user.output().position();
        scheduleProbe(PROBE_NANOS);
    }

    private synchronized void scheduleProbe(long delayNanos) {
        if (!closed) {
            probeTimer.schedule(delayNanos);
        }
    }

    private synchronized void stopProbing() {
        closed = true;
        probeTimer.close();
    }
}
