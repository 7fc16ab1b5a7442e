package io.javisor.agent;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * An agent that is connected: one container. Any thread. Closing it ends the connection, and so the container and the machine; it closes the channels of
 * all processes too. Whatever is asked of it fails with an {@link AgentException} when the agent has gone, does not keep to the protocol, or has not
 * answered for two minutes.
 */
public interface Agent extends AutoCloseable {
    /**
     * Starts the container and its first process, once.
     *
     * @return when it runs, and its streams are there
     * @throws AgentException if the agent refuses; it may be tried again
     */
    AgentProcess start(ProcessFields fields) throws InterruptedException;

    /** Starts a further process in the container. @throws AgentException if the agent refuses */
    AgentProcess exec(ProcessFields fields) throws InterruptedException;

    /** What the container's control group counts, by the names of its files: {@code memory.current}, {@code cpu.stat.usage_usec}. */
    Map<String, Long> statistics() throws InterruptedException;

    void setTime(Instant time) throws InterruptedException;

    /**
     * Puts a container's root file system together, by {@code root}, or {@code lower}, {@code upper} and {@code volatileUpper}, so that its files are
     * there without a process. A start may follow.
     */
    void mount(ProcessFields fields) throws InterruptedException;

    /** Stops all of the container's processes, or lets them go on. */
    void freeze(boolean frozen) throws InterruptedException;

    /**
     * What is at a path, which begins at the container's root.
     *
     * @throws AgentException with status 127 if nothing is there
     */
    ContainerFile find(String path, TransferOption... options) throws InterruptedException;

    /**
     * Begins a tar archive of a file, or of a directory with all that is in it but the kernel's own.
     *
     * @param name what the archive calls it; {@code .} for what is in a directory, empty to leave the directory itself out
     */
    Transfer archive(String path, String name, TransferOption... options) throws InterruptedException;

    /** Begins to make what a tar archive has in a directory, which must be there. Nothing gets out of the container's root, whatever the archive says. */
    Transfer extract(String path, TransferOption... options) throws InterruptedException;

    /** Begins a list of what the container has changed in its image: for each {@code A}, {@code C} or {@code D} (added, changed, deleted), its path, and a zero byte. */
    Transfer changes() throws InterruptedException;

    /** Begins a tar archive of what the container has changed in its image, as a layer of the OCI's. */
    Transfer layer() throws InterruptedException;

    /** Waits until everything is written back and unmounted. False if the agent went without saying so, or it takes longer. */
    boolean awaitDown(Duration limit) throws InterruptedException;

    @Override
    void close();
}
