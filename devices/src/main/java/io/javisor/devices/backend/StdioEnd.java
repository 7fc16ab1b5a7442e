package io.javisor.devices.backend;

/** An end on two open descriptors: see {@link HostLine#addStdio}, {@link InputPump} and {@link LogWriter}. */
public final class StdioEnd implements LineEnd {
    private final InputPump input;
    private final LogWriter output;

    StdioEnd(InputPump input, LogWriter output) {
        this.input = input;
        this.output = output;
    }

    @Override
    public void start() {
        input.start();
    }

    @Override
    public void flush() {
        output.flush();
    }

    @Override
    public void resumeInput() {
        input.resume();
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
    public void beginFlush() {
        output.beginFlush();
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
}
