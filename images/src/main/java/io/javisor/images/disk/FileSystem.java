package io.javisor.images.disk;

import io.javisor.images.ByteSource;
import io.javisor.images.ImageException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The files of a partition, read-only. Paths start with a slash; symbolic links are followed, within the file system. Every method throws a
 * {@link ImageException} of one line if what it needs is damaged, encrypted, or takes more work than any sound file system.
 */
public interface FileSystem {
    /** As {@code blkid} and GRUB show it, in lower case. */
    String uuid();

    /** Empty if it has none. */
    String label();

    /** The regular file at {@code path}; null if there is none. */
    @Nullable
    ByteSource file(String path);

    /** Whether a directory is at {@code path}. */
    boolean isDirectory(String path);

    /** What the directory at {@code path} holds, without dot and dot-dot, in no order; nothing if there is no such directory. */
    List<String> names(String path);

    /** What the user should know, a line each. */
    List<String> notes();
}
