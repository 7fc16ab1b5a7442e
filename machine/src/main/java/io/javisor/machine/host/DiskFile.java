package io.javisor.machine.host;

import static io.javisor.core.host.HostConstants.O_CLOEXEC;
import static io.javisor.core.host.HostConstants.O_DIRECT;
import static io.javisor.core.host.HostConstants.O_NONBLOCK;
import static io.javisor.core.host.HostConstants.O_RDONLY;
import static io.javisor.core.host.HostConstants.O_RDWR;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.FileLock;
import io.javisor.core.host.FileStatus;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import io.javisor.devices.virtio.block.BlockDeviceConfig;
import io.javisor.devices.virtio.block.BlockProtocol;
import io.javisor.devices.virtio.block.CacheMode;
import io.javisor.images.ByteSource;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.DiskConfig;
import io.javisor.machine.config.ImageFormat;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A disk's image or block device, opened, locked and measured: what its device reads and writes, and what is read of it on the host. It outlives a
 * guest's reset.
 */
public final class DiskFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DiskFile.class);

    /** What direct I/O on some file demands: {@code unit} for offsets and lengths, and for addresses. */
    private record Alignment(int unit, int memory) {}

    private static final Alignment ANY = new Alignment(BlockProtocol.SECTOR_SIZE, 1);
    private static final int[] DIRECT_UNITS = {512, 1024, 2048, 4096};

    /** Whatever direct I/O demands. */
    private static final int FORMAT_READ = 4096;

    private final DiskConfig config;
    private final Fd fd;
    private final Alignment alignment;
    private volatile long sizeBytes;

    private DiskFile(DiskConfig config, Fd fd) {
        this.config = config;
        this.fd = fd;
        long size = measure();
        if (size == 0) {
            throw problem("is empty; give it a size, for example: truncate -s 1G " + config.path());
        }
        alignment = config.cache() == CacheMode.NONE ? directAlignment() : ANY;
        boolean wholeBlocks = size % alignment.unit() == 0;
        ImageFormat format = format();
        if (format != null && !(format.isPacked() && wholeBlocks)) {
            throw problem(format.complaint(config.path()));
        }
        if (!wholeBlocks) {
            throw problem("has " + size + " bytes, which is not a multiple of " + alignment.unit()
                    + ": it is cut short or no raw image; if its contents are right, round it up with: truncate -s %"
                    + alignment.unit() + " " + config.path());
        }
        sizeBytes = size;
    }

    private long measure() {
        return Libc.check("lseek(" + fd.name() + ", SEEK_END)", Libc.lseek(fd.value(), 0, HostConstants.SEEK_END));
    }

    /**
     * Opens it for a machine, and locks it.
     *
     * @param others the machine's other disks
     * @throws ConfigException if it can't be had, another process has it, or it is one of the others too and one of the two is written to
     */
    static DiskFile open(DiskConfig config, List<DiskFile> others) {
        Fd fd = openFile(config, config.readOnly() ? O_RDONLY : O_RDWR);
        try {
            requireNone(others, config, fd);
            requireNoOther(config, fd, FileLock.tryLock(fd, !config.readOnly()));
            return new DiskFile(config, fd);
        } catch (RuntimeException | Error e) {
            fd.close();
            throw e;
        }
    }

    /**
     * Opens it to be looked at: for reading only, and without a lock, so that whoever wants it at this moment gets it.
     *
     * @throws ConfigException if {@link #open} would throw one
     */
    static DiskFile look(DiskConfig config, List<DiskFile> others) {
        Fd fd = openFile(config, O_RDONLY);
        try {
            requireNone(others, config, fd);
            requireWritable(config, fd);
            requireNoOther(config, fd, FileLock.test(fd, !config.readOnly()));
            return new DiskFile(config, fd);
        } catch (RuntimeException | Error e) {
            fd.close();
            throw e;
        }
    }

    /** A disk of what is open already and nobody else has, and is its own from now on. */
    static DiskFile of(DiskConfig config, Fd fd) {
        return new DiskFile(config, fd);
    }

    private static Fd openFile(DiskConfig config, int accessMode) {
        Path path = config.path();
        int direct = config.cache() == CacheMode.NONE ? O_DIRECT : 0;
        Fd fd;
        try {
            // Without O_NONBLOCK a FIFO would be waited for.
            fd = Fd.own("disk " + path, Libc.open(path.toString(), accessMode | direct | O_NONBLOCK | O_CLOEXEC, 0));
        } catch (HostException e) {
            throw new ConfigException("disk " + path + " " + reason(config, e.errno()), e);
        }
        try {
            requireDisk(path, fd);
            // Else io_uring refuses to wait for some file systems.
            int _ = Libc.check(
                    "fcntl(" + fd.name() + ", F_SETFL)", Libc.fcntl(fd.value(), HostConstants.F_SETFL, direct));
            return fd;
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    private static String reason(DiskConfig config, int errno) {
        Path path = config.path();
        return switch (errno) {
            case Errno.ENOENT, Errno.ENOTDIR ->
                "does not exist; make one with: guest/make-rootfs " + path + ", or an empty one with: truncate -s 1G "
                        + path;
            case Errno.EACCES, Errno.EPERM ->
                config.readOnly()
                        ? "is not readable; try: sudo chmod a+r " + path
                        : "is not writable; add ,readonly or try: sudo chmod a+rw " + path;
            case Errno.EROFS -> "is on a read-only file system; add ,readonly";
            case Errno.EISDIR -> "is a directory; give an image in it";
            case Errno.EINVAL -> "can't be read and written past the page cache there; leave out cache=none";
            case Errno.ENXIO -> "is neither a file nor a block device";
            default -> "can't be opened: " + Errno.describe(errno);
        };
    }

    private static void requireDisk(Path path, Fd fd) {
        FileStatus status = status(path, fd);
        if (status.isDirectory()) {
            throw problem(path, "is a directory; give an image in it");
        }
        if (!status.isRegular() && Libc.lseek(fd.value(), 0, HostConstants.SEEK_END) <= 0) {
            throw problem(path, "is neither a file nor a block device");
        }
    }

    private static FileStatus status(Path path, Fd fd) {
        try {
            return FileStatus.of(fd);
        } catch (IOException e) {
            throw new ConfigException("disk " + path + " can't be looked at: " + e.getMessage(), e);
        }
    }

    private static void requireNone(List<DiskFile> others, DiskConfig config, Fd fd) {
        FileStatus status = status(config.path(), fd);
        for (DiskFile other : others) {
            Path path = other.config.path();
            if (!(config.readOnly() && other.config.readOnly()) && status.isSameFile(status(path, other.fd))) {
                throw problem(
                        config.path(),
                        "is " + path + ", which this machine has already; add ,readonly to both or leave one out");
            }
        }
    }

    private static void requireWritable(DiskConfig config, Fd fd) {
        int result = config.readOnly() ? 0 : Libc.access("/proc/self/fd/" + fd.value(), HostConstants.W_OK);
        if (result < 0) {
            throw problem(config.path(), reason(config, -result));
        }
    }

    private static void requireNoOther(DiskConfig config, Fd fd, int lockResult) {
        if (lockResult == -Errno.EAGAIN || lockResult == -Errno.EACCES) {
            throw problem(
                    config.path(),
                    "is in use by another machine or program"
                            + (config.readOnly()
                                    ? ", which writes to it; stop that first"
                                    : "; stop that first, or give it to both with ,readonly"));
        }
        if (lockResult < 0) {
            LOG.debug("{} can't be locked: {}", fd.name(), Errno.describe(-lockResult));
        }
    }

    /**
     * Asks once more, after what was read without a lock.
     *
     * @throws ConfigException if another process has it by now
     */
    void requireStillFree() {
        requireNoOther(config, fd, FileLock.test(fd, !config.readOnly()));
    }

    /** The least that a read past the page cache takes, by trying. */
    private Alignment directAlignment() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(16384, 8192);
            for (int unit : DIRECT_UNITS) {
                // At an address that is a multiple of the unit, and of nothing larger.
                if (Libc.pread(fd.value(), buffer.address() + unit, unit, unit) >= 0) {
                    return new Alignment(unit, unit);
                }
            }
        }
        throw problem("can't be read past the page cache there; leave out cache=none");
    }

    /** Null for a raw image, and for one that can't be read: the guest sees that. */
    private @Nullable ImageFormat format() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(FORMAT_READ, FORMAT_READ);
            long read = Libc.pread(fd.value(), buffer.address(), FORMAT_READ, 0);
            MemorySegment prefix = buffer.asSlice(0, Math.clamp(read, 0, ImageFormat.PREFIX_SIZE));
            return ImageFormat.of(ByteSource.of(fd.name(), prefix));
        }
    }

    private ConfigException problem(String what) {
        return problem(config.path(), what);
    }

    private static ConfigException problem(Path path, String what) {
        return new ConfigException("disk " + path + " " + what);
    }

    public Fd fd() {
        return fd;
    }

    DiskConfig config() {
        return config;
    }

    /** What is on it, for a reader on the host: by the same open file as the device's, so also past the page cache if that does so. */
    ByteSource bytes() {
        return ByteSource.of("disk " + config.path(), fd, sizeBytes, alignment.memory());
    }

    long sizeBytes() {
        return sizeBytes;
    }

    /** What the device is to be like. */
    public BlockDeviceConfig device() {
        return new BlockDeviceConfig(
                sizeBytes,
                config.readOnly(),
                config.cache(),
                config.serial(),
                config.queues(),
                alignment.unit(),
                alignment.memory(),
                config.requestsPerSecond(),
                config.bytesPerSecond());
    }

    /**
     * Makes the file larger.
     *
     * @throws ConfigException if that is not larger, or not in whole blocks
     * @throws HostException if the host refuses
     */
    public void grow(long newSizeBytes) {
        requireGrowth(newSizeBytes);
        int _ = Libc.check(
                "ftruncate(" + fd.name() + ", " + newSizeBytes + ")", Libc.ftruncate(fd.value(), newSizeBytes));
        sizeBytes = newSizeBytes;
    }

    /**
     * Takes over the size that somebody else has given the file.
     *
     * @return the size
     * @throws ConfigException as {@link #grow} does
     */
    public long remeasure() {
        long newSizeBytes = measure();
        requireGrowth(newSizeBytes);
        sizeBytes = newSizeBytes;
        return newSizeBytes;
    }

    /**
     * Requires that its path leads to the file that is open.
     *
     * @throws ConfigException if another one has been put there, or none is
     */
    public void requireAtItsPath() {
        try {
            if (!FileStatus.of(config.path()).isSameFile(FileStatus.of(fd))) {
                throw problem("is another file by now; a disk keeps the one that it has open");
            }
        } catch (IOException e) {
            throw new ConfigException(
                    "disk " + config.path() + " can't be found any more; a disk keeps the file that it has open", e);
        }
    }

    private void requireGrowth(long newSizeBytes) {
        if (newSizeBytes < sizeBytes || newSizeBytes % alignment.unit() != 0) {
            throw problem("has " + sizeBytes + " bytes, and can only grow, in units of " + alignment.unit()
                    + ", not to " + newSizeBytes);
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
