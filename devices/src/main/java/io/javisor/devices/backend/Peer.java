package io.javisor.devices.backend;

import static io.javisor.core.host.HostConstants.EPOLLIN;
import static io.javisor.core.host.HostConstants.EPOLLOUT;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.Libc;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One program at the host's end of a line, by a non-blocking descriptor. All calls come under the lock of its {@link PeerSet}. */
final class Peer implements AutoCloseable {
    private static final int READ_SIZE = 4096;

    private final int fd;
    private final @Nullable Fd owned;
    private final LogReader output;
    private final HostEvents.Watch watch;
    private int armedEvents;
    private boolean inputEnded;
    private boolean outputBlocked;
    private boolean outputGone;

    /**
     * @param owned what {@code fd} belongs to if this object is to close it, or null if it stays the caller's
     * @param ready is called on the loop, without a lock, when {@link #ready} is due
     */
    Peer(String name, int fd, @Nullable Fd owned, LogReader output, HostEvents events, Consumer<Peer> ready) {
        this.fd = fd;
        this.owned = owned;
        this.output = output;
        this.watch = events.watch(name, fd, () -> ready.accept(this));
    }

    /**
     * The descriptor is ready, or hung up.
     *
     * @return how much was added to {@code input}
     */
    int ready(InputQueue input, MemorySegment buffer) {
        if (armedEvents == 0) { // only a hang-up or an error can be meant
            inputEnded = true;
            outputGone = true;
            return 0;
        }
        int queued = (armedEvents & EPOLLIN) == 0 ? 0 : readInput(input, buffer);
        if (outputBlocked) {
            outputBlocked = false;
            writeOutput(buffer);
        }
        return queued;
    }

    /** Writes what there is, unless it must be awaited that the descriptor takes more. */
    void writeOutput(MemorySegment buffer) {
        if (outputBlocked || outputGone) {
            return;
        }
        switch (output.pump(buffer)) {
            case CAUGHT_UP -> {}
            case BLOCKED -> outputBlocked = true;
            case GONE -> outputGone = true;
        }
    }

    /** Waits for what is possible next. A peer whose input the guest does not take is to be armed when it does. */
    void arm(InputQueue input) {
        int wanted = outputBlocked && !outputGone ? EPOLLOUT : 0;
        if (!inputEnded) {
            if (input.room(1) > 0) {
                wanted |= EPOLLIN;
            } else if (wanted == 0) {
                return;
            }
        }
        armedEvents = wanted;
        watch.arm(wanted);
    }

    /** Whether it neither sends nor reads any more. One that only ended its input still reads. */
    boolean isGone() {
        return inputEnded && outputGone;
    }

    boolean isOutputBlocked() {
        return outputBlocked && !outputGone;
    }

    LogReader output() {
        return output;
    }

    /** Ends it. Not under the lock, unless on the loop: it waits for a handler that runs. */
    @Override
    public void close() {
        watch.close();
        if (owned != null) {
            owned.close();
        }
    }

    private int readInput(InputQueue input, MemorySegment buffer) {
        int room = inputEnded ? 0 : input.reserve(1, READ_SIZE);
        if (room == 0) {
            return 0;
        }
        long result;
        do {
            result = Libc.read(fd, buffer.address(), room);
        } while (result == -Errno.EINTR);
        if (result > 0) {
            input.add(buffer, (int) result);
            input.giveBack(room - (int) result);
            return (int) result;
        }
        input.giveBack(room);
        if (result == 0) {
            inputEnded = true;
        } else if (result != -Errno.EAGAIN) { // EIO: a pty whose slave was closed; ECONNRESET: a socket
            inputEnded = true;
            outputGone = true;
        }
        return 0;
    }
}
