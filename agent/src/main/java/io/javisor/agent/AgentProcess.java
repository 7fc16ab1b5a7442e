package io.javisor.agent;

import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;

/**
 * A process that the agent has started. Any thread. Its channels are open until {@link #acknowledge} or the agent's closing; what they bring is the
 * container's, which may bring it without end.
 */
public interface AgentProcess {
    /** Its number in its container's machine. */
    int pid();

    /** Both ways with a terminal; else the standard input, which ends for the process when it is shut down for output or closed. In blocking mode. */
    SocketChannel input();

    /** What it writes to its standard output or terminal; at its end nothing more comes. In blocking mode. The same as {@link #input} with a terminal. */
    SocketChannel output();

    /** What it writes to its standard error; {@link #output} with a terminal. In blocking mode. */
    SocketChannel errors();

    /**
     * Completed when it has ended; exceptionally, by an {@link AgentException}, when the agent has gone before. Its output may still be on its way. What
     * is done next may wait.
     */
    CompletableFuture<ProcessExit> exit();

    /**
     * Says that its end is known and that what is wanted of its output has been read: its channels are closed, and what still writes to them is cut off.
     *
     * @throws IllegalStateException if it has not ended
     */
    void acknowledge();

    /**
     * Sends a signal, by Linux's number.
     *
     * @param wholeGroup to its process group too
     * @throws AgentException if it has ended
     */
    void signal(int number, boolean wholeGroup) throws InterruptedException;

    /** Changes its terminal's size. @throws AgentException if it has none, or has ended */
    void resize(int rows, int columns) throws InterruptedException;
}
