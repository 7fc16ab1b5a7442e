package io.javisor.devices.virtio.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.lang.foreign.MemorySegment;

/**
 * Where frames are kept that outlive a call: pooled buffers off the heap. There is one pool a process, made at the first use: netty remembers a
 * pool in each thread that used it for as long as the thread lives, so that one a device would be a leak. Any thread.
 */
public final class FrameStore {
    /** Made when a frame is kept for the first time. */
    private static final class Pool {
        private static final int PAGE_SIZE = 8192;
        /** Chunks of 1 MiB: a frame has 64 KiB at most, and few are kept at a time. */
        private static final int MAX_ORDER = 7;

        /** One arena, off the heap, and nothing cached in threads. */
        static final PooledByteBufAllocator ALLOCATOR =
                new PooledByteBufAllocator(true, 0, 1, PAGE_SIZE, MAX_ORDER, 0, 0, false);
    }

    private FrameStore() {}

    /** A buffer of exactly that size, to be released. */
    public static ByteBuf allocate(int sizeBytes) {
        return Pool.ALLOCATOR.directBuffer(sizeBytes, sizeBytes);
    }

    /** The address of a buffer's first byte. */
    public static long hva(ByteBuf buffer) {
        return buffer.hasMemoryAddress()
                ? buffer.memoryAddress()
                : segment(buffer).address();
    }

    /** A buffer's bytes. */
    static MemorySegment segment(ByteBuf buffer) {
        return MemorySegment.ofBuffer(buffer.nioBuffer(0, buffer.capacity()));
    }
}
