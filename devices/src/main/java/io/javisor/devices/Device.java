package io.javisor.devices;

/**
 * The one face that devices of every kind show to the machine that has them; how a guest reaches one is its own affair.
 *
 * <p>{@link #id} and {@link #statistics} may be called by any thread at any time until {@link #close}. All else is for one thread, not the event
 * loop's, while no vCPU runs.
 *
 * @param <S> the state that a snapshot stores: a record with a version and without descriptors or addresses of the host
 */
public interface Device<S> extends AutoCloseable {
    /** Its name in the machine, unique there: {@code com1}, {@code disk0}. Constant. */
    String id();

    /** What it is, for sums over all devices of a kind: {@code serial}, {@code disk}. Constant. */
    String kind();

    /**
     * Makes it stand still: no timer of it expires, and a serial port takes no input. What it is owed by then is kept. Does nothing the second time; nor for
     * virtio devices, whose requests and frames go on.
     */
    default void pause() {}

    /** Lets it go on after {@link #pause}, just before vCPUs do; does nothing without. */
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
