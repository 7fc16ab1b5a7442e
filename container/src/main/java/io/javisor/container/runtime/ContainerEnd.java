package io.javisor.container.runtime;

/**
 * How a container has ended.
 *
 * @param status its first process's, or 128 + the signal's number; 125 if javisor or the machine failed, 126 or 127 if its program can't be run
 * @param outOfMemory whether the guest's kernel killed for want of memory
 * @param reason in some words
 * @param message what its user has to be told, in one line; "" for nothing
 * @param hasRun whether its first process ever ran
 */
public record ContainerEnd(int status, boolean outOfMemory, String reason, String message, boolean hasRun) {
    /** javisor's own failure. */
    public static final int FAILED = 125;

    /** Of one that could not be started. */
    static ContainerEnd notStarted(int status, String message) {
        return new ContainerEnd(status, false, message, message, false);
    }
}
