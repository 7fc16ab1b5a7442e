package io.javisor.manager.live;

import io.javisor.api.Fault;
import io.javisor.api.Routes;

/** The container that runs in a machine, as the machine's control socket needs it. Any thread. */
public interface LiveContainer {
    /**
     * Sends its first process a signal.
     *
     * @param number Linux's
     * @throws Fault if it does not run yet, or has ended
     */
    void signal(int number) throws InterruptedException;

    /** The number of the signal that asks it to end. */
    int stopSignal();

    /** How many seconds it is given then; negative for no limit. */
    int stopTimeoutSeconds();

    /** Whether its first process has ended, and its output or what it wrote to its disk is still on its way. */
    boolean hasExited();

    /** Ends it at once, whatever it does. Returns without waiting for the end. */
    void kill();

    /** Its machine goes on after a pause. Returns soon. */
    void resumed();

    /** Answers what is asked of its processes: all below {@link io.javisor.api.control.RootRoutes#CONTAINER_PREFIX}. */
    Routes routes();
}
