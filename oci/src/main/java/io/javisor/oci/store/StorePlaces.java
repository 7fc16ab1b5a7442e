package io.javisor.oci.store;

import io.javisor.core.host.FileStatus;
import io.javisor.core.host.Libc;
import io.javisor.core.text.Printable;
import io.javisor.oci.Digest;
import io.javisor.oci.OciException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Where a store has what, and what is done with files all over it. Files of {@code blobs}, {@code layers} and {@code metadata} come there by a rename when they are whole and
 * on the disk, and never change.
 */
final class StorePlaces {
    /** What changes when files mean something else. */
    static final int VERSION = 1;

    static final String BLOBS = "blobs";
    static final String LAYERS = "layers";
    static final String METADATA = "metadata";
    static final String PARTIAL = "partial";
    static final String DATA = "data";
    static final String TABLE = "table";

    private static final int VERSION_LENGTH_MAX = 20;
    private static final int S_IRWXG_O = 0077;
    private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-------");
    private static final FileAttribute<?> DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path root;
    private final Runnable waiting;
    private final AtomicBoolean saidWaiting = new AtomicBoolean();

    StorePlaces(Path root) {
        this(root, () -> {});
    }

    /** @param waiting called once, when somebody else's lock is waited for that is not given back soon */
    StorePlaces(Path root, Runnable waiting) {
        this.root = root;
        this.waiting = waiting;
    }

    void sayWaiting() {
        if (!saidWaiting.getAndSet(true)) {
            waiting.run();
        }
    }

    Path root() {
        return root;
    }

    /** What a blob is called in the store: its path, from {@link #root} on. */
    static String blobKey(Digest digest) {
        return BLOBS + "/" + digest.algorithm() + "/" + digest.hex();
    }

    /** What the files of a layer are called in the store. */
    static String layerKey(Digest diffId) {
        return LAYERS + "/" + diffId.algorithm() + "/" + diffId.hex();
    }

    Path at(String key) {
        return root.resolve(key);
    }

    Path blob(Digest digest) {
        return at(blobKey(digest));
    }

    Path layer(Digest diffId) {
        return at(layerKey(diffId));
    }

    /** The data of a layer. */
    Path data(Digest diffId) {
        return layer(diffId).resolve(DATA);
    }

    /** The table of a layer. */
    Path table(Digest diffId) {
        return layer(diffId).resolve(TABLE);
    }

    /** A blob as far as it came. */
    Path partial(Digest digest) {
        return at(PARTIAL).resolve(digest.algorithm() + "-" + digest.hex());
    }

    Path catalog() {
        return at("references.json");
    }

    Path version() {
        return at("version");
    }

    /** What whoever changes the catalog or removes something has. */
    Path storeLock() {
        return at("lock");
    }

    Path locks() {
        return at("locks");
    }

    Path sessions() {
        return at("sessions");
    }

    Path temporary() {
        return at("tmp");
    }

    /**
     * Looks whether it is a store that can be used; there need be none.
     *
     * @throws OciException in one line
     */
    void check() {
        try {
            FileStatus status = FileStatus.of(root);
            if (!status.isDirectory()) {
                throw new OciException(name() + " is not a directory; set XDG_DATA_HOME to one of yours");
            }
            if (status.owner() != Libc.geteuid()) {
                throw new OciException("the directory " + name() + " belongs to user " + status.owner()
                        + ", and so do the images in it; set XDG_DATA_HOME to a directory of yours");
            }
            if ((status.mode() & S_IRWXG_O) != 0) {
                throw new OciException("others may enter the directory " + name() + "; run: chmod 700 " + name());
            }
            checkVersion(readVersion());
        } catch (NoSuchFileException _) {
            // It is made when something is stored.
        } catch (IOException e) {
            throw Failures.of("open", root, e);
        }
    }

    private @Nullable String readVersion() throws IOException {
        try {
            if (Files.size(version()) > VERSION_LENGTH_MAX) {
                return "";
            }
            return Files.readString(version(), StandardCharsets.ISO_8859_1).strip();
        } catch (NoSuchFileException _) {
            return null;
        }
    }

