package io.javisor.oci.store;

import io.javisor.core.host.Errno;
import io.javisor.core.host.HostException;
import io.javisor.core.text.Printable;
import io.javisor.oci.OciException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/** What the disk or the memory refuses, in one line with what to do. */
final class Failures {
    private static final String ELSEWHERE = "set XDG_DATA_HOME to a directory";

    /** With less than that a file system is full, whatever the words of the error are. */
    private static final long FULL_BYTES = 1 << 20;

    private Failures() {}

    /** @param doing what was tried with the path, such as {@code write} */
    static OciException of(String doing, Path path, IOException problem) {
        return new OciException(
                "can't " + doing + " " + Printable.line(path.toString()) + ": " + words(path, problem), problem);
    }

    static OciException of(String doing, Path path, HostException problem) {
        String name = Printable.line(path.toString());
        String why =
                switch (problem.errno()) {
                    case Errno.EACCES, Errno.EPERM -> "permission denied; " + ELSEWHERE + " of yours";
                    case Errno.EROFS -> "the file system is read-only; " + ELSEWHERE + " that can be written to";
                    case Errno.ENOENT -> "its directory was removed meanwhile; try again";
                    case Errno.ENOSPC, Errno.EDQUOT -> full();
                    default -> Errno.describe(problem.errno());
                };
        return new OciException("can't " + doing + " " + name + ": " + why, problem);
    }

    /** Tells a full disk in its own words, where somebody else told of a file that could not be written. */
    static OciException ofPass(Path path, OciException problem) {
        return problem.getCause() instanceof IOException reason
                        && (isFull(reason(reason)) || usableBytes(path) < FULL_BYTES)
                ? new OciException("can't write " + Printable.line(path.toString()) + ": " + full(), reason)
                : problem;
    }

    /** @param name of the layer or the image whose list of files there was no memory for */
    static OciException ofMemory(String name, OutOfMemoryError problem) {
        return new OciException(
                "%s: it has more files than fit in memory: javisor has %d MiB of it; take an image with fewer files"
                        .formatted(name, Runtime.getRuntime().maxMemory() >> 20),
                problem);
    }

    private static boolean isFull(String reason) {
        return reason.contains("No space left") || reason.contains("quota exceeded");
    }

    private static String words(Path path, IOException problem) {
        String reason = reason(problem);
        if (isFull(reason)) {
            return full();
        }
        if (reason.contains("Read-only file system")) {
            return "the file system is read-only; " + ELSEWHERE + " that can be written to";
        }
        return switch (problem) {
            case AccessDeniedException _ -> "permission denied; " + ELSEWHERE + " of yours";
            case NoSuchFileException _ -> "it is not there; was it removed meanwhile? try again";
            case FileAlreadyExistsException _, NotDirectoryException _ -> "something else is there";
            case ClosedByInterruptException _ -> "interrupted";
            // The C library's words may be in the user's language.
            default -> usableBytes(path) < FULL_BYTES ? full() : reason;
        };
    }

    private static String full() {
        return "no space left on device; make room there (javisor image prune removes what no image needs), or "
                + ELSEWHERE + " on another disk";
    }

    private static long usableBytes(Path path) {
        for (Path place = path; place != null; place = place.getParent()) {
            try {
                if (Files.exists(place)) {
                    return Files.getFileStore(place).getUsableSpace();
                }
            } catch (IOException _) {
                return Long.MAX_VALUE;
            }
        }
        return Long.MAX_VALUE;
    }

    private static String reason(IOException problem) {
        String reason = problem instanceof FileSystemException failure ? failure.getReason() : problem.getMessage();
        return reason == null ? problem.getClass().getSimpleName() : Printable.line(reason);
    }
}
