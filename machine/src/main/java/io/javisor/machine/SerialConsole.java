package io.javisor.machine;

import io.javisor.devices.backend.HostEvents;
import io.javisor.devices.backend.SerialBackend;
import io.javisor.devices.backend.StdioBackend;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The host's end of the console. It outlives a guest's reset: each life's serial port is plugged in anew. */
final class SerialConsole implements AutoCloseable {
    /** How long the end of a machine waits for a slow reader of its last output. */
    private static final long FLUSH_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final StdioBackend stdio;
    private volatile SerialBackend.@Nullable Listener port;

    SerialConsole(Console ends, HostEvents events) {
        stdio = new StdioBackend("console", ends.inputFd(), ends.outputFd(), ends.filter(), events);
        stdio.attach(new SerialBackend.Listener() {
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

    /** A backend for one serial port; closing it unplugs the port and leaves the console open. */
    SerialBackend plug() {
        return new SerialBackend() {
            @Override
            public void attach(Listener listener) {
                port = listener;
                listener.inputAvailable(); // what came while nothing was plugged in
            }

            @Override
            public int read() {
                return stdio.read();
            }

            @Override
            public boolean write(int value) {
                return stdio.write(value);
            }

            @Override
            public boolean write(MemorySegment data, long dataOffset, int count) {
                return stdio.write(data, dataOffset, count);
            }

            @Override
            public void close() {
                port = null;
            }
        };
    }

    /** Writes out what is buffered. The event loop must still run. */
    void flush() {
        boolean _ = stdio.flushAndClose(FLUSH_TIMEOUT_NANOS);
    }

    @Override
    public void close() {
        stdio.close();
    }
}
