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
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment lock = arena.allocate(FlockLayout.SIZE, Long.BYTES);
            short type = (short) (exclusive ? HostConstants.F_WRLCK : HostConstants.F_RDLCK);
            lock.set(ValueLayout.JAVA_SHORT, FlockLayout.L_TYPE_OFFSET, type);
            // Start and length 0 from the file's start: all of it, however it grows.
            return Libc.fcntl(file.value(), HostConstants.F_OFD_SETLK, lock.address());
        }
    }
}
