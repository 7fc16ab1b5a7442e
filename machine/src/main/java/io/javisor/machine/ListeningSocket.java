package io.javisor.machine;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import io.javisor.core.host.UnixSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A listening Unix socket with a path that only its owner can use. It takes the place of one that a process of ours left behind, and of
 * nothing else. Closing it removes the path, unless something else lies there by then.
 */
final class ListeningSocket implements AutoCloseable {
    private static final int OWNER_ONLY = 0600;

    // sys/stat.h
    private static final int S_ISVTX = 01000;
    private static final int S_IWGRP = 00020;
    private static final int S_IWOTH = 00002;
    private static final int S_IFMT = 0170000;
    private static final int S_IFSOCK = 0140000;
    private static final int S_IFDIR = 0040000;

    /** What of stat(2) is asked for. */
    private record FileStatus(int owner, int mode, Object device, Object inode) {
        static FileStatus of(Path file, LinkOption... options) throws IOException {
            Map<String, Object> attributes = Files.readAttributes(file, "unix:uid,mode,dev,ino", options);
            return new FileStatus(
                    (int) get(attributes, "uid"),
                    (int) get(attributes, "mode"),
                    get(attributes, "dev"),
                    get(attributes, "ino"));
        }

        private static Object get(Map<String, Object> attributes, String name) {
            return Objects.requireNonNull(attributes.get(name), name);
        }

        boolean isSocket() {
            return (mode & S_IFMT) == S_IFSOCK;
        }

        boolean isDirectory() {
            return (mode & S_IFMT) == S_IFDIR;
        }

        boolean isSameFile(FileStatus other) {
            return device.equals(other.device) && inode.equals(other.inode);
        }
    }

    private final Path path;
    private final Fd fd;
    private final FileStatus made;

    private ListeningSocket(Path path, Fd fd, FileStatus made) {
        this.path = path;
        this.fd = fd;
        this.made = made;
    }

    /**
     * Listens at {@code path}.
     *
     * @throws ConfigException if the path is too long, in use, something else, or in a directory where others could replace it
     */
    static ListeningSocket open(Path path) {
        int length = UnixSocket.pathBytes(path.toString());
        if (length > UnixSocket.MAX_PATH_BYTES) {
            throw refused(
                    path,
                    "has a path of " + length + " bytes; a socket's may have " + UnixSocket.MAX_PATH_BYTES
                            + ", so give a shorter or a relative one",
                    null);
        }
        try {
            requireOwnDirectory(path);
            removeStale(path);
            Fd fd = UnixSocket.listen(path.toString(), OWNER_ONLY);
            try {
                return new ListeningSocket(path, fd, FileStatus.of(path, LinkOption.NOFOLLOW_LINKS));
            } catch (IOException | RuntimeException e) {
                fd.close();
                throw e;
            }
        } catch (HostException e) {
            throw refused(
                    path,
                    e.errno() == Errno.EACCES
                            ? "can't be made: no permission to write to its directory"
                            : "can't be made: " + Errno.describe(e.errno()),
                    e);
        } catch (IOException e) {
            throw refused(path, "can't be made: " + e, e);
        }
    }

    /** Whoever may write to the directory could put another socket in the place of ours, and be taken for the guest. */
    private static void requireOwnDirectory(Path path) throws IOException {
        Path directory = path.toAbsolutePath().normalize().getParent();
        if (directory == null) {
            throw refused(path, "is a directory; give a path in it", null);
        }
        FileStatus status;
        try {
            status = FileStatus.of(directory);
        } catch (NoSuchFileException | NotDirectoryException e) {
            throw refused(path, "can't be made: there is no directory " + directory, e);
        }
        if (!status.isDirectory()) {
            throw refused(path, "can't be made: " + directory + " is not a directory", null);
        }
        String objection = objection(status.owner(), status.mode(), Libc.geteuid());
        if (objection != null) {
            throw refused(path, "would be in " + directory + ", " + objection + "; choose a directory of yours", null);
        }
    }

    /** What is wrong with a directory, or null. */
    static @Nullable String objection(int owner, int mode, int user) {
        if (owner != user && owner != 0) {
            return "which belongs to user " + owner;
        }
        if ((mode & S_ISVTX) == 0 && (mode & S_IWOTH) != 0) {
            return "which everybody may write to";
        }
        if ((mode & S_ISVTX) == 0 && (mode & S_IWGRP) != 0 && owner != user) {
            return "which a group may write to";
        }
        return null;
    }

    private static void removeStale(Path path) throws IOException {
        FileStatus status;
        try {
            status = FileStatus.of(path, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return;
        }
        if (!status.isSocket()) {
            throw refused(path, "exists and is not a socket; remove it or choose another path", null);
        }
        if (status.owner() != Libc.geteuid()) {
            throw refused(path, "exists and belongs to user " + status.owner(), null);
        }
        try {
            UnixSocket.connect(path.toString()).close();
        } catch (HostException e) {
            if (e.errno() == Errno.ECONNREFUSED) { // nobody has it open: it was left behind
                Files.deleteIfExists(path);
                return;
            }
            if (e.errno() != Errno.EAGAIN) { // its queue is full, so somebody has
                throw e;
            }
        }
        throw refused(path, "is in use by a process that runs; end that or choose another path", null);
    }

    private static ConfigException refused(Path path, String reason, @Nullable Throwable cause) {
        String message = "serial socket " + path + " " + reason;
        return cause == null ? new ConfigException(message) : new ConfigException(message, cause);
    }

    Fd fd() {
        return fd;
    }

    @Override
    public void close() {
        try {
            if (FileStatus.of(path, LinkOption.NOFOLLOW_LINKS).isSameFile(made)) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            // It is gone already, or its directory is: nothing to remove.
        }
        fd.close();
    }
}
