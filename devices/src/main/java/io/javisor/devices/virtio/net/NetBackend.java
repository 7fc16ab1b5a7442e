package io.javisor.devices.virtio.net;

/**
 * Where a network device's frames go on the host. On the device's event loop, one call at a time; no call blocks, and none allocates in steady
 * state. Each pair of queues is on its own.
 */
public interface NetBackend extends AutoCloseable {
    /** A result of {@link #send} and {@link #receive}: the host's side is no more, and will not be again. */
    long GONE = Long.MIN_VALUE;

    /** Who is told when the host's side has changed. On the loop, never from within a call. */
    interface Listener {
        /** After {@link #awaitReceive}: there may be a frame. */
        void receivable(int pair);

        /** After {@link #awaitSend}: there may be room. */
        void sendable(int pair);

        /** The host's side is no more, {@code why} in a few words. */
        void gone(String why);
    }

    /** The {@link NetProtocol#HOST_OFFLOADS} and {@link NetProtocol#GUEST_OFFLOADS} that it can do. Constant. */
    long offloads();

    /** How many pairs of queues it has, at least 1. Constant. */
    int queuePairs();

    /** Whether a {@code virtio_net_hdr_v1} precedes each frame. If not, it has no offloads either. Constant. */
    boolean hasHeader();

    /** Who is told from now on, instead of whoever was before. Any thread; it outlives the devices of a machine's lives, one after the other. */
    void attach(Listener listener);

    /** Nobody is told any more. Any thread. */
    void detach();

    /** Why it is gone, in a few words, if it is. */
    String goneReason();

    /**
     * Sends a frame, after its header if it {@linkplain #hasHeader has one}. What {@code frame} points to is lent until this returns.
     *
     * @return 0 or more if it was taken; -EAGAIN if there is no room now; {@link #GONE}; another negated errno if this frame was refused
     */
    long send(int pair, FrameVector frame);

    /**
     * Receives a frame, after its header if it has one.
     *
     * @param room where to; holds the longest frame
     * @return its length in bytes, with the header; -EAGAIN if there is none now; {@link #GONE}; or another negated errno
     */
    long receive(int pair, FrameVector room);

    /** Asks for one {@link Listener#sendable}. */
    void awaitSend(int pair);

    /** Asks for one {@link Listener#receivable}. */
    void awaitReceive(int pair);

    /**
     * Says what may be left to the guest in frames that come from now on.
     *
     * @param guestOffloads a part of {@link #offloads}
     * @return 0 or a negated errno
     */
    int setOffloads(long guestOffloads);

    /**
     * Says in how many pairs, from the first on, frames are to come.
     *
     * @return 0 or a negated errno
     */
    int setQueuePairs(int count);

    /** Gives what it has made back; descriptors that it was handed stay their owner's. For who made it. */
    @Override
    void close();
}
