package io.javisor.firmware.image;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * What one bzImage's kernel was decompressed to, kept from an earlier start. It never fails: what can't be kept is decompressed again.
 * Called by one thread.
 */
public interface KernelCache {
    /** Keeps nothing. */
    KernelCache NONE = new KernelCache() {
        @Override
        public @Nullable MemorySegment find(long sizeBytes) {
            return null;
        }

        @Override
        public void store(MemorySegment kernel) {
            // nothing is kept
        }
    };

    /**
     * The decompressed kernel as it was stored.
     *
     * @param sizeBytes what the bzImage declares, and what the result has
     * @return the caller's own: what is written there changes nothing that is kept; lasts as long as the bzImage's mapping. Null if
     *     there is none
     */
    @Nullable
    MemorySegment find(long sizeBytes);

    /** Keeps {@code kernel}, all of it, as it is now. */
    void store(MemorySegment kernel);
}
