package io.javisor.machine.host;

import io.javisor.core.host.Libc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where passt(1) makes its socket: an empty directory in one of this user's. The inner one belongs to whom passt becomes, who can't put anything in the
 * place of either.
 */
final class PasstDirectory implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PasstDirectory.class);

    /** The only place, beside home directories, where Debian's AppArmor profile lets passt make a socket. */
    private static final Path TEMPORARY = Path.of("/tmp");

    /** Who passt becomes when root starts it, before it makes its socket. */
    private static final String UNPRIVILEGED_USER = "nobody";

    private final Path outer;
    private final Path inner;

    private PasstDirectory(Path outer) {
        this.outer = outer;
        this.inner = outer.resolve("own");
    }

    static PasstDirectory create() throws IOException {
        PasstDirectory directory =
                new PasstDirectory(Files.createTempDirectory(TEMPORARY, "javisor-passt-", mode("rwx------")));
        try {
            Files.createDirectory(directory.inner, mode("rwx------"));
            if (Libc.geteuid() == 0) {
                UserPrincipal user = directory
                        .inner
                        .getFileSystem()
                        .getUserPrincipalLookupService()
                        .lookupPrincipalByName(UNPRIVILEGED_USER);
                Files.setOwner(directory.inner, user);
                Files.setPosixFilePermissions(directory.outer, PosixFilePermissions.fromString("rwx--x--x"));
            }
            return directory;
        } catch (IOException | RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    private static FileAttribute<Set<PosixFilePermission>> mode(String permissions) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    }

    /** What passt is to make. */
    Path socket() {
        return inner.resolve("socket");
    }

    /** Removes it. May be called again. */
    @Override
    public void close() {
        try {
            Files.deleteIfExists(socket());
            Files.deleteIfExists(inner);
            Files.deleteIfExists(outer);
        } catch (IOException e) {
            LOG.warn("{} can't be removed: {}", outer, e.getMessage());
        }
    }
}
