package io.javisor.devices.virtio.vsock.backend;

import static io.javisor.core.host.HostConstants.EPOLLIN;
import static io.javisor.core.host.HostConstants.EPOLLOUT;
import static io.javisor.core.host.HostConstants.SHUT_RD;
import static io.javisor.core.host.HostConstants.SHUT_WR;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.Libc;
import io.javisor.core.memory.MemoryLease;
import io.javisor.devices.backend.ByteRing;
import io.javisor.devices.backend.HostEvents;
import io.javisor.devices.virtio.vsock.VsockStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connected Unix stream socket. What its other end does not take at once waits in a ring outside the heap, which is made when it is needed first; while
 * any waits the socket is watched for room. It is watched for input if the listener asked for that, and always for a hang-up.
 */
final class UnixVsockStream implements VsockStream, AutoCloseable {
    private static final int NOT_ARMED = -1;

    private final Fd fd;
    private final boolean asked;
    private final HostEvents.Watch watch;
    private final Consumer<UnixVsockStream> closed;
    private @Nullable Listener listener;
    private @Nullable ByteRing waiting;
    private int bufferBytes;
    private int armedEvents = NOT_ARMED;
    private boolean inputAwaited;
    private boolean outputEnds;
    private boolean gone;
    private boolean finishing;
    private boolean isClosed;

    /**
     * @param fd from now on this object's
     * @param asked whether its program waits for an answer
     * @param closed told once it is closed
     */
    UnixVsockStream(Fd fd, boolean asked, HostEvents events, Consumer<UnixVsockStream> closed) {
        this.fd = fd;
        this.asked = asked;
        this.closed = closed;
        this.watch = events.watch(fd.name(), fd.value(), this::ready);
    }

    @Override
    public void attach(Listener newListener, int newBufferBytes) {
        listener = newListener;
        bufferBytes = newBufferBytes;
        arm();
    }

    @Override
    public void accepted(int hostPort) {
        if (!asked) {
            return;
        }
        byte[] text = ("OK " + Integer.toUnsignedString(hostPort) + "\n").getBytes(StandardCharsets.US_ASCII);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment line = arena.allocate(text.length).copyFrom(MemorySegment.ofArray(text));
            long _ = Libc.write(fd.value(), line.address(), text.length); // nothing was written before: it has room
        }
    }

    /** Something has happened, it is not said what: who finds nothing waits again. */
    private void ready() {
        int before = armedEvents;
        armedEvents = NOT_ARMED;
        if (before == 0) { // only a hang-up or an error can be meant
            goesAway();
        } else {
            if (hasWaiting()) {
                flush();
            }
            Listener told = listener;
            if (inputAwaited && told != null) {
                inputAwaited = false;
                told.readable();
            }
        }
        if (!isClosed) {
            arm();
        }
    }

    private void arm() {
        int wanted = (inputAwaited ? EPOLLIN : 0) | (hasWaiting() ? EPOLLOUT : 0);
        if (wanted != armedEvents && !(wanted == 0 && gone)) {
            armedEvents = wanted;
            watch.arm(wanted);
        }
    }

    private void goesAway() {
        if (gone) {
            return;
        }
        gone = true;
        Listener told = listener;
        if (finishing) {
            close();
        } else if (told != null) {
            told.hungUp();
        }
    }

    // ---- from the host ----

    @Override
    public long read(MemoryLease room) {
        return Libc.readv(fd.value(), room.iovecHva(), room.iovecCount());
    }

    @Override
    public void awaitInput() {
        inputAwaited = true;
        arm();
    }

    @Override
    public void endInput() {
        inputAwaited = false;
        int _ = Libc.shutdown(fd.value(), SHUT_RD);
        arm();
    }

    // ---- to the host ----

    private boolean hasWaiting() {
        ByteRing ring = waiting;
        return ring != null && ring.size() > 0;
    }

    @Override
    public long write(MemoryLease data) {
        if (gone) {
            return -Errno.EPIPE;
        }
        long left = 0;
        if (!hasWaiting()) {
            left = Libc.writev(fd.value(), data.iovecHva(), data.iovecCount());
            if (left < 0 && !isForNow(left)) {
                gone = true; // who writes hears of it at once
                return left;
            }
            left = Math.max(0, left);
        }
        data.advance(left);
        if (data.sizeBytes() > 0) {
            keep(data);
            arm();
        }
        return left;
    }

    private static boolean isForNow(long result) {
        return result == -Errno.EAGAIN || result == -Errno.EINTR;
    }

    private void keep(MemoryLease data) {
        ByteRing ring = waiting;
        if (ring == null) {
            ring = new ByteRing(bufferBytes);
            waiting = ring;
        }
        for (int i = 0; i < data.iovecCount(); i++) {
            ring.add(data.pieceHva(i), (int) data.pieceSizeBytes(i));
        }
    }

    private void flush() {
        ByteRing ring = waiting;
        int flushed = 0;
        long result = 0;
        while (ring != null && ring.size() > 0 && result >= 0) {
            result = Libc.write(fd.value(), ring.headHva(), ring.contiguous());
            if (result > 0) {
                ring.consume((int) result);
                flushed += (int) result;
            }
        }
        boolean failed = result < 0 && !isForNow(result);
        if (failed && ring != null) {
            flushed += ring.size(); // lost: nobody is there
            ring.consume(ring.size());
        }
        if (!hasWaiting() && finishing) {
            close();
            return;
        }
        if (!hasWaiting() && outputEnds) {
            endOutputNow();
        }
        Listener told = listener;
        if (flushed > 0 && told != null) {
            told.written(flushed);
        }
        if (failed) {
            goesAway();
        }
    }

    @Override
    public void endOutput() {
        outputEnds = true;
        if (!hasWaiting()) {
            endOutputNow();
        }
    }

    private void endOutputNow() {
        outputEnds = false;
        int _ = Libc.shutdown(fd.value(), SHUT_WR);
    }

    // ---- the end ----

    @Override
    public void finish() {
        listener = null;
        finishing = true;
        inputAwaited = false;
        if (hasWaiting() && !gone) {
            arm();
        } else {
            close();
        }
    }

    @Override
    public void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        listener = null;
        watch.close();
        fd.close();
        ByteRing ring = waiting;
        waiting = null;
        if (ring != null) {
            ring.close();
        }
        closed.accept(this);
    }
}
