package io.javisor.machine.wiring;

import io.javisor.devices.backend.SerialBackend;
import io.javisor.devices.backend.SerialCounters;
import io.javisor.devices.backend.SinkBackend;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** The host's end of a serial port. It outlives a guest's reset: each life's port is plugged in anew. */
final class SerialLine implements AutoCloseable {
    private final SinkBackend sink;
    private volatile SerialBackend.@Nullable Listener port;

    SerialLine(SinkBackend sink) {
        this.sink = sink;
        sink.attach(new SerialBackend.Listener() {
            @Override
            public void inputAvailable() {
                SerialBackend.Listener present = port;
                if (present != null) {
                    present.inputAvailable();
                }
            }

            @Override
            public void outputDrained() {
                SerialBackend.Listener present = port;
                if (present != null) {
                    present.outputDrained();
                }
            }
        });
    }

    /**
     * A backend for one serial port; closing it unplugs the port and leaves the line open.
     *
     * @param observer sees each byte that the guest sends; null where nobody looks
     */
    SerialBackend plug(@Nullable IntConsumer observer) {
        return new Plug(observer);
    }

    private final class Plug implements SerialBackend {
        private final @Nullable IntConsumer observer;
        private volatile @Nullable Listener own;

        Plug(@Nullable IntConsumer observer) {
            this.observer = observer;
        }

        @Override
        public void attach(Listener listener) {
            own = listener;
            port = listener;
            listener.inputAvailable(); // what came while nothing was plugged in
        }

        @Override
        public int read() {
            return sink.read();
        }

        @Override
        public boolean write(int value) {
            if (observer != null) {
                observer.accept(value);
            }
            return sink.write(value);
        }

        @Override
        public boolean write(MemorySegment data, long dataOffset, int count) {
            if (observer != null) {
                for (int i = 0; i < count; i++) {
                    observer.accept(data.get(ValueLayout.JAVA_BYTE, dataOffset + i) & 0xFF);
                }
            }
            return sink.write(data, dataOffset, count);
        }

        @Override
        public void close() {
            if (Objects.equals(port, own)) {
                port = null; // what comes from now on is for the next one
            }
        }
    }

    SerialCounters counters() {
        return sink.counters();
    }

    /** Brings out what is buffered. The event loop must still run. */
    void flush(long timeoutNanos) {
        boolean _ = sink.flushAndClose(timeoutNanos);
    }

    @Override
    public void close() {
        sink.close();
    }
}
