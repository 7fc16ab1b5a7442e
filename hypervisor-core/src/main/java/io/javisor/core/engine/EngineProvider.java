package io.javisor.core.engine;

import io.javisor.core.host.HostException;
import java.util.Optional;

/**
 * One kind of engine, before it is opened. Tests find the kinds through {@link java.util.ServiceLoader}; a machine names them. Any
 * thread.
 */
public interface EngineProvider {
    /** The engine's name in options and messages, such as {@code kvm}. */
    String name();

    /** What the engine is like on this host. Opens nothing. */
    EngineTraits traits();

    /**
     * Says why the engine is not to be taken on this host unless it is asked for by name. It may open devices, and closes them.
     *
     * @return one line; empty if the engine counts
     */
    Optional<Obstacle> obstacle();

    /**
     * Says why the engine cannot be had on this host even if it is asked for by name. It may open devices, and closes them.
     *
     * @return one line; empty if {@link #open} gives it
     */
    default Optional<Obstacle> refusal() {
        try (Engine _ = open()) {
            return Optional.empty();
        } catch (HostException e) {
            return Optional.of(Obstacle.of(String.valueOf(e.getMessage())));
        }
    }

    /**
     * Says why the engine, which was asked for by name and can be had, may be slow on this host. Opens nothing.
     *
     * @return one line; empty if there is nothing to say
     */
    default Optional<Obstacle> caveat() {
        return Optional.empty();
    }

    /**
     * Opens the engine.
     *
     * @throws HostException if this host or this user cannot have it; the message says why and what would help
     * @throws IllegalArgumentException if a property of the JVM that is for it can't be what it is; the message is for a user
     */
    Engine open();
}
