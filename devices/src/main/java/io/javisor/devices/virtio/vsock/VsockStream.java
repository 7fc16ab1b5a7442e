package io.javisor.devices.virtio.vsock;

import io.javisor.core.memory.MemoryLease;

/**
 * The host's end of one connection: a stream of bytes each way, each of which ends by itself. On the device's event loop; no call blocks, none calls its
 * listener, and in steady state none allocates.
 */
public interface VsockStream {
    /** Who is told when the host's end has changed. On the loop, never from within a call. */
    interface Listener {
        /** After {@link #awaitInput}: there may be input, or its end. */
        void readable();

        /** So many bytes that waited have left for the host. */
        void written(int bytes);

        /** Nobody is at the other end any more: what is written from now on is lost. Input that came before may be left. Once. */
        void hungUp();
    }

    /**
     * Takes the stream in use. Nothing is read before {@link #awaitInput}.
     *
     * @param bufferBytes the most that waits for the host at a time: who writes sees to that
     */
    void attach(Listener listener, int bufferBytes);

    /** The guest has taken the connection that the host asked for, which has that port at the host's end. */
    void accepted(int hostPort);

    /**
     * Reads what there is.
     *
     * @return how many bytes; 0 at the end of the input; -EAGAIN if there is nothing now, or another negated errno
     */
    long read(MemoryLease room);

    /** Asks for one {@link Listener#readable}. */
    void awaitInput();

    /**
     * Takes all of {@code data}; what the host does not take at once is copied, and waits its turn.
     *
     * @return how many bytes have left at once; or a negated errno if nobody is at the other end
     */
    long write(MemoryLease data);

    /** Nothing more is written: the other end is told after what waits. */
    void endOutput();

    /** Nothing more is read: what the other end writes from now on is refused. */
    void endInput();

    /** Gives the stream back, which writes what waits and then closes by itself. Nobody is told any more; the last call. */
    void finish();
}
