package io.javisor.core.io;

/** What runs the requests of a {@link FileRequests}. All calls come from the event loop's thread. */
interface FileEngine {
    /** Who is told, on the event loop's thread. */
    interface Owner {
        /** A request is over, or is to be queued again, which the callee does. The engine is in the middle of something. */
        void finished(int slot, long result);

        /** The engine is through with what it was doing: {@link #release} may be called. */
        void settled();
    }

    /** For messages. */
    String name();

    /** Queues the request in {@code slot}: there is always room. */
    void queue(int slot);

    /** Starts what is queued, and tells of what is finished. Called from {@link Owner#finished} it does nothing: the engine does it itself. */
    void submit();

    /** Blocks until a request finishes, or the time is over, and tells of those that have. */
    void await(long timeoutNanos);

    /** Gives all resources back. Nothing is in flight. */
    void release();
}
