package io.javisor.devices.backend;

import java.lang.foreign.MemorySegment;

/**
 * The host's end of a serial line.
 *
 * <p>{@link #read} and {@link #write} are called under the port's lock, on vCPU threads: they never block,
 * allocate nothing and never call the {@link Listener} themselves. The listener is called from the event loop or the worker
 * pool, by whoever holds no lock of the backend.
 */
public interface SerialBackend extends AutoCloseable {
    /** {@link #read} has nothing now. */
    int NOTHING = -1;

    /** {@link #read} has a break instead of a byte. */
    int BREAK = 0x100;

    /** Who is told when the host side has changed. */
    interface Listener {
        /** {@link #read} has something again. */
        void inputAvailable();

        /** After a {@link #write} that returned false: room again. */
        void outputDrained();
    }

    /** Connects the port and starts to take input. Called once. */
    void attach(Listener listener);

    /** The next byte (0 to 255) for the guest, {@link #BREAK} or {@link #NOTHING}. What is not asked for waits. */
    int read();

    /**
     * Takes a byte from the guest, also when the last call returned false. Where there is no room for it, the oldest that a slow reader
     * has not had yet is lost to that, and counted.
     *
     * @return whether the guest may go on; if not, {@link Listener#outputDrained} follows
     */
    boolean write(int value);

    /**
     * Takes {@code count} bytes from the guest, valid during the call only.
     *
     * @param count may be 0, to ask without writing
     * @return as for {@link #write(int)}
     */
    boolean write(MemorySegment data, long dataOffset, int count);

    /** Gives up at once what is not written yet, and the backend's resources. Idempotent. The descriptors stay open. */
    @Override
    void close();
}
