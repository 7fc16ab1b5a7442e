package io.javisor.manager;

import io.javisor.machine.config.ConfigException;
import io.javisor.manager.registry.MachineEntry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Something that is started, looked at and ended by its name, from outside its process. What is kept of it on disk, its state and its restart policy are the
 * same for each kind ({@link #entry}); how it is asked and ended is the kind's own. Any thread; what it tells may be of another moment the next
 * time.
 *
 * <p>Each method throws {@link ConfigException}, with one line for its user, if the instance has been removed, or is not in the state that the method needs.
 */
public interface Instance {
    /** What is kept of it. */
    MachineEntry entry();

    /** Its name when it was looked up. */
    default String name() {
        return entry().name();
    }

    /** Whether a process runs it, or is about to. */
    default boolean isLive() {
        return entry().status().phase().isLive();
    }

    /**
     * Refuses one that no process runs.
     *
     * @throws ConfigException with the command that starts it
     */
    void requireLive();

    /**
     * Starts it in a process of its own, with the settings it was made with, and waits until its guest runs.
     *
     * @throws ConfigException with the reason why it does not
     */
    void start();

    /**
     * Asks it to end, and ends it if it has not by then.
     *
     * @param timeout how long it is given; zero to end it at once; null for as long as its kind is, or it was made with
     * @return why it was ended, in words that go with its name; empty if it ended by itself, or was to be given no time
     */
    Optional<String> stop(@Nullable Duration timeout) throws InterruptedException;

    /** Ends it at once, whatever it does. */
    void kill() throws InterruptedException;

    /**
     * Sends its first process a signal, and does not wait for what comes of it. A machine has none.
     *
     * @param number Linux's
     */
    void signal(int number) throws InterruptedException;

    /**
     * Waits until no process runs it, or will by its restart policy.
     *
     * @return false if that took longer
     */
    boolean awaitEnd(Duration timeout) throws InterruptedException;

    /** Has it do nothing until {@link #resume}. */
    void pause() throws InterruptedException;

    /** Has it go on. */
    void resume() throws InterruptedException;

    /**
     * The socket at which one of its consoles is joined.
     *
     * @param port which, such as {@code com1}, its first
     */
    Path console(String port);

    /** What its process tells of it: for a machine {@code docs/schema/machine.schema.json}. */
    JsonNode description() throws InterruptedException;

    /** What its process has counted: for a machine {@code docs/schema/statistics.schema.json}. */
    JsonNode statistics() throws InterruptedException;
}
