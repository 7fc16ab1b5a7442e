package io.javisor.core.io;

import io.javisor.core.host.Fd;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The requests of a file that are in flight: a table of places, made once, used again and again. For the event loop's thread. */
final class FileRequests {
    private final @Nullable Fd[] files;
    private final FileOperation[] operations;
    private final long[] offsets;
    private final long[] addresses;
    private final int[] lengths;
    private final int[] flags;
    private final long[] mosts;
    private final long[] tokens;
    private final boolean[] large;
    private final boolean[] refused;
    private final int[] free;
    private int freeCount;

    FileRequests(int depth) {
        files = new Fd[depth];
        operations = new FileOperation[depth];
        Arrays.fill(operations, FileOperation.READV);
        offsets = new long[depth];
        addresses = new long[depth];
        lengths = new int[depth];
        flags = new int[depth];
        mosts = new long[depth];
        tokens = new long[depth];
        large = new boolean[depth];
        refused = new boolean[depth];
        free = new int[depth];
        for (int slot = 0; slot < depth; slot++) {
            free[slot] = slot;
        }
        freeCount = depth;
    }

    int depth() {
        return free.length;
    }

    int inFlight() {
        return free.length - freeCount;
    }

    /**
     * Takes a place.
     *
     * @param file what it is asked of
     * @param address of the iovecs; for FALLOCATE the length of the range
     * @param length the number of iovecs; for FALLOCATE its mode
     * @param flags {@code RWF_…}, for WRITEV
     * @param large whether it copies more than the loop should
     * @return its slot, or -1 if all are taken
     */
    int add(
            Fd file,
            FileOperation operation,
            long offset,
            long address,
            int length,
            int flags,
            boolean large,
            long token) {
        if (freeCount == 0) {
            return -1;
        }
        int slot = free[--freeCount];
        files[slot] = file;
        operations[slot] = operation;
        mosts[slot] = Long.MAX_VALUE;
        offsets[slot] = offset;
        addresses[slot] = address;
        lengths[slot] = length;
        this.flags[slot] = flags;
        this.large[slot] = large;
        tokens[slot] = token;
        refused[slot] = false;
        return slot;
    }

    void remove(int slot) {
        free[freeCount++] = slot;
    }

    Fd file(int slot) {
        return Objects.requireNonNull(files[slot]);
    }

    FileOperation operation(int slot) {
        return operations[slot];
    }

    long offset(int slot) {
        return offsets[slot];
    }

    long address(int slot) {
        return addresses[slot];
    }

    int length(int slot) {
        return lengths[slot];
    }

    int flags(int slot) {
        return flags[slot];
    }

    /** What its result may be at most. */
    long most(int slot) {
        return mosts[slot];
    }

    void setMost(int slot, long most) {
        mosts[slot] = most;
    }

    long token(int slot) {
        return tokens[slot];
    }

    boolean isLarge(int slot) {
        return large[slot];
    }

    /** Whether it was answered with EAGAIN once. */
    boolean refused(int slot) {
        return refused[slot];
    }

    void setRefused(int slot) {
        refused[slot] = true;
    }
}
