package io.javisor.core.host;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** {@code struct pollfd} of {@code asm-generic/poll.h}, an element of the array that {@link Libc#poll} takes. Nothing here allocates but {@link #allocate}. */
public final class PollfdLayout {
    public static final int SIZE = 8;

    /** 4 bytes: the descriptor; poll(2) passes over a negative one. */
    public static final int FD_OFFSET = 0;

    /** 2 bytes: what is awaited, such as {@link HostConstants#POLLIN}. */
    public static final int EVENTS_OFFSET = 4;

    /** 2 bytes: what the last poll(2) found. */
    public static final int REVENTS_OFFSET = 6;

    private PollfdLayout() {}

    /** Makes an array of {@code count} elements, all zero, outside the heap. */
    public static MemorySegment allocate(Arena arena, int count) {
        return arena.allocate((long) SIZE * count, Integer.BYTES);
    }

    /** Has the element {@code index} of an array await {@code events}, of which nothing was found yet. */
    public static void set(MemorySegment array, int index, int fd, int events) {
        long offset = (long) index * SIZE;
        array.set(ValueLayout.JAVA_INT, offset + FD_OFFSET, fd);
        array.set(ValueLayout.JAVA_SHORT, offset + EVENTS_OFFSET, (short) events);
        array.set(ValueLayout.JAVA_SHORT, offset + REVENTS_OFFSET, (short) 0);
    }

    /** What the element {@code index} of an array awaits. */
    public static int events(MemorySegment array, int index) {
        return Short.toUnsignedInt(array.get(ValueLayout.JAVA_SHORT, (long) index * SIZE + EVENTS_OFFSET));
    }

    /** What the last poll(2) found for the element {@code index} of an array; 0 for nothing. */
    public static int revents(MemorySegment array, int index) {
        return Short.toUnsignedInt(array.get(ValueLayout.JAVA_SHORT, (long) index * SIZE + REVENTS_OFFSET));
    }
}
