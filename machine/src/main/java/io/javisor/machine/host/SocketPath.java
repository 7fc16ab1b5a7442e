package io.javisor.machine.host;

import static io.javisor.core.host.FileStatus.S_ISVTX;
import static io.javisor.core.host.FileStatus.S_IWGRP;
import static io.javisor.core.host.FileStatus.S_IWOTH;
import static io.javisor.core.host.HostConstants.W_OK;
import static io.javisor.core.host.HostConstants.X_OK;

import io.javisor.core.host.Errno;
import io.javisor.core.host.FileStatus;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import io.javisor.core.host.UnixSocket;
import io.javisor.machine.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The path of a listening Unix socket that is ours to make: nothing is there, or what a process of ours left behind, which is removed. Closing
 * it removes the path, unless something else lies there by then. Not for use by several threads at once.
 */
public final class SocketPath implements AutoCloseable {
    private final String what;
    private final Path path;
    private @Nullable FileStatus made;

    private SocketPath(String what, Path path) {
        this.what = what;
        this.path = path;
    }

    /**
     * Makes way for a socket at {@code path}.
     *
     * @param what the socket is, for messages: {@code serial socket}
     * @throws ConfigException if the path is too long, in use, something else, or in a directory where others could replace it
     */
    public static SocketPath claim(String what, Path path) {
        SocketPath claimed = new SocketPath(what, path);
        try {
            if (claimed.isLeftBehind()) {
                Files.deleteIfExists(path);
            }
        } catch (HostException | IOException e) {
            throw claimed.cannotBeMade(e);
        }
        return claimed;
    }

    /**
     * Refuses what {@link #claim} and making the socket then would, and removes nothing.
     *
     * @throws ConfigException as {@link #claim} does, or if its directory can't be written
     */
    public static void check(String what, Path path) {
        SocketPath wanted = new SocketPath(what, path);
        try {
            boolean _ = wanted.isLeftBehind();
            int _ = Libc.check(
                    "access(" + wanted.directory() + ")",
                    Libc.access(wanted.directory().toString(), W_OK | X_OK));
        } catch (HostException | IOException e) {
            throw wanted.cannotBeMade(e);
        }
    }

    /** The socket is there now. */
    public void made() {
        try {
            made = FileStatus.of(path, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            throw cannotBeMade(e);
        }
    }

    /** What to throw when the host refuses to make the socket. */
    public ConfigException cannotBeMade(Exception cause) {
        if (!(cause instanceof HostException host)) {
            return refused("can't be made: " + cause, cause);
        }
        return refused(
                host.errno() == Errno.EACCES
                        ? "can't be made: no permission to write to its directory"
                        : "can't be made: " + Errno.describe(host.errno()),
                host);
    }

    private Path directory() {
        Path directory = path.toAbsolutePath().normalize().getParent();
        if (directory == null) {
            throw refused("is a directory; give a path in it", null);
        }
        return directory;
    }

    /** Whoever may write to the directory could put another socket in the place of ours, and be taken for us. */
    private void requireOwnDirectory() throws IOException {
        Path directory = directory();
        FileStatus status;
        try {
            ForeignLink foreign = ForeignLink.in(path);
            if (foreign != null) {
                throw refused("can't be made: " + foreign, null);
            }
            status = FileStatus.of(directory);
        } catch (NoSuchFileException | NotDirectoryException e) {
            throw refused("can't be made: there is no directory " + directory, e);
        }
        if (!status.isDirectory()) {
            throw refused("can't be made: " + directory + " is not a directory", null);
        }
        String objection = objection(status.owner(), status.mode(), Libc.geteuid());
        if (objection != null) {
            throw refused("would be in " + directory + ", " + objection + "; choose a directory of yours", null);
        }
    }

    /** What is wrong with a directory, or null. */
    public static @Nullable String objection(int owner, int mode, int user) {
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

    /** Whether what lies there may be removed; false if nothing does. Refuses all else. */
    private boolean isLeftBehind() throws IOException {
        int length = UnixSocket.pathBytes(path.toString());
        if (length > UnixSocket.MAX_PATH_BYTES) {
            throw refused(
                    "has a path of " + length + " bytes; a socket's may have " + UnixSocket.MAX_PATH_BYTES
                            + ", so give a shorter or a relative one",
                    null);
        }
        requireOwnDirectory();
        FileStatus status;
        try {
            status = FileStatus.of(path, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return false;
        }
        if (!status.isSocket()) {
            throw refused("exists and is not a socket; remove it or choose another path", null);
        }
        if (status.owner() != Libc.geteuid()) {
            throw refused("exists and belongs to user " + status.owner(), null);
        }
        if (UnixSocket.isInUse(path.toString())) {
            throw refused("is in use by a process that runs; end that or choose another path", null);
        }
        return true;
    }

    private ConfigException refused(String reason, @Nullable Throwable cause) {
        String message = what + " " + path + " " + reason;
        return cause == null ? new ConfigException(message) : new ConfigException(message, cause);
    }

    @Override
    public void close() {
        FileStatus own = made;
        made = null;
        try {
            if (own != null && FileStatus.of(path, LinkOption.NOFOLLOW_LINKS).isSameFile(own)) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            // It is gone already, or its directory is: nothing to remove.
        }
    }
}
