package io.javisor.container.control;

import io.javisor.agent.AgentProcess;
import io.javisor.api.Fault;
import io.javisor.container.spec.ContainerSpec;
import io.javisor.container.spec.ProcessSpec;
import java.util.Map;

/** A container of this process, as its control socket sees it. Any thread. */
public interface ContainerControl {
    ContainerSpec spec();

    /**
     * Its first process.
     *
     * @throws Fault with status 409 if it does not run yet, or does not run any more
     */
    AgentProcess first();

    /** What the first process writes. */
    OutputHub output();

    /**
     * Starts a further process. Its caller reads its streams and acknowledges its end.
     *
     * @param rows of its terminal, as {@code columns}; 0 for unknown
     * @throws io.javisor.agent.AgentException if the agent refuses
     * @throws Fault with status 409 if the container does not run, or is paused
     */
    AgentProcess exec(ProcessSpec process, int rows, int columns) throws InterruptedException;

    /** What its control group counts, by the names of its files. */
    Map<String, Long> statistics() throws InterruptedException;
}
