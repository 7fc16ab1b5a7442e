package io.javisor.machine;

import static io.javisor.core.host.HostConstants.O_CLOEXEC;
import static io.javisor.core.host.HostConstants.O_DIRECT;
import static io.javisor.core.host.HostConstants.O_NONBLOCK;
import static io.javisor.core.host.HostConstants.O_RDONLY;
import static io.javisor.core.host.HostConstants.O_RDWR;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.FileLock;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import io.javisor.devices.virtio.block.BlockDeviceConfig;
import io.javisor.devices.virtio.block.BlockProtocol;
import io.javisor.devices.virtio.block.CacheMode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A disk's image or block device, opened, locked and measured. It outlives a guest's reset. */
final class DiskFile implements AutoCloseable {
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
        lock();
        long size = Libc.check("lseek(" + fd.name() + ", SEEK_END)", Libc.lseek(fd.value(), 0, HostConstants.SEEK_END));
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

    /**
     * Opens it.
     *
     * @throws ConfigException if it can't be had, or another process has it
     */
    static DiskFile open(DiskConfig config) {
        Path path = config.path();
        if (Files.isDirectory(path)) {
            throw problem(path, "is a directory; give an image in it");
        }
        int flags = (config.readOnly() ? O_RDONLY : O_RDWR)
                | (config.cache() == CacheMode.NONE ? O_DIRECT : 0)
                | O_CLOEXEC
                | O_NONBLOCK; // a FIFO would be waited for
        Fd fd;
        try {
            fd = Fd.own("disk " + path, Libc.open(path.toString(), flags, 0));
        } catch (HostException e) {
            throw new ConfigException("disk " + path + " " + reason(config, e.errno()), e);
        }
        try {
            requireSeekable(path, fd);
            // Else io_uring refuses to wait for some file systems.
            int _ = Libc.check(
                    "fcntl(" + fd.name() + ", F_SETFL)",
                    Libc.fcntl(fd.value(), HostConstants.F_SETFL, flags & O_DIRECT));
            return new DiskFile(config, fd);
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    /** A disk of what is open already, and is its own from now on. */
    static DiskFile of(DiskConfig config, Fd fd) {
        return new DiskFile(config, fd);
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
            case Errno.EINVAL -> "can't be read and written past the page cache there; leave out cache=none";
            case Errno.ENXIO -> "is neither a file nor a block device";
            default -> "can't be opened: " + Errno.describe(errno);
        };
    }

    private static void requireSeekable(Path path, Fd fd) {
        boolean device = !Files.isRegularFile(path);
        if (device && Libc.lseek(fd.value(), 0, HostConstants.SEEK_END) <= 0) {
            throw problem(path, "is neither a file nor a block device");
        }
    }

    private void lock() {
        int result = FileLock.tryLock(fd, !config.readOnly());
        if (result == -Errno.EAGAIN || result == -Errno.EACCES) {
            throw problem("is in use by another machine or program"
                    + (config.readOnly()
                            ? ", which writes to it; stop that first"
                            : "; stop that first, or give it to both with ,readonly"));
        }
        if (result < 0) {
            LOG.debug("{} can't be locked: {}", fd.name(), Errno.describe(-result));
        }
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
            return ImageFormat.of(buffer.asSlice(0, Math.clamp(read, 0, ImageFormat.PREFIX_SIZE)));
        }
    }

    private ConfigException problem(String what) {
        return problem(config.path(), what);
    }

    private static ConfigException problem(Path path, String what) {
        return new ConfigException("disk " + path + " " + what);
    }

    Fd fd() {
        return fd;
    }

    long sizeBytes() {
        return sizeBytes;
    }

    /** What the device is to be like. */
    BlockDeviceConfig device() {
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
    void grow(long newSizeBytes) {
        if (newSizeBytes < sizeBytes || newSizeBytes % alignment.unit() != 0) {
            throw problem("has " + sizeBytes + " bytes, and can only grow, in units of " + alignment.unit()
                    + ", not to " + newSizeBytes);
        }
        int _ = Libc.check(
                "ftruncate(" + fd.name() + ", " + newSizeBytes + ")", Libc.ftruncate(fd.value(), newSizeBytes));
        sizeBytes = newSizeBytes;
    }

    @Override
    public void close() {
        fd.close();
    }
}
