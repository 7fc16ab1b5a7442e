package io.javisor.machine.host;

import static io.javisor.core.host.HostConstants.O_NONBLOCK;
import static io.javisor.core.host.HostConstants.O_RDONLY;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.FileStatus;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import io.javisor.machine.config.ConfigException;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A file that the user names, opened to be read: the same one for as long as it is open, whatever its name leads to by then.
 *
 * @param name what it is and its path, for messages
 * @param status as it was when it was opened
 */
record InputFile(String name, Fd fd, FileStatus status) implements AutoCloseable {
    /**
     * Opens a regular file.
     *
     * @param what it is, for messages: {@code kernel}
     * @throws ConfigException if it is none, or can't be read
     */
    static InputFile open(String what, Path path) {
        String name = what + " " + path;
        Fd fd;
        try {
            // Without O_NONBLOCK a FIFO that nobody writes to would be waited for.
            fd = Fd.own(name, Libc.open(path.toString(), O_RDONLY | O_NONBLOCK, 0));
        } catch (HostException e) {
            throw new ConfigException(name + " " + reason(path, e.errno()), e);
        }
        try {
            FileStatus status = FileStatus.of(fd);
            if (!status.isRegular()) {
                throw new ConfigException(name
                        + (status.isDirectory() ? " is a directory; give the file in it" : " is not a regular file"));
            }
            return new InputFile(name, fd, status);
        } catch (IOException e) {
            fd.close();
            throw new ConfigException(name + " can't be read: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    private static String reason(Path path, int errno) {
        return switch (errno) {
            case Errno.ENOENT, Errno.ENOTDIR -> "does not exist";
            case Errno.EACCES, Errno.EPERM -> "is not readable; try: sudo chmod a+r " + path;
            case Errno.ENXIO -> "is not a regular file"; // a socket
            default -> "can't be read: " + Errno.describe(errno);
        };
    }

    /** Its length in bytes when it was opened. */
    long sizeBytes() {
        return status.sizeBytes();
    }

    @Override
    public void close() {
        fd.close();
    }
}
