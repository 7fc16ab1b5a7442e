package io.javisor.emulator.system;

import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.StateLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Makes a vCPU look up: a flag in its state, which emitted code polls, and a place to wait while nothing is to be executed. A raise is
 * not lost: it is seen before the next instruction, or it ends the wait, also one that begins afterwards.
 */
public final class Attention {
    /** No time limit. */
    public static final long NEVER = -1;

    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    private final MemorySegment block;
    private volatile @Nullable Thread waiting;

    public Attention(CpuBlock cpu) {
        block = cpu.segment();
    }

    /** Any thread. What was written before is seen by the vCPU when it looks. */
    public void raise() {
        INT.setVolatile(block, (long) StateLayout.ATTENTION_OFFSET, 1);
        Thread thread = waiting;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }

    /** The vCPU's thread: whether somebody raised it since the last call. What comes afterwards raises it again. */
    public boolean take() {
        if ((int) INT.getOpaque(block, (long) StateLayout.ATTENTION_OFFSET) == 0) {
            return false;
        }
        // A full fence: what the raiser wrote before is read after this.
        return (int) INT.getAndSet(block, (long) StateLayout.ATTENTION_OFFSET, 0) != 0;
    }

    /**
     * Waits until it is raised, on the vCPU's thread; the raise stays to be taken. An interrupted thread does not wait.
     *
     * @param nanos the longest time, or {@link #NEVER}
     */
    public void await(long nanos) {
        long end = System.nanoTime() + nanos;
        waiting = Thread.currentThread();
        try {
            // raise() writes the flag, then reads the thread; here it is the other way round, so that one of the two
            // sees the other.
            while ((int) INT.getVolatile(block, (long) StateLayout.ATTENTION_OFFSET) == 0
                    && !Thread.currentThread().isInterrupted()) {
                if (nanos == NEVER) {
                    LockSupport.park(this);
                } else {
                    long left = end - System.nanoTime();
                    if (left <= 0) {
                        return;
                    }
                    LockSupport.parkNanos(this, left);
                }
            }
        } finally {
            waiting = null;
        }
    }
}
