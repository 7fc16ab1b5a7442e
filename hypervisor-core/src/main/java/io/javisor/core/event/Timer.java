package io.javisor.core.event;

/** A one-shot timer whose expiry runs on an event loop. All calls may come from any thread, never block and allocate nothing. */
public interface Timer extends AutoCloseable {
    /**
     * Arms the timer, replacing what was armed before.
     *
     * @param delayNanos from now; values below 1 count as 1
     */
    void schedule(long delayNanos);

    /** Disarms it. An expiry that is already running goes on. */
    void cancel();

    /** Disarms it and gives its descriptor back. */
    @Override
    void close();
}
