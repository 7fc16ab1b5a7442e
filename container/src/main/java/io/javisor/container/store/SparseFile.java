package io.javisor.container.store;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Files with holes: what is in them is copied and counted, and nothing else. */
public final class SparseFile {
    /** What is done with a part of a file that is no hole. */
    private interface Part {
        void at(long start, long length) throws IOException;
    }

    private SparseFile() {}

    /**
     * Copies a file to a new one, which has the same holes and is its owner's alone.
     *
     * @throws IOException if it is there already, or there is no room for what is in the file; then it may be there in part
     */
    public static void copy(Path from, Path to) throws IOException {
        try (FileChannel source = FileChannel.open(from, StandardOpenOption.READ);
                FileChannel target = FileChannel.open(
                        to,
                        Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            each(from, (start, length) -> copy(source, target, start, length));
        }
        try (RandomAccessFile target = new RandomAccessFile(to.toFile(), "rw")) {
            target.setLength(Files.size(from)); // it may end with a hole
        }
    }

    private static void copy(FileChannel source, FileChannel target, long start, long length) throws IOException {
        FileChannel _ = target.position(start);
        for (long done = 0; done < length; ) {
            long count = source.transferTo(start + done, length - done, target);
            if (count <= 0) {
                throw new IOException("it was cut while it was read");
            }
            done += count;
        }
    }

    /** How many bytes of a file are no holes: what it takes of its disk, about. */
    public static long dataBytes(Path file) throws IOException {
        long[] sum = new long[1];
        each(file, (_, length) -> sum[0] += length);
        return sum[0];
    }

    /** By lseek(2); a file system that has no holes tells of one part. */
    private static void each(Path file, Part part) throws IOException {
        try (Fd fd = Fd.own("file " + file, Libc.open(file.toString(), HostConstants.O_CLOEXEC, 0))) {
            long end = 0;
            while (true) {
                long start = Libc.lseek(fd.value(), end, HostConstants.SEEK_DATA);
                if (start == -Errno.ENXIO) {
                    return; // nothing but holes follow
                }
                end = check(file, Libc.lseek(fd.value(), check(file, start), HostConstants.SEEK_HOLE));
                part.at(start, end - start);
            }
        } catch (HostException e) {
            throw new FileSystemException(file.toString(), null, Errno.describe(e.errno()));
        }
    }

    private static long check(Path file, long result) throws IOException {
        if (result < 0) {
            throw new FileSystemException(file.toString(), null, Errno.describe((int) -result));
        }
        return result;
    }
}
