package io.javisor.devices.backend;

/** An end of a {@link HostLine}: it reads the line's {@link OutputLog} and feeds its {@link InputQueue}. */
interface LineEnd extends AutoCloseable {
    /** A port is connected: input is taken from now on. Called once. */
    void start();

    /** On the loop: there may be output. */
    void flush();

    /** On the loop: the guest takes input again. */
    void resumeInput();

    /** What has passed this end so far. Any thread, also after its end. */
    SerialCounters counters();

    /** Writes what there is without waiting for more, from now on. */
    default void beginFlush() {}

    /** As {@link SinkBackend#flushAndClose}. */
    boolean flushAndClose(long timeoutNanos);

    /** Gives up what is not written. Idempotent; the descriptors stay open. */
    @Override
    void close();
}
