package io.javisor.container.terminal;

import java.io.IOException;

/** The process at the other end of a terminal. What it is asked for is best effort: it may have ended. Any thread. */
public interface Peer {
    /**
     * Gives it what was typed. The caller waits until this returns.
     *
     * @throws IOException if it takes no more
     */
    void type(byte[] bytes, int length) throws IOException;

    /** Nothing more will be typed. */
    void endInput();

    /** The terminal's size has changed; 0 for unknown. */
    void resize(int rows, int columns);

    /**
     * This process was sent a signal in the place of that one.
     *
     * @param number Linux's
     */
    void signal(int number);
}
