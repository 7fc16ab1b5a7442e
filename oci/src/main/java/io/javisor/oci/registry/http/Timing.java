package io.javisor.oci.registry.http;

import java.time.Duration;

/**
 * How long is waited for a server.
 *
 * @param connect for a connection to one address
 * @param idle for the next byte to come, or to be taken
 * @param whole for an answer that is taken as one, such as a manifest
 * @param backoff before the second try; doubled before each further one
 * @param retryAfter how long a server may have a client wait; if it wants more, the client gives up
 * @param sleeper waits
 */
public record Timing(
        Duration connect, Duration idle, Duration whole, Duration backoff, Duration retryAfter, Sleeper sleeper) {
    /** Those of javisor. */
    public static final Timing DEFAULT = new Timing(
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            Duration.ofMinutes(3),
            Duration.ofMillis(250),
            Duration.ofSeconds(30),
            duration -> Thread.sleep(duration.toMillis()));

    private static final int DOUBLINGS_MAX = 5;

    /** How long to wait after the {@code failed}-th failure in a row, the first being 0. */
    public Duration backoff(int failed) {
        return backoff.multipliedBy(1L << Math.min(failed, DOUBLINGS_MAX));
    }

    /** Waits; tests don't. */
    @FunctionalInterface
    public interface Sleeper {
        void sleep(Duration duration) throws InterruptedException;
    }
}
