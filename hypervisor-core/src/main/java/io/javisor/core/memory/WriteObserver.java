package io.javisor.core.memory;

/**
 * Is told what was written to guest memory by devices and whoever else uses {@link GuestMemory}; the guest's own writes are the engine's.
 * Called on any thread, right after the write, or when a lease is released; never blocks, throws nothing and allocates nothing.
 */
@FunctionalInterface
public interface WriteObserver {
    /** {@code length} > 0 bytes from {@code gpa}, all of one region, may have changed. */
    void written(long gpa, long length);
}
