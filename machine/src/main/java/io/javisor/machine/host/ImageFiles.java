package io.javisor.machine.host;

import static io.javisor.core.host.HostConstants.O_CLOEXEC;
import static io.javisor.core.host.HostConstants.O_NONBLOCK;
import static io.javisor.core.host.HostConstants.O_RDONLY;

import io.javisor.core.host.Cleanup;
import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.FileLock;
import io.javisor.core.host.FileStatus;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import io.javisor.core.io.StitchedFile;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.MemorySize;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The files that an image is of, each opened once, for reading, and measured; with a lock that others may have too, unless they write. */
final class ImageFiles implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ImageFiles.class);

    private final Cleanup opened = new Cleanup();
    private final StitchedFile file;

    private ImageFiles(List<Path> paths, List<DiskFile> disks, boolean locked) {
        List<StitchedFile.Part> parts = new ArrayList<>();
        try {
            for (Path path : paths) {
                Fd fd = opened.add(openFile(path));
                long size = measure(path, fd);
                requireUnwritten(path, fd, disks);
                requireNoWriter(path, locked ? FileLock.tryLock(fd, false) : FileLock.test(fd, false));
                parts.add(new StitchedFile.Part(fd, size));
            }
            file = new StitchedFile(parts);
        } catch (RuntimeException | Error e) {
            opened.closeAfter(e);
            throw e;
        }
    }

    /**
     * Opens them for a machine that is to run.
     *
     * @param disks the machine's disks
     * @throws ConfigException naming the first that can't be had, or that somebody writes to
     */
    static ImageFiles open(List<Path> paths, List<DiskFile> disks) {
        return new ImageFiles(paths, disks, true);
    }

    /**
     * As {@link #open}, for who only looks: without a lock.
     *
     * @throws ConfigException if {@link #open} would throw one
     */
    static ImageFiles look(List<Path> paths, List<DiskFile> disks) {
        return new ImageFiles(paths, disks, false);
    }

    private static Fd openFile(Path path) {
        try {
            // Without O_NONBLOCK a FIFO would be waited for.
            Fd fd = Fd.own("image file " + path, Libc.open(path.toString(), O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0));
            // Else io_uring refuses to wait for some file systems. Of a regular file it can't fail, and others are
            // refused.
            int _ = Libc.fcntl(fd.value(), HostConstants.F_SETFL, 0);
            return fd;
        } catch (HostException e) {
            String reason =
                    switch (e.errno()) {
                        case Errno.ENOENT, Errno.ENOTDIR -> "does not exist";
                        case Errno.EACCES, Errno.EPERM -> "is not readable; try: sudo chmod a+r " + path;
                        case Errno.ENXIO -> "is not a file";
                        default -> "can't be opened: " + Errno.describe(e.errno());
                    };
            throw new ConfigException("image file " + path + " " + reason, e);
        }
    }

    private static long measure(Path path, Fd fd) {
        FileStatus status = status(fd);
        if (!status.isRegular()) {
            throw problem(path, "is not a file");
        }
        long size = Libc.check("lseek(" + fd.name() + ", SEEK_END)", Libc.lseek(fd.value(), 0, HostConstants.SEEK_END));
        if (size == 0) {
            throw problem(path, "is empty");
        }
        if (size % MemorySize.PAGE_SIZE != 0) {
            throw problem(
                    path,
                    "has " + size + " bytes, which is not a multiple of " + MemorySize.PAGE_SIZE
                            + ": is it cut short, or something else?");
        }
        return size;
    }

    private static FileStatus status(Fd fd) {
        try {
            return FileStatus.of(fd);
        } catch (IOException e) {
            throw new ConfigException(fd.name() + " can't be looked at: " + e.getMessage(), e);
        }
    }

    /** Who only looks holds no lock on the machine's disks, and would not be told. */
    private static void requireUnwritten(Path path, Fd fd, List<DiskFile> disks) {
        FileStatus status = status(fd);
        for (DiskFile disk : disks) {
            if (!disk.config().readOnly() && status.isSameFile(status(disk.fd()))) {
                throw problem(path, "is disk " + disk.config().path() + " of this machine; add ,readonly to that");
            }
        }
    }

    private static void requireNoWriter(Path path, int lockResult) {
        if (lockResult == -Errno.EAGAIN || lockResult == -Errno.EACCES) {
            throw problem(path, "is in use by another machine or program, which writes to it; stop that first");
        }
        if (lockResult < 0) {
            LOG.debug("image file {} can't be locked: {}", path, Errno.describe(-lockResult));
        }
    }

    private static ConfigException problem(Path path, String what) {
        return new ConfigException("image file " + path + " " + what);
    }

    /** All of them, in their order. */
    StitchedFile file() {
        return file;
    }

    @Override
    public void close() {
        opened.close();
    }
}
