package io.javisor.devices.backend;

/** A backend as its owner sees it, which makes and ends it. */
public interface SinkBackend extends SerialBackend {
    /** What has passed so far. Any thread. */
    SerialCounters counters();

    /**
     * Brings out the last output, waiting for a slow reader at most {@code timeoutNanos}, and closes. The loop and the workers must
     * still run; not to be called on the loop.
     *
     * @return whether all of it was written, or nobody reads it
     */
    boolean flushAndClose(long timeoutNanos);
}
