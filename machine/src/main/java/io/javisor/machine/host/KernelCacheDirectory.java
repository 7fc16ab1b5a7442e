package io.javisor.machine.host;

import static io.javisor.core.host.HostConstants.O_CLOEXEC;
import static io.javisor.core.host.HostConstants.O_NOFOLLOW;
import static io.javisor.core.host.HostConstants.O_RDONLY;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.FileStatus;
import io.javisor.core.host.Libc;
import io.javisor.firmware.image.KernelCache;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decompressed kernels in a directory, each in a file named after the bzImage's identity and checksum (docs/decisions/0011). A file is the kernel
 * and {@value #TRAILER_SIZE} bytes behind it: a magic number, the kernel's length and its CRC-32, 64 bits each, little-endian.
 *
 * <p>It is never needed: whatever goes wrong is logged at debug level, and the kernel is decompressed. Several processes may use
 * one directory at once.
 */
final class KernelCacheDirectory implements KernelCache {
    static final int MAX_ENTRIES = 8;
    static final long MAX_BYTES = 512L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(KernelCacheDirectory.class);
    private static final int TRAILER_SIZE = 24;
    private static final long MAGIC = 0x314E_524B_5349_564AL; // "JVISKRN1"
    private static final String ENTRIES = "*.vmlinux";
    private static final String UNFINISHED = "*.tmp";
    private static final long UNFINISHED_SECONDS = 3600;

    private final Path directory;
    private final InputFile kernel;
    private final MemorySegment bzImage;
    private final MappedFiles files;
    private final InstantSource clock;
    private @Nullable Path entry;

    /**
     * The cache for one bzImage.
     *
     * @param directory made when something is stored, for this user alone
     * @param kernel the bzImage, open for as long as this is used
     * @param bzImage all of it
     * @param files for what is found
     * @param clock the host's
     */
    KernelCacheDirectory(
            Path directory, InputFile kernel, MemorySegment bzImage, MappedFiles files, InstantSource clock) {
        this.directory = directory;
        this.kernel = kernel;
        this.bzImage = bzImage;
        this.files = files;
        this.clock = clock;
    }

    @Override
    public @Nullable MemorySegment find(long sizeBytes) {
        try {
            if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS) || !isOurs(directory) || !isUnchanged()) {
                return null;
            }
            return map(entry(), sizeBytes);
        } catch (NoSuchFileException _) {
            return null;
        } catch (IOException | RuntimeException e) {
            LOG.debug("no kernel from {}: {}", directory, e.toString());
            return null;
        }
    }

    private @Nullable MemorySegment map(Path file, long sizeBytes) throws IOException {
        int opened = Libc.open(file.toString(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC, 0);
        if (opened == -Errno.ENOENT) {
            return null;
        }
        try (Fd fd = Fd.own("cached kernel " + file, opened)) {
            FileStatus status = FileStatus.of(fd);
            if (status.sizeBytes() != sizeBytes + TRAILER_SIZE || !status.isOnlyWritableBy(Libc.geteuid())) {
                LOG.debug("{} is not taken: {} bytes", file, status.sizeBytes());
                return null;
            }
            MemorySegment all = files.mapPrivately(fd, status.sizeBytes()); // KASLR changes what it gets
            MemorySegment found = all.asSlice(0, sizeBytes);
            if (all.asSlice(sizeBytes).mismatch(MemorySegment.ofBuffer(trailer(found))) != -1) {
                LOG.debug("{} is damaged", file);
                Files.deleteIfExists(file);
                return null;
            }
            // The time of its last use, by which the oldest go.
            Files.setLastModifiedTime(file, FileTime.from(clock.instant()));
            return found;
        }
    }

    @Override
    public void store(MemorySegment decompressed) {
        if (decompressed.byteSize() > MAX_BYTES - TRAILER_SIZE) {
            return;
        }
        try {
            Files.createDirectories(
                    directory,
                    PosixFilePermissions.asFileAttribute(Set.of(
                            PosixFilePermission.OWNER_READ,
                            PosixFilePermission.OWNER_WRITE,
                            PosixFilePermission.OWNER_EXECUTE)));
            if (!isOurs(directory) || !isSettled() || !isUnchanged()) {
                LOG.debug(
                        "{} is not kept in {}: not this user's alone, or {} was changed just now",
                        kernel.name(),
                        directory,
                        kernel.name());
                return;
            }
            write(entry(), decompressed);
            trim();
        } catch (IOException | RuntimeException e) {
            LOG.debug("{} is not kept in {}: {}", kernel.name(), directory, e.toString());
        }
    }

    private void write(Path file, MemorySegment decompressed) throws IOException {
        Path unfinished = directory.resolve(Libc.getpid() + "-" + System.nanoTime() + ".tmp");
        try {
            try (FileChannel channel = FileChannel.open(
                    unfinished,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(
                            Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE)))) {
                write(channel, decompressed.asByteBuffer());
                write(channel, trailer(decompressed));
            }
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(unfinished);
            throw e;
        }
    }

    private static void write(FileChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    /** Removes the entries that were used longest ago until the limits are kept, and what a crash has left. */
    private void trim() throws IOException {
        List<Entry> entries = entries(ENTRIES);
        entries.sort(Comparator.comparing(Entry::lastUse).reversed());
        long bytes = 0;
        for (int i = 0; i < entries.size(); i++) {
            bytes += entries.get(i).sizeBytes;
            if (i >= MAX_ENTRIES || bytes > MAX_BYTES) {
                Files.deleteIfExists(entries.get(i).file);
            }
        }
        Instant longAgo = clock.instant().minusSeconds(UNFINISHED_SECONDS);
        for (Entry unfinished : entries(UNFINISHED)) {
            if (unfinished.lastUse.toInstant().isBefore(longAgo)) {
                Files.deleteIfExists(unfinished.file);
            }
        }
    }

    private record Entry(Path file, FileTime lastUse, long sizeBytes) {}

    private List<Entry> entries(String glob) throws IOException {
        List<Entry> entries = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, glob)) {
            for (Path file : files) {
                try {
                    entries.add(new Entry(file, Files.getLastModifiedTime(file), Files.size(file)));
                } catch (NoSuchFileException _) {
                    // another process was quicker
                }
            }
        }
        return entries;
    }

    /** The checksum of the bzImage costs a few milliseconds, so only once. */
    private Path entry() {
        Path known = entry;
        if (known == null) {
            known = directory.resolve(String.join(
                            "-",
                            Long.toHexString(kernel.status().device()),
                            Long.toHexString(kernel.status().inode()),
                            Long.toHexString(kernel.status().sizeBytes()),
                            Long.toHexString(kernel.status().modifyNanos()),
                            Long.toHexString(kernel.status().changeNanos()),
                            Long.toHexString(crc(bzImage)))
                    + ".vmlinux");
            entry = known;
        }
        return known;
    }

    /** Whether it still is as it was when it was opened, which was before it was mapped. */
    private boolean isUnchanged() throws IOException {
        return FileStatus.of(kernel.fd()).equals(kernel.status());
    }

    /** Whether a change after now is sure to give another identity: time stamps are as coarse as 2 s. */
    private boolean isSettled() {
        long nowNanos = TimeUnit.MILLISECONDS.toNanos(clock.millis());
        return nowNanos - kernel.status().changeNanos() > TimeUnit.SECONDS.toNanos(2);
    }

    private static boolean isOurs(Path path) throws IOException {
        return FileStatus.of(path, LinkOption.NOFOLLOW_LINKS).isOnlyWritableBy(Libc.geteuid());
    }

    private static ByteBuffer trailer(MemorySegment kernel) {
        return ByteBuffer.allocate(TRAILER_SIZE)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(MAGIC)
                .putLong(kernel.byteSize())
                .putLong(crc(kernel))
                .flip();
    }

    private static long crc(MemorySegment bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes.asByteBuffer());
        return crc.getValue();
    }
}
