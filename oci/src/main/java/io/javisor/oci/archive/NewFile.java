package io.javisor.oci.archive;

import io.javisor.core.host.ShutdownHook;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;

/** A file that takes the place of another when it is whole and on the disk; until then it has a name of its own beside it. For one thread. */
final class NewFile implements AutoCloseable {
    /** For the owner alone: an image may hold secrets. docker saves so. */
    static final Set<PosixFilePermission> PRIVATE =
            Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    /** What the umask leaves of 0666. */
    static final Set<PosixFilePermission> PUBLIC = PosixFilePermissions.fromString("rw-rw-rw-");

    private static final int BUFFER = 256 << 10;

    private final Path file;
    private final Path unfinished;
    private final FileChannel channel;
    private final OutputStream stream;
    private final ShutdownHook hook;
    private boolean replaced;

    private NewFile(Path file, Path unfinished, FileChannel channel, ShutdownHook hook) {
        this.file = file;
        this.unfinished = unfinished;
        this.channel = channel;
        this.hook = hook;
        stream = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER);
    }

    static NewFile create(Path file, Set<PosixFilePermission> permissions) throws IOException {
        Path unfinished = file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID() + ".tmp");
        ShutdownHook hook = hook(unfinished);
        try {
            FileChannel channel = FileChannel.open(
                    unfinished,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(permissions));
            return new NewFile(file, unfinished, channel, hook);
        } catch (IOException | RuntimeException e) {
            hook.remove();
            throw e;
        }
    }

    private static ShutdownHook hook(Path unfinished) throws IOException {
        try {
            return ShutdownHook.install(() -> removeQuietly(unfinished));
        } catch (IllegalStateException e) {
            throw new IOException("this process was told to end", e);
        }
    }

    /** For a process that is told to end, by ^C or SIGTERM: it closes nothing. Once it has the other's place there is none of that name. */
    private static void removeQuietly(Path unfinished) {
        try {
            Files.deleteIfExists(unfinished);
        } catch (IOException _) {
            // Nobody is left to be told.
        }
    }

    OutputStream stream() {
        return stream;
    }

    /** Puts it in the other's place. */
    void replace() throws IOException {
        stream.flush();
        channel.force(true);
        channel.close();
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        replaced = true;
        hook.remove();
        Path parent = file.toAbsolutePath().getParent();
        if (parent != null) {
            try (FileChannel entries = FileChannel.open(parent, StandardOpenOption.READ)) {
                entries.force(true);
            }
        }
    }

    /** Removes it, unless it took the other's place. */
    @Override
    public void close() throws IOException {
        try {
            channel.close();
            if (!replaced) {
                Files.deleteIfExists(unfinished);
            }
        } finally {
            hook.remove();
        }
    }
}
