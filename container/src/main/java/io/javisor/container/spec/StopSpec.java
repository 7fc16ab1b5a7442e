package io.javisor.container.spec;

/**
 * How a container is asked to end.
 *
 * @param signal Linux's number
 * @param timeoutSeconds after which it is killed; -1 for never
 */
public record StopSpec(int signal, int timeoutSeconds) {
    /** SIGTERM and 10 s, docker's. */
    public static final StopSpec DEFAULT = new StopSpec(15, 10);
}
