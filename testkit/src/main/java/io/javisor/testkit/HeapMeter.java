package io.javisor.testkit;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Counts what this thread allocates on the heap. */
public final class HeapMeter {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final long before = THREADS.getCurrentThreadAllocatedBytes();

    private HeapMeter() {}

    public static HeapMeter start() {
        return new HeapMeter();
    }

    /** Bytes allocated since the start. */
    public long bytes() {
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    /** Fails if more than {@code limit} bytes were allocated since the start. */
    public void requireAtMost(long limit) {
        long allocated = bytes();
        if (allocated > limit) {
            throw new AssertionError("allocated " + allocated + " bytes; " + limit + " are the limit");
        }
    }
}
