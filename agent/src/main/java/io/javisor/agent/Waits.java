package io.javisor.agent;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for the agent, each of which has an end. */
final class Waits {
    static final String GONE = "the agent is gone";

    private Waits() {}

    /**
     * What the future brings.
     *
     * @throws AgentException what it fails with; or one with {@code late} when the time is over
     */
    static <T> T await(CompletableFuture<T> future, Duration limit, String late) throws InterruptedException {
        try {
            return future.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AgentException refusal) {
                AgentException here = new AgentException(refusal.status(), String.valueOf(refusal.getMessage()));
                here.initCause(refusal);
                throw here;
            }
            throw new IllegalStateException(e);
        } catch (CancellationException _) {
            throw new AgentException(AgentException.FAILED, GONE);
        } catch (TimeoutException _) {
            throw new AgentException(AgentException.FAILED, late);
        }
    }
}
