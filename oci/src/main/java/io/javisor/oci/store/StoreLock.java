package io.javisor.oci.store;

import static io.javisor.core.host.HostConstants.O_CREAT;
import static io.javisor.core.host.HostConstants.O_NOFOLLOW;
import static io.javisor.core.host.HostConstants.O_RDWR;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.FileLock;
import io.javisor.core.host.FileStatus;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import io.javisor.oci.OciException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * An exclusive lock by a file's name, against other threads and other processes. It ends with its process, however that ends, so none is ever stale. The file is empty,
 * and may be removed by whoever has the lock.
 */
public final class StoreLock implements AutoCloseable {
    private static final long POLL_MILLIS_MIN = 1;
    private static final long POLL_MILLIS_MAX = 50;

    private final Fd fd;
    private final Path file;
    private final boolean removed;

    private StoreLock(Fd fd, Path file, boolean removed) {
        this.fd = fd;
        this.file = file;
        this.removed = removed;
    }

    /**
     * Takes the lock as soon as it is free.
     *
     * @param removed whether the file goes when the lock is given back
     * @param waiting called once, if it is not free
     * @throws OciException in one line, if there can't be one, or the thread is interrupted
     */
    static StoreLock take(Path file, boolean removed, Runnable waiting) {
        return take(file, removed, 0, waiting);
    }

    /**
     * As above.
     *
     * @param patienceMillis for how long, about, nothing is said
     */
    static StoreLock take(Path file, boolean removed, long patienceMillis, Runnable waiting) {
        Optional<StoreLock> lock = tryTake(file, removed);
        long waited = 0;
        boolean told = false;
        // Asked again and again, as a call that waits could not be interrupted.
        for (long millis = POLL_MILLIS_MIN; lock.isEmpty(); millis = Math.min(millis * 2, POLL_MILLIS_MAX)) {
            if (!told && waited >= patienceMillis) {
                told = true;
                waiting.run();
            }
            waited += millis;
            try {
                Thread.sleep(millis);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new OciException("interrupted while another javisor has " + file, e);
            }
            lock = tryTake(file, removed);
        }
        return lock.get();
    }

    /** Takes the lock, or not if somebody has it. */
    static Optional<StoreLock> tryTake(Path file, boolean removed) {
        Fd fd = null;
        try {
            fd = Fd.own("lock " + file, Libc.open(file.toString(), O_RDWR | O_CREAT | O_NOFOLLOW, 0600));
            int result = FileLock.tryLock(fd, true);
            if (result == 0 && isAt(file, fd)) {
                StoreLock lock = new StoreLock(fd, file, removed);
                fd = null;
                return Optional.of(lock);
            }
            if (result < 0 && result != -Errno.EAGAIN && result != -Errno.EACCES) {
                throw new HostException("fcntl(" + file + ", F_OFD_SETLK)", -result);
            }
            return Optional.empty();
        } catch (HostException e) {
            throw Failures.of("lock", file, e);
        } catch (IOException e) {
            throw Failures.of("lock", file, e);
        } finally {
            if (fd != null) {
                fd.close();
            }
        }
    }

    /** Whoever had it before may have removed the file: a lock on that one is worth nothing. */
    private static boolean isAt(Path file, Fd fd) throws IOException {
        try {
            return FileStatus.of(file).isSameFile(FileStatus.of(fd));
        } catch (NoSuchFileException _) {
            return false;
        }
    }

    /** The file is removed first: who has it open finds out, and who comes makes a new one. */
    @Override
    public void close() {
        try {
            if (removed) {
                Files.deleteIfExists(file);
            }
        } catch (IOException _) {
            // It is empty, and the next one to have the lock removes it.
        } finally {
            fd.close();
        }
    }
}
