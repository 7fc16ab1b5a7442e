package io.javisor.core.log;

import static io.javisor.core.host.HostConstants.O_APPEND;
import static io.javisor.core.host.HostConstants.O_CREAT;
import static io.javisor.core.host.HostConstants.O_EXCL;
import static io.javisor.core.host.HostConstants.O_NOCTTY;
import static io.javisor.core.host.HostConstants.O_NOFOLLOW;
import static io.javisor.core.host.HostConstants.O_PATH;
import static io.javisor.core.host.HostConstants.SEEK_END;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.FileLock;
import io.javisor.core.host.FileStatus;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file that is added to, and that can give way to a new one at its path: then it becomes the older of two, whose name has {@value #OLDER_SUFFIX} at
 * its end, and what that held before is gone. Several processes may add to one. Standard error that leads to it goes along.
 *
 * <p>It stays in the directory that was there when it was opened, whatever has that directory's name later; but if that one is removed, it goes on in what
 * is at the path then, is no link and has the same owner. The file is opened first, by its whole path, then the directory: who renames directories on that path in
 * between has the file give way in another one than it lies in.
 *
 * <p>Whoever has it open for reading may take a lock on it against this. After {@value #BUSY_MAX} attempts in a row that found one it gives way all the same:
 * who renames it needs microseconds. Of two that rename at the same time one loses an older file.
 *
 * <p>What is no regular file, such as a pipe or a terminal, never gives way, nor does what is named in {@code /proc} or {@code /dev}, such as
 * {@code /dev/stderr}. For one thread at a time.
 */
public final class RotatedFile implements AutoCloseable {
    /** Of the older file's name. */
    public static final String OLDER_SUFFIX = ".1";

    private static final int STANDARD_ERROR = 2;
    private static final int PERMISSIONS = 0777;
    private static final int ATTEMPTS = 8;

    /** Each adds what one write does to a file that is full. */
    static final int BUSY_MAX = 256;

    /** What became of a file that was to give way. */
    public enum Outcome {
        /** The older one has what it had; a new one takes what comes. */
        ROTATED,
        /** It could not be renamed, so it is empty now and takes what comes. {@link #reason} says why. */
        EMPTIED,
        /** Another process renames it at this moment, or has a lock on it: it takes what comes. */
        BUSY,
        /** Nothing of that could be done, so it has all that it had. {@link #reason} says why. */
        KEPT
    }

    private final String name;
    private final Path path;
    private final Path older;
    private final int flags;
    private final boolean regular;
    private @Nullable Fd directory;
    private Fd fd;
    private @Nullable FileStatus opened; // of fd, once somebody asked
    private String reason = "";
    private int busy; // in a row

    private RotatedFile(String name, Path given, @Nullable Path givenOlder, int flags) {
        this.name = name;
        this.flags = flags | O_APPEND | O_NOCTTY;
        fd = Fd.own(name, Libc.open(given.toString(), this.flags | O_CREAT, 0600));
        path = place(given);
        older = givenOlder == null ? older(path) : givenOlder;
        regular = Files.isRegularFile(path) && isPlace(given.toAbsolutePath().normalize());
        try {
            directory = regular ? openDirectory(path) : null;
        } catch (HostException e) {
            fd.close();
            throw e;
        }
    }

    /** Not through a link: there was none when the path was looked up, and one leads perhaps where somebody else wants. */
    private static Fd openDirectory(Path file) {
        Path directory = Objects.requireNonNull(file.getParent(), file::toString);
        return Fd.own("directory " + directory, Libc.open(directory.toString(), O_PATH | O_NOFOLLOW, 0));
    }

    /** A path that leads into the open directory, whatever its name has become. */
    private Path here(Path file) {
        Fd opened = Objects.requireNonNull(directory, "of a regular file");
        return descriptor(opened.value()).resolve(Objects.requireNonNull(file.getFileName(), file::toString));
    }

    /**
     * Opens it, and makes it, for its owner only, if it is not there.
     *
     * @param name for messages
     * @param path of a link, what that leads to gives way, not the link
     * @param flags of open(2), besides O_CREAT and O_APPEND
     * @throws HostException if it can't be opened
     */
    public static RotatedFile open(String name, Path path, int flags) {
        return new RotatedFile(name, path, null, flags);
    }

    /** As {@link #open(String, Path, int)}, with a name of its own for the older one, in the same directory. */
    public static RotatedFile open(String name, Path path, Path older, int flags) {
        return new RotatedFile(name, path, older, flags);
    }

    /** The file before {@code file}. */
    public static Path older(Path file) {
        return file.resolveSibling(file.getFileName() + OLDER_SUFFIX);
    }

    private static Path place(Path given) {
        try {
            return given.toRealPath();
        } catch (IOException e) { // deleted meanwhile
            return given.toAbsolutePath();
        }
    }

    private static boolean isPlace(Path path) {
        return path.startsWith("/dev/shm") || (!path.startsWith("/dev") && !path.startsWith("/proc"));
    }

    /** Whether it can give way. */
    public boolean isRotatable() {
        return regular;
    }

    /** Where it is: links are followed. */
    public Path path() {
        return path;
    }

    /** Where the one before it is, if there is one. */
    public Path older() {
        return older;
    }

    /** The open descriptor, until the file gives way. */
    public int fd() {
        return fd.value();
    }

    /** How many bytes it has, those of other processes included; 0 if it never gives way. */
    public long sizeBytes() {
        return regular ? Math.max(0, Libc.lseek(fd.value(), 0, SEEK_END)) : 0;
    }

    /** write(2): returns how many bytes were written, or a negated errno. */
    public long write(long dataHva, long count) {
        return Libc.write(fd.value(), dataHva, count);
    }

    /** How many of {@code count} bytes to write where {@code room} are left: all of them where {@link Outcome#BUSY} has left none. */
    public static long fitting(int count, long room) {
        return room > 0 ? Math.min(count, room) : count;
    }

    /** Has standard error lead to it. */
    public void takeStandardError() {
        int _ = Libc.check("dup2", Libc.dup2(fd.value(), STANDARD_ERROR));
    }

    /** Empties it. What is no regular file stays as it is. */
    public void empty() {
        int _ = Libc.ftruncate(fd.value(), 0);
    }

    /** Has it give way. If another process has seen to that already, what comes goes to the new one too. */
    public Outcome rotate() {
        return rotate(true);
    }

    /** As {@link #rotate}, but what can't be renamed is {@link Outcome#KEPT}. */
    public Outcome rotateUnlessLost() {
        return rotate(false);
    }

    private Outcome rotate(boolean mayEmpty) {
        if (!regular) {
            reason = "it is no regular file";
            return Outcome.KEPT;
        }
        int locked = FileLock.tryLock(fd, true);
        if ((locked == -Errno.EAGAIN || locked == -Errno.EACCES) && ++busy < BUSY_MAX) {
            return Outcome.BUSY;
        }
        busy = 0;
        // Without a lock (ENOLCK) others may rename at the same time, and an older file is lost.
        try {
            if (isAtItsPath()) {
                int renamed = Libc.rename(here(path).toString(), here(older).toString());
                if (renamed < 0) {
                    return notRenamed(older + " can't be made: " + Errno.describe(-renamed), mayEmpty);
                }
            }
            replace();
            return Outcome.ROTATED;
        } catch (IOException e) {
            reason = path + " can't be looked at: " + e.getMessage();
        } catch (HostException e) {
            reason = cannotBeOpened(e);
        }
        FileLock.unlock(fd);
        return Outcome.KEPT;
    }

    private Outcome notRenamed(String why, boolean mayEmpty) {
        reason = why;
        boolean emptied = mayEmpty && Libc.ftruncate(fd.value(), 0) == 0;
        FileLock.unlock(fd);
        return emptied ? Outcome.EMPTIED : Outcome.KEPT;
    }

    /**
     * Goes on with what another process has put at its path meanwhile, or with a new one if nothing is there; never with a link, nor with what another
     * user has put there.
     *
     * @return whether what comes goes to what is at its path; {@link #reason} says why not
     */
    public boolean follow() {
        try {
            if (regular && !isAtItsPath()) {
                replace();
            }
            return true;
        } catch (IOException e) {
            reason = path + " can't be looked at: " + e.getMessage();
        } catch (HostException e) {
            reason = cannotBeOpened(e);
        }
        return false;
    }

    private String cannotBeOpened(HostException e) {
        return "a new " + path + " can't be made: " + Errno.describe(e.errno());
    }

    /** Why {@link #rotate} or {@link #follow} did not do all that it was to do; one line. */
    public String reason() {
        return reason;
    }

    /** Goes on with a new file of the same mode, or with one that another process has made; never with what another user has put there. */
    private void replace() throws IOException {
        boolean there = false;
        int result = -Errno.ENOENT;
        // Another process may rename what it has made just now.
        for (int i = 0; i < ATTEMPTS && result == -Errno.ENOENT; i++) {
            String place = here(path).toString();
            result = Libc.open(place, flags | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
            if (result == -Errno.ENOENT) {
                openDirectoryAnew();
            }
            there = result == -Errno.EEXIST;
            result = there ? Libc.open(place, flags | O_NOFOLLOW, 0) : result;
        }
        Fd next = Fd.own(name, result);
        try {
            if (!there) {
                int _ = Libc.fchmod(next.value(), FileStatus.of(fd).mode() & PERMISSIONS);
            } else if (FileStatus.of(next).owner() != Libc.geteuid()) {
                throw new HostException(name, Errno.EACCES);
            }
            takeStandardErrorAlong(next);
        } catch (IOException | RuntimeException e) {
            next.close();
            throw e;
        }
        fd.close(); // with the lock
        fd = next;
        opened = null;
    }

    /** In one that was removed nothing can be made. Of another owner is perhaps what somebody else has put there. */
    private void openDirectoryAnew() throws IOException {
        Fd removed = Objects.requireNonNull(directory, "of a regular file");
        Fd next = openDirectory(path);
        try {
            if (!Files.isDirectory(descriptor(next.value()))) {
                throw new HostException(next.name(), Errno.ENOTDIR);
            }
            if (FileStatus.of(next).owner() != FileStatus.of(removed).owner()) {
                throw new HostException(next.name(), Errno.EACCES);
            }
        } catch (IOException | RuntimeException e) {
            next.close();
            throw e;
        }
        removed.close();
        directory = next;
    }

    private void takeStandardErrorAlong(Fd next) throws IOException {
        Path standardError = descriptor(STANDARD_ERROR);
        if (Files.exists(standardError) && FileStatus.of(standardError).isSameFile(FileStatus.of(fd))) {
            int _ = Libc.dup2(next.value(), STANDARD_ERROR);
        }
    }

    private boolean isAtItsPath() throws IOException {
        FileStatus own = opened;
        if (own == null) {
            own = FileStatus.of(fd);
            opened = own;
        }
        try {
            return FileStatus.of(here(path), LinkOption.NOFOLLOW_LINKS).isSameFile(own);
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static Path descriptor(int fd) {
        return Path.of("/proc/self/fd/" + fd);
    }

    @Override
    public void close() {
        fd.close();
        if (directory != null) {
            directory.close();
        }
    }
}
