package io.javisor.devices.virtio.queue;

/**
 * The device's side of a virtqueue, whatever its ring looks like (split or packed). Three calls serve a request:
 *
 * <ol>
 *   <li>{@link #take} the next chain that the driver made available;
 *   <li>{@link #complete} it, in any order, with the bytes that were written into it;
 *   <li>after one or a batch of completions, {@link #needsNotification} decides whether the driver is to be interrupted.
 * </ol>
 *
 * <p>A handler that has emptied the queue asks for doorbells again with {@link #enableDoorbell} and goes on if that says that
 * another chain came meanwhile. While it works {@link #disableDoorbell} saves the guest its doorbells:
 *
 * <pre>{@code
 * do {
 *     queue.disableDoorbell();
 *     while (room() && queue.take(chain)) { start(chain); }
 * } while (room() && queue.enableDoorbell());
 * }</pre>
 *
 * <p>How much is taken before others on the loop have a turn is the queue's own affair ({@link TurnAllowance}): when that is spent it says that there is
 * nothing more, and its handler is called again.
 *
 * <p>A ring that breaks the specification (a loop, an index jump, an address that is not RAM) makes the queue
 * {@linkplain #isBroken broken}: it gives no more chains, and what is completed is dropped. Nothing is thrown; who owns the queue is told once
 * through its {@link QueueFaults}. Every chain that was taken is of RAM alone and within the legal length.
 *
 * <p>For one thread, the device's event loop. Allocates nothing after it was made.
 */
public interface Virtqueue {
    /** The number of descriptors, as the driver chose it: 1 to 32768. */
    int size();

    /**
     * Takes the next available chain.
     *
     * @param chain filled in; its capacity is at least {@link #size}
     * @return false if there is none in this turn, or the queue is broken; {@code chain} is empty then
     */
    boolean take(DescriptorChain chain);

    /** Whether the last {@link #take} gave none because the turn is over: there is one, and the queue's handler is called again for it. */
    boolean isTurnOver();

    /**
     * Puts the chain that was taken last back, so that the next {@link #take} gives it again. For a device that finds that it has no room for it.
     * Only the last one taken, and only before another call.
     */
    void putBack();

    /**
     * Puts the {@code count} chains back that were taken last: of these and those before them none is completed out of turn. The descriptors that
     * were walked for them stay counted.
     */
    void putBack(int count);

    /**
     * Fills in a chain that was taken before and is in flight: for a device that was restored.
     *
     * @param token the chain's
     * @return false if the queue is broken
     */
    boolean retake(int token, DescriptorChain chain);

    /**
     * Gives a chain back to the driver.
     *
     * @param token {@link DescriptorChain#token} of the chain, which may have been refilled since
     * @param writtenBytes how many bytes were written to its device-writable part, from its start on
     */
    void complete(int token, long writtenBytes);

    /** As {@link #complete}, but the driver does not see it before {@link #publish}: for several chains that are one thing to it. */
    void stage(int token, long writtenBytes);

    /** Lets the driver see, all at once, what was staged. */
    void publish();

    /**
     * Whether the driver wants an interrupt for what was completed since the last call that said yes, by the ring's flags or event index.
     * To be called after a batch; true means that the caller notifies now.
     */
    boolean needsNotification();

    /** Tells the driver that it need not ring for what it makes available. A hint. */
    void disableDoorbell();

    /**
     * Tells the driver to ring for the next chain.
     *
     * @return true if there is one already, for which the driver may not have rung, and which may be taken in this turn
     */
    boolean enableDoorbell();

    /** Whether the ring broke the specification. Only a reset mends it. */
    boolean isBroken();

    /** What can be saved between two requests; in-flight chains are the device's to remember. */
    QueueState save();
}
