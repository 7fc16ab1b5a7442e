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
    Optional<String> obstacle();

    /**
     * Says why the engine cannot be had on this host even if it is asked for by name. It may open devices, and closes them.
     *
     * @return one line; empty if {@link #open} gives it
     */
    default Optional<String> refusal() {
        try (Engine _ = open()) {
            return Optional.empty();
        } catch (HostException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Opens the engine.
     *
     * @throws HostException if this host or this user cannot have it; the message says why and what would help
     */
    Engine open();
}
