package io.javisor.api;

/** Answers requests, one at a time. */
@FunctionalInterface
public interface Routes {
    /**
     * Carries out a request. It may block.
     *
     * @throws Fault to be answered with its status and message
     * @throws InterruptedException if the server ends meanwhile
     */
    Response handle(Request request) throws InterruptedException;
}
