package io.javisor.machine.host;

import static io.javisor.core.host.HostConstants.O_APPEND;
import static io.javisor.core.host.HostConstants.O_CREAT;
import static io.javisor.core.host.HostConstants.O_NOCTTY;
import static io.javisor.core.host.HostConstants.O_NONBLOCK;
import static io.javisor.core.host.HostConstants.O_WRONLY;
import static io.javisor.core.host.HostConstants.W_OK;
import static io.javisor.core.host.HostConstants.X_OK;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.FileStatus;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import io.javisor.machine.config.ConfigException;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file that the user names, to be written: regular ones from their end on; a FIFO or a terminal too. */
final class OutputFile {
    private OutputFile() {}

    /**
     * Opens or makes it, for its owner alone; what is in it stays.
     *
     * @param what it is, for messages: {@code serial file}
     * @return in non-blocking mode, where that means anything
     * @throws ConfigException if it can't be written
     */
    static Fd open(String what, Path path) {
        int flags = O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_NOCTTY;
        try {
            return Fd.own(what + " " + path, Libc.open(path.toString(), flags, 0600));
        } catch (HostException e) {
            throw refusal(what, path, e.errno(), e);
        }
    }

    /**
     * Refuses what {@link #open} would, and makes and opens nothing: a FIFO's reader would take that for the end. Whether a FIFO is read
     * can't be told.
     *
     * @throws ConfigException if it can't be written
     */
    static void check(String what, Path path) {
        int result = Libc.access(path.toString(), W_OK);
        if (result == -Errno.ENOENT) {
            Path directory = path.toAbsolutePath().getParent();
            result = directory == null ? -Errno.EISDIR : Libc.access(directory.toString(), W_OK | X_OK);
        } else if (result == 0) {
            result = -typeErrno(path);
        }
        if (result < 0) {
            throw refusal(what, path, -result, null);
        }
    }

    private static int typeErrno(Path path) {
        try {
            FileStatus status = FileStatus.of(path);
            return status.isDirectory() ? Errno.EISDIR : status.isSocket() ? Errno.ENXIO : 0;
        } catch (IOException e) {
            return 0; // it has gone meanwhile
        }
    }

    /** Of a file that can't be opened for {@code errno}. */
    static ConfigException refusal(String what, Path path, int errno, @Nullable Throwable cause) {
        String reason =
                switch (errno) {
                    case Errno.EISDIR -> "is a directory; give a file in it";
                    case Errno.ENOENT, Errno.ENOTDIR -> "can't be made: its directory does not exist";
                    case Errno.EACCES, Errno.EPERM -> "can't be written: permission denied";
                    case Errno.ENXIO -> "is a FIFO that nobody reads, or a socket; start the reader first";
                    default -> "can't be opened: " + Errno.describe(errno);
                };
        String message = what + " " + path + " " + reason;
        return cause == null ? new ConfigException(message) : new ConfigException(message, cause);
    }
}
