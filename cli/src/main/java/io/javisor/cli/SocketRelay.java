package io.javisor.cli;

import static io.javisor.core.host.HostConstants.POLLIN;
import static io.javisor.core.host.HostConstants.POLLOUT;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Libc;
import io.javisor.core.host.PollfdLayout;
import io.javisor.devices.backend.ConsoleInputFilter;
import io.javisor.devices.backend.EscapeFilter;
import io.javisor.machine.config.ConfigException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Copies between two descriptors and a socket, on the calling thread, until the socket ends. Nothing is read that can't be passed on:
 * each direction holds one buffer, and neither waits for the other.
 */
final class SocketRelay {
    /** Why {@link #run} returned. */
    enum End {
        /** The other end of the socket was closed; all that it sent has been passed on. */
        MACHINE_ENDED,
        /** The user left. */
        DETACHED,
        /** Nobody reads the output any more. */
        OUTPUT_GONE
    }

    private static final int INPUT = 0;
    private static final int OUTPUT = 1;
    private static final int SOCKET = 2;
    private static final int POLLFD_COUNT = 3;

    /** A pipe that poll(2) reports writable takes as much without blocking. */
    private static final int PIPE_BUF = 4096;

    private static final int READ_SIZE = 4096;

    /** Bytes on their way. */
    private static final class Buffer {
        final MemorySegment bytes = Arena.ofAuto().allocate(2 * READ_SIZE); // the escape key may add to what was read
        int start;
        int end;

        boolean isEmpty() {
            return start == end;
        }

        void clear() {
            start = 0;
            end = 0;
        }

        void add(int value) {
            bytes.set(ValueLayout.JAVA_BYTE, end++, (byte) value);
        }
    }

    private final int inputFd;
    private final int outputFd;
    private final int socketFd;
    private final MemorySegment pollfds = PollfdLayout.allocate(Arena.ofAuto(), POLLFD_COUNT);
    private final MemorySegment keys = Arena.ofAuto().allocate(READ_SIZE);
    private final Buffer toSocket = new Buffer();
    private final Buffer toOutput = new Buffer();
    private ConsoleInputFilter filter = ConsoleInputFilter.NONE;
    private boolean sending = true;
    private boolean inputEnded;
    private boolean socketEnded;
    private boolean detached;

    /** @param socketFd connected, in non-blocking mode; the others in any mode */
    SocketRelay(int inputFd, int outputFd, int socketFd) {
        this.inputFd = inputFd;
        this.outputFd = outputFd;
        this.socketFd = socketFd;
    }

    /** Input is read for its escapes only. */
    void sendNothing() {
        sending = false;
    }

    /** No input is read. */
    void endInput() {
        inputEnded = true;
    }

    /** Has Ctrl-A d end this, and Ctrl-A h run {@code help}. */
    void obeyEscapes(Runnable help) {
        filter = new EscapeFilter(new EscapeFilter.Actions() {
            @Override
            public boolean detach() {
                detached = true;
                return true;
            }

            @Override
            public boolean help() {
                help.run();
                return true;
            }
        });
    }

    End run() {
        while (true) {
            if (socketEnded && toOutput.isEmpty()) {
                return End.MACHINE_ENDED;
            }
            await();
            if (isReady(INPUT)) {
                readInput();
            }
            if (detached) {
                return End.DETACHED;
            }
            if (isReady(SOCKET)) {
                writeSocket();
                readSocket();
            }
            if (isReady(OUTPUT) && !writeOutput()) {
                return End.OUTPUT_GONE;
            }
        }
    }

    private void await() {
        want(INPUT, inputFd, !inputEnded && toSocket.isEmpty() ? POLLIN : -1);
        // Without events it still tells when the reader goes.
        want(OUTPUT, outputFd, toOutput.isEmpty() ? 0 : POLLOUT);
        int socketEvents = (toSocket.isEmpty() ? 0 : POLLOUT) | (toOutput.isEmpty() && !socketEnded ? POLLIN : 0);
        want(SOCKET, socketFd, socketEvents == 0 ? -1 : socketEvents);
        int ready;
        do {
            ready = Libc.poll(pollfds.address(), POLLFD_COUNT, -1);
        } while (ready == -Errno.EINTR);
        int _ = Libc.check("poll", ready);
    }

    /** @param events -1 not to look at it at all: a hang-up is reported for ever */
    private void want(int index, int fd, int events) {
        PollfdLayout.set(pollfds, index, events < 0 ? -1 : fd, Math.max(0, events));
    }

    private boolean isReady(int index) {
        return PollfdLayout.revents(pollfds, index) != 0;
    }

    private void readInput() {
        long count = Libc.read(inputFd, keys.address(), READ_SIZE);
        if (count <= 0) {
            inputEnded = count != -Errno.EAGAIN && count != -Errno.EINTR;
            return;
        }
        for (int i = 0; i < count && !detached; i++) {
            filter.filter(keys.get(ValueLayout.JAVA_BYTE, i) & 0xFF, this::send);
        }
    }

    private void send(int unit) {
        if (sending) {
            toSocket.add(unit);
        }
    }

    private void writeSocket() {
        if (toSocket.isEmpty()) {
            return;
        }
        long count =
                Libc.write(socketFd, toSocket.bytes.address() + toSocket.start, (long) toSocket.end - toSocket.start);
        if (count > 0) {
            toSocket.start += (int) count;
        } else if (count != -Errno.EAGAIN && count != -Errno.EINTR) {
            inputEnded = true; // nobody takes it; what the machine sent before can still be read
            toSocket.clear();
        }
        if (toSocket.isEmpty()) {
            toSocket.clear();
        }
    }

    private void readSocket() {
        if (!toOutput.isEmpty() || socketEnded) {
            return;
        }
        long count = Libc.read(socketFd, toOutput.bytes.address(), toOutput.bytes.byteSize());
        if (count > 0) {
            toOutput.end = (int) count;
        } else {
            socketEnded = count != -Errno.EAGAIN && count != -Errno.EINTR; // ECONNRESET: our last input was not read
        }
    }

    /** Returns false if nobody reads any more. A file that takes no more, on a full disk, is a {@link ConfigException}. */
    private boolean writeOutput() {
        int length = Math.min(toOutput.end - toOutput.start, PIPE_BUF);
        if (length == 0) {
            return false; // not asked for, so it is a hang-up or an error
        }
        long count = Libc.write(outputFd, toOutput.bytes.address() + toOutput.start, length);
        if (count < 0) {
            return switch ((int) -count) {
                case Errno.EAGAIN, Errno.EINTR -> true;
                case Errno.EPIPE, Errno.ECONNRESET, Errno.EIO -> false; // EIO: a terminal that has hung up
                default -> throw new ConfigException(StandardOutput.lost(Errno.describe((int) -count)));
            };
        }
        toOutput.start += (int) count;
        if (toOutput.isEmpty()) {
            toOutput.clear();
        }
        return true;
    }
}
