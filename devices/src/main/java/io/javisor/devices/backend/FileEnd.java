package io.javisor.devices.backend;

/** An end that takes output only, by {@link LogWriter}'s rules. */
record FileEnd(LogWriter output) implements LineEnd {
    @Override
    public void start() {}

    @Override
    public void flush() {
        output.flush();
    }

    @Override
    public void resumeInput() {}

    @Override
    public SerialCounters counters() {
        return output.counters(0);
    }

    @Override
    public void beginFlush() {
        output.beginFlush();
    }

    @Override
    public boolean flushAndClose(long timeoutNanos) {
        return output.flushAndClose(timeoutNanos);
    }

    @Override
    public void close() {
        output.close();
    }
}
