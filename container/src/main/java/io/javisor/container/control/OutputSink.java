package io.javisor.container.control;

import java.io.IOException;

/** Takes what a stream brings, in its order. One thread at a time. */
public interface OutputSink {
    /** Takes nothing and keeps nothing. */
    OutputSink NONE = (_, _) -> {};

    /**
     * Takes bytes. The stream waits until this returns.
     *
     * @param bytes the caller's again afterwards
     * @param length how many of them, from the first
     * @throws IOException if it takes no more, ever
     */
    void write(byte[] bytes, int length) throws IOException;

    /** The stream has ended. */
    default void end() {}
}
