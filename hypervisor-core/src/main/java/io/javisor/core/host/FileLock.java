package io.javisor.core.host;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A lock on a whole file that belongs to the open file description (fcntl(2), F_OFD_SETLK): it ends with the last descriptor of it, so also with
 * the process however that ends, and two openings in one process exclude each other too. It is advisory, of the kind that QEMU takes on its images.
 */
public final class FileLock {
    private FileLock() {}

    /**
     * Takes the lock, or not; does not wait.
     *
     * @param exclusive whether nobody else may hold one; else others may hold shared ones
     * @return 0, or a negated errno: EAGAIN or EACCES if somebody holds a lock against it, ENOLCK or EINVAL where there are none
     */
    public static int tryLock(Fd file, boolean exclusive) {
        return set(file, type(exclusive));
    }

    /** Gives back what {@link #tryLock} took, if it did. */
    public static void unlock(Fd file) {
        int _ = set(file, HostConstants.F_UNLCK);
    }

    private static int set(Fd file, int type) {
        try (Arena arena = Arena.ofConfined()) {
            return Libc.fcntl(
                    file.value(), HostConstants.F_OFD_SETLK, lock(arena, type).address());
        }
    }

    /**
     * Says what {@link #tryLock} would, and takes nothing: whoever takes a lock at this moment gets it. {@code file} may be open for reading only.
     *
     * @return 0, or a negated errno: EAGAIN if somebody holds a lock against it, EINVAL where there are none
     */
    public static int test(Fd file, boolean exclusive) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment lock = lock(arena, type(exclusive));
            int result = Libc.fcntl(file.value(), HostConstants.F_OFD_GETLK, lock.address());
            if (result < 0) {
                return result;
            }
            boolean free = lock.get(ValueLayout.JAVA_SHORT, FlockLayout.L_TYPE_OFFSET) == HostConstants.F_UNLCK;
            return free ? 0 : -Errno.EAGAIN;
        }
    }

    private static int type(boolean exclusive) {
        return exclusive ? HostConstants.F_WRLCK : HostConstants.F_RDLCK;
    }

    /** Start and length are 0, from the file's start: all of it, however it grows. */
    private static MemorySegment lock(Arena arena, int type) {
        MemorySegment lock = arena.allocate(FlockLayout.SIZE, Long.BYTES);
        lock.set(ValueLayout.JAVA_SHORT, FlockLayout.L_TYPE_OFFSET, (short) type);
        return lock;
    }
}
