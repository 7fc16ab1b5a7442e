package io.javisor.devices.backend;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** A serial line whose output goes to a file, by {@link OutputPump}'s rules; there is no input. */
public final class FileBackend implements SinkBackend {
    private final OutputPump output;
    private volatile @Nullable Listener listener;

    /**
     * Takes the descriptor in use; it stays the caller's, who closes it after this backend.
     *
     * @param name for messages and timers, such as {@code com2}
     * @param fd open for writing
     */
    public FileBackend(String name, int fd, HostEvents events) {
        this.output = new OutputPump(name, fd, events, this::outputDrained);
    }

    /**
     * Takes a target in use that is no single descriptor, such as a file that is rotated; it stays the caller's, who closes it after
     * this backend.
     *
     * @param name for messages and timers, such as {@code com1/log}
     */
    public FileBackend(String name, OutputTarget target, HostEvents events) {
        this.output = new OutputPump(name, target, events, this::outputDrained);
    }

    @Override
    public void attach(Listener newListener) {
        listener = newListener;
    }

    @Override
    public int read() {
        return NOTHING;
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
        return output.counters(0);
    }

    @Override
    public boolean flushAndClose(long timeoutNanos) {
        return output.flushAndClose(timeoutNanos);
    }

    @Override
    public void close() {
        output.close();
    }

    private void outputDrained() {
        Listener current = listener;
        if (current != null) {
            current.outputDrained();
        }
    }
}
