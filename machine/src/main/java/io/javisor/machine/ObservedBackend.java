package io.javisor.machine;

import io.javisor.devices.backend.SerialBackend;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Shows an observer what a guest writes to a serial line. */
final class ObservedBackend implements SerialBackend {
    private final SerialBackend line;
    private final BootObserver observer;

    private ObservedBackend(SerialBackend line, BootObserver observer) {
        this.line = line;
        this.observer = observer;
    }

    /** The line itself where nobody looks. */
    static SerialBackend of(SerialBackend line, BootObserver observer) {
        return observer.equals(BootObserver.NONE) ? line : new ObservedBackend(line, observer);
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
        observer.consoleOutput(value);
        return line.write(value);
    }

    @Override
    public boolean write(MemorySegment data, long dataOffset, int count) {
        for (int i = 0; i < count; i++) {
            observer.consoleOutput(data.get(ValueLayout.JAVA_BYTE, dataOffset + i) & 0xFF);
        }
        return line.write(data, dataOffset, count);
    }

    @Override
    public void setBreak(boolean on) {
        line.setBreak(on);
    }

    @Override
    public void close() {
        line.close();
    }
}
