package io.javisor.machine.host;

import io.javisor.core.host.FileStatus;
import io.javisor.core.host.Libc;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A symbolic link of another user's in a path: where everybody may make files, as in /tmp, it may lead to whatever its owner likes of this user's.
 *
 * @param link where it is
 * @param owner its user's number
 */
public record ForeignLink(Path link, int owner) {
    /**
     * The first in a path, its last name included; null if all links are this user's or root's.
     *
     * @throws IOException if one can't be looked at
     */
    public static @Nullable ForeignLink in(Path path) throws IOException {
        Path absolute = path.toAbsolutePath();
        Path root = Objects.requireNonNull(absolute.getRoot());
        for (int names = 1; names <= absolute.getNameCount(); names++) {
            Path part = root.resolve(absolute.subpath(0, names));
            FileStatus status;
            try {
                status = FileStatus.of(part, LinkOption.NOFOLLOW_LINKS);
            } catch (FileSystemException e) {
                return null; // nothing, or nothing to be seen: who opens it will say so
            }
            if (status.isLink() && status.owner() != 0 && status.owner() != Libc.geteuid()) {
                return new ForeignLink(part, status.owner());
            }
        }
        return null;
    }

    /** What is wrong, for a message. */
    @Override
    public String toString() {
        return link + " is a link of user " + owner + ", which is not followed";
    }
}
