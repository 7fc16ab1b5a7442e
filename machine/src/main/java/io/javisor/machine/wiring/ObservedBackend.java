package io.javisor.machine.wiring;

import io.javisor.devices.backend.SerialBackend;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Shows an observer what a guest writes to a serial line. */
final class ObservedBackend implements SerialBackend {
    private final SerialBackend line;
    private final IntConsumer output;

    private ObservedBackend(SerialBackend line, IntConsumer output) {
        this.line = line;
        this.output = output;
    }

    /** The line itself where nobody looks. */
    static SerialBackend of(SerialBackend line, @Nullable IntConsumer output) {
        return output == null ? line : new ObservedBackend(line, output);
    }

    @Override
    public void attach(Listener listener) {
        line.attach(listener);
    }

    @Override
    public int read() {
        return line.read();
    }

    @Override
    public boolean write(int value) {
        output.accept(value);
        return line.write(value);
    }

    @Override
    public boolean write(MemorySegment data, long dataOffset, int count) {
        for (int i = 0; i < count; i++) {
            output.accept(data.get(ValueLayout.JAVA_BYTE, dataOffset + i) & 0xFF);
        }
        return line.write(data, dataOffset, count);
    }

    @Override
    public void close() {
        line.close();
    }
}
