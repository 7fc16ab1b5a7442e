package io.javisor.devices.virtio;

import io.javisor.devices.virtio.queue.Virtqueue;
import java.util.Map;

/**
 * A virtio device without its transport: features, configuration space, queue handlers, reset. What all devices share (status,
 * feature negotiation, queue set-up and its checks) is {@code VirtioFunction}'s; where registers lie and how interrupts travel is a
 * transport's.
 *
 * <p>Threads: everything is called on the device's event loop, one call at a time, but for {@link #readConfig}, {@link #writeConfig}
 * and {@link #configGeneration}, which come from vCPU threads at any time, and the constant methods. No call blocks.
 *
 * <p>To a machine it is a {@link io.javisor.devices.Device} together with its transport.
 *
 * <p>A device starts requests in {@link #queueNotified} and completes them there or later, in any order. What a guest does wrong is never thrown.
 *
 * @param <S> its own state, without its registers and queues
 */
public interface VirtioDevice<S> extends AutoCloseable {
    /** The device's id (virtio 1.2 §5): 1 network, 2 block, 4 entropy, … */
    int deviceId();

    /** For messages and thread names: {@code net0}, {@code disk0}. */
    String id();

    /** What it is, for sums over all devices of a kind: {@code net}, {@code disk}. Constant. */
    String kind();

    /**
     * The mask of the features that it offers, those of its own kind only (bits 0 to 23 and 50 to 127 are a device's; rings and
     * transport add theirs). Constant for a life.
     */
    long features();

    /**
     * Whether it can work with that choice of what was offered, where one of its features needs another (virtio 1.2 §2.2.2). Constant, on any
     * thread. With false FEATURES_OK stays clear.
     *
     * @param features a subset of what was offered, rings and transport included
     */
    default boolean accepts(long features) {
        return true;
    }

    /** How many queues it has, at least 1. Constant. */
    int queueCount();

    /** The largest size of a queue that it can serve: a power of two, at most 32768. Constant. */
    int queueMaxSize(int index);

    /**
     * The most chains of that queue that are taken before others on the loop have a turn, 1 to {@value DeviceTurn#CHAINS}. All queues of a device share a
     * turn: a chain of this one counts for as many of another's as fit in its place. Constant, on any thread.
     *
     * @param features what was negotiated
     */
    default int chainsPerTurn(int index, long features) {
        return DeviceTurn.CHAINS;
    }

    /** The size of its configuration space in bytes. Constant. */
    int configSizeBytes();

    /**
     * Reads the configuration space. {@code offset + size} lies in it, {@code size} is 1, 2, 4 or 8.
     *
     * @param features what was negotiated by now; 0 before FEATURES_OK
     */
    long readConfig(int offset, int size, long features);

    /** Writes the configuration space; for fields that are not the driver's to write it does nothing but count. */
    void writeConfig(int offset, int size, long value, long features);

    /** Changes whenever several fields of the configuration space changed together (virtio 1.2 §2.5.1). */
    int configGeneration();

    /**
     * DRIVER_OK: the driver has set everything up. Buffers may be there already, so each queue is looked at.
     *
     * @param link how the device reaches its driver until the next {@link #reset}
     */
    void activate(VirtioLink link);

    /** The driver rang the doorbell of a queue that is ready, or it is the queue's turn again. May come when there is nothing to do. */
    void queueNotified(int index);

    /**
     * The driver resets one queue (virtio 1.2 §2.6.1): no chain of it is taken or completed from now on.
     *
     * @param done to be run, on the loop, once nothing that was taken from it is in flight any more; at once if that is so
     */
    void resetQueue(int index, Runnable done);

    /** The driver has enabled a queue again after {@link #resetQueue}; {@link VirtioLink#queue} has the new one. */
    void queueEnabled(int index, Virtqueue queue);

    /**
     * The driver resets the device. Also called before {@link #close}, and on a device that is not active. Afterwards it is as new.
     *
     * @param done to be run, on the loop, once nothing is in flight any more and no guest memory is lent; at once if that is so
     */
    void reset(Runnable done);

    /** The state at this moment. On the loop, while no vCPU runs, before that of the function is saved. */
    S save();

    /** Takes a saved state over, before it is activated. On the loop. */
    void restore(S state);

    /**
     * The machine pauses. From the end of this call on the device finds no queue any more ({@link VirtioLink#queue}), whoever calls it, so it takes and
     * begins nothing; what it took ahead goes back now. What is in flight at the host's end goes on, and is completed in the queue that it
     * was taken from. Not called twice without a {@link #resume}; may be called on a device that is not active.
     *
     * @param done to be run, on the loop, once nothing that is in flight touches guest memory any more; at once if that is so
     */
    default void pause(Runnable done) {
        done.run();
    }

    /**
     * Goes on after {@link #pause}, or after {@link #save} if the machine does. On the loop. After a pause {@link #queueNotified} is called for each queue that
     * is ready.
     */
    default void resume() {}

    /** What it has counted of its own, by name. Any thread. */
    Map<String, Long> counters();

    /** What it has counted of its own for a queue, by name. Any thread. */
    default Map<String, Long> queueCounters(int index) {
        return Map.of();
    }

    /** Gives the host's resources back. After a {@link #reset} whose end was seen; called once. */
    @Override
    void close();
}
