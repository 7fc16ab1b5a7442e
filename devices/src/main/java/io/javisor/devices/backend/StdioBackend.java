package io.javisor.devices.backend;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A serial line on two open descriptors, such as standard input and output: terminals, pipes, sockets, regular files, /dev/null,
 * in any mix. Their modes are left as they are.
 *
 * <p>Output: see {@link OutputPump}. 1 MiB waits for a slow reader; from 960 KiB on the guest's transmitter is held, until half of it is
 * gone. Input: see {@link InputPump}.
 */
public final class StdioBackend implements SinkBackend {
    private final InputPump input;
    private final OutputPump output;
    private volatile @Nullable Listener listener;

    /**
     * Takes the descriptors in use; they stay the caller's, who closes them after this backend.
     *
     * @param name for messages and timers, such as {@code serial0}
     * @param inputFd open for reading; another number than {@code outputFd}
     * @param outputFd open for writing
     * @param filter sees the input first
     */
    public StdioBackend(String name, int inputFd, int outputFd, ConsoleInputFilter filter, HostEvents events) {
        this(name, inputFd, outputFd, filter, events, events);
    }

    /** As above; {@code inputEvents} has workers for the input alone, where what holds up output must not hold up the escape key. */
    public StdioBackend(
            String name,
            int inputFd,
            int outputFd,
            ConsoleInputFilter filter,
            HostEvents events,
            HostEvents inputEvents) {
        if (inputFd == outputFd) {
            throw new IllegalArgumentException(name + ": input and output are both descriptor " + inputFd);
        }
        this.output = new OutputPump(name, outputFd, events, this::outputDrained);
        this.input = new InputPump(name, inputFd, inputEvents, filter, this::inputAvailable);
    }

    @Override
    public void attach(Listener newListener) {
        if (listener != null) {
            throw new IllegalStateException("attached already");
        }
        listener = newListener;
        input.start();
    }

    @Override
    public int read() {
        return input.poll();
    }

    @Override
    public boolean write(int value) {
        return output.append(value);
    }

    @Override
    public boolean write(MemorySegment data, long dataOffset, int count) {
        return output.append(data, dataOffset, count);
    }

    @Override
    public SerialCounters counters() {
        return output.counters(input.readBytes());
    }

    /**
     * The host's error number with which a file, such as one on a full disk, refused output first; 0 if none did. A reader that goes is no
     * error. Any thread, also after the end.
     */
    public int outputErrno() {
        return output.fileErrno();
    }

    @Override
    public boolean flushAndClose(long timeoutNanos) {
        input.close();
        return output.flushAndClose(timeoutNanos);
    }

    @Override
    public void close() {
        input.close();
        output.close();
    }

    private void inputAvailable() {
        Listener current = listener;
        if (current != null) {
            current.inputAvailable();
        }
    }

    private void outputDrained() {
        Listener current = listener;
        if (current != null) {
            current.outputDrained();
        }
    }
}