    private void checkVersion(@Nullable String text) {
        if (text == null) {
            return;
        }
        if (!text.matches("[0-9]{1,9}")) {
            throw new OciException(
                    "the image store " + name() + " is damaged: its file version has no number; remove the"
                            + " directory, and pull the images again");
        }
        if (Integer.parseInt(text) > VERSION) {
            throw new OciException("the image store " + name() + " is of a newer javisor: its version is " + text
                    + ", and this one knows " + VERSION
                    + "; use that javisor, or set XDG_DATA_HOME to another directory");
        }
    }

    private String name() {
        return Printable.line(root.toString());
    }

    /**
     * Makes what is missing of the directories.
     *
     * @throws OciException in one line, if that can't be
     */
    void prepare() {
        try {
            for (Path directory : List.of(
                    root,
                    at(BLOBS).resolve("sha256"),
                    at(BLOBS).resolve("sha512"),
                    at(LAYERS).resolve("sha256"),
                    at(METADATA),
                    at(PARTIAL),
                    locks(),
                    sessions(),
                    temporary())) {
                if (!Files.isDirectory(directory)) {
                    Files.createDirectories(directory, DIRECTORY);
                }
            }
            check();
        } catch (IOException e) {
            throw Failures.of("make the image store in", root, e);
        }
    }

    /** Says which version it is of; whoever calls it has the store's lock. */
    void writeVersion() {
        if (!Files.exists(version())) {
            replace(version(), (VERSION + "\n").getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    /** Makes a file, for this user alone. */
    static FileChannel create(Path file) throws IOException {
        return FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(FILE));
    }

    /** Opens a file for both, and makes it unless it is there. */
    static FileChannel openOrCreate(Path file) throws IOException {
        return FileChannel.open(
                file,
                Set.of(
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        LinkOption.NOFOLLOW_LINKS),
                PosixFilePermissions.asFileAttribute(FILE));
    }

    static void createDirectory(Path directory) throws IOException {
        Files.createDirectory(directory, DIRECTORY);
    }

    /** Puts a file in the place of another, so that who reads it, or a host that crashes, has the one or the other. Whoever calls it has the store's lock. */
    void replace(Path file, byte[] bytes) {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try {
            try (FileChannel channel = create(fresh)) {
                writeFully(channel, bytes);
                channel.force(true);
            }
            move(fresh, file);
        } catch (IOException e) {
            removeQuietly(fresh);
            throw Failures.of("write", file, e);
        }
    }

    static void writeFully(FileChannel channel, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    /** Renames, and has the new name on the disk. */
    static void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        sync(parent(to));
    }

    /** Has a directory's names on the disk. */
    static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static Path parent(Path path) {
        Path parent = path.getParent();
        if (parent == null) {
            throw new IllegalStateException(path + " has no parent");
        }
        return parent;
    }

    /** The length of a file, or -1 if there is none. */
    static long size(Path file) {
        try {
            BasicFileAttributes attributes =
                    Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return attributes.isRegularFile() ? attributes.size() : -1;
        } catch (IOException _) {
            return -1;
        }
    }

    /** What is in a directory; nothing, if there is none. */
    static List<Path> list(Path directory) throws IOException {
        List<Path> all = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            entries.forEach(all::add);
        } catch (NoSuchFileException _) {
            // as good as empty
        }
        return all;
    }

    /** Removes a file or a directory with all in it, if it is there. */
    static void remove(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(path, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException problem) throws IOException {
                if (problem instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw problem;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException problem)
                    throws IOException {
                Files.deleteIfExists(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** As {@link #remove}, where it does no harm that something stays. */
    static void removeQuietly(Path path) {
        try {
            remove(path);
        } catch (IOException _) {
            // The next prune tries it again.
        }
    }

    /** The bytes of a file, or of all files in a directory. */
    static long treeBytes(Path path) throws IOException {
        long[] bytes = {0};
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            Files.walkFileTree(path, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    bytes[0] += attributes.size();
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException problem) {
                    return FileVisitResult.CONTINUE;
                }
            });
        }
        return bytes[0];
    }
}
