package io.javisor.devices.backend;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

/** A serial line that nothing is plugged into: output is counted and dropped, there is no input. */
public final class NullBackend implements SinkBackend {
    private final AtomicLong discardedBytes = new AtomicLong();

    @Override
    public void attach(Listener listener) {}

    @Override
    public int read() {
        return NOTHING;
    }

    @Override
    public boolean write(int value) {
        discardedBytes.incrementAndGet();
        return true;
    }

    @Override
    public boolean write(MemorySegment data, long dataOffset, int count) {
        discardedBytes.addAndGet(count);
        return true;
    }

    @Override
    public SerialCounters counters() {
        return new SerialCounters(0, 0, 0, 0, discardedBytes.get());
    }

    @Override
    public boolean flushAndClose(long timeoutNanos) {
        return true;
    }

    @Override
    public void close() {}
}
