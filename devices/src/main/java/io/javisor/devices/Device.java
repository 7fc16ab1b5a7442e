package io.javisor.devices;

/**
 * The one face that devices of every kind show to the machine that has them; how a guest reaches one is its own affair.
 *
 * <p>{@link #id} and {@link #statistics} may be called by any thread at any time until {@link #close}. All else is for one thread, not the event
 * loop's, while no vCPU runs.
 *
 * @param <S> the state that a snapshot stores: a record with a version and without descriptors or addresses of the host
 */
public interface Device<S extends Record> extends AutoCloseable {
    /** Its name in the machine, unique there: {@code com1}, {@code disk0}. Constant. */
    String id();

    /** What it is, for sums over all devices of a kind: {@code serial}, {@code disk}. Constant. */
    String kind();

    /**
     * Makes it stand still, after the vCPUs and before the machine's clock, whose timers stand then too. When this returns it does not touch the
     * guest's memory any more, and the host's input, frames and presses of a button wait outside. A virtio device takes no more from its queues and
     * waits for what is in flight at the host's end. Nothing is lost: what comes meanwhile, and what was asked for and not yet begun, is seen to after
     * {@link #resume}. Does nothing the second time. A device that is paused can be saved, restored, reset and closed.
     *
     * @throws io.javisor.core.host.HostException if the host does not finish in time what is in flight; {@link #resume} takes the pause back
     */
    default void pause() throws InterruptedException {}

    /** Lets it go on after {@link #pause}, after the machine's clock and before the vCPUs; does not wait. Does nothing without a pause. */
    default void resume() {}

    /** As after power-on. What it has counted stays. */
    void reset();

    /** The state at this moment, without what is under way at the host's end. */
    S save();

    /** Takes a saved state over; interrupt lines follow it. To be called on a device that is new. */
    void restore(S state);

    /** What it has counted since it was made; or, if it was handed its counters by its maker, what they count. */
    DeviceStatistics statistics();

    /** Gives the host's resources back. Once; no other call comes after it. */
    @Override
    default void close() {}
}
