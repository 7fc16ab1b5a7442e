package io.javisor.container.store;

import io.javisor.core.text.Printable;
import io.javisor.machine.config.ConfigException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes the disks for what is written in containers: ext4, of 8 GiB that are nearly all a hole. mke2fs(8) is asked once for each kind, and what it makes is kept as a
 * template; a container's disk is a copy, of some hundred KB. Any thread; several processes may use one directory.
 */
public final class WritableLayer {
    /** What a container can write, about. */
    public static final long SIZE_BYTES = 8L << 30;

    private static final String PROGRAM = "mke2fs";
    private static final String UNFINISHED = ".tmp";
    private static final String FEATURES =
            "none,ext_attr,dir_index,filetype,extent,64bit,flex_bg,sparse_super,large_file,"
                    + "huge_file,dir_nlink,extra_isize,metadata_csum";
    private static final int KEY_LENGTH = 16;
    private static final Duration LOST = Duration.ofHours(1);
    private static final String ADVICE = "make room there, or set XDG_CACHE_HOME to a directory on another disk";

    private final Path directory;
    private final String program;

    private WritableLayer(Path directory, String program) {
        this.directory = directory;
        this.program = program;
    }

    /**
     * By this host's mke2fs.
     *
     * @param cache the user's directory for what can be made again, which need not be there
     */
    public static WritableLayer of(Path cache) {
        return of(cache, find(System.getenv("PATH")).map(Path::toString).orElse(PROGRAM));
    }

    static WritableLayer of(Path cache, String program) {
        return new WritableLayer(cache.resolve("containers"), program);
    }

    /** Where the program is. It is root's, and not on the path of some users. */
    static Optional<Path> find(@Nullable String path) {
        List<String> places = new ArrayList<>(List.of((path == null ? "" : path).split(":")));
        places.addAll(List.of("/usr/sbin", "/sbin", "/usr/local/sbin"));
        return places.stream()
                .filter(place -> place.startsWith("/"))
                .map(place -> Path.of(place, PROGRAM))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Makes a container's disk, unless it is there. It is there whole, or not at all.
     *
     * @param lasting whether what is written to it outlives a crash of its machine; else it has no journal
     * @throws ConfigException in one line, if mke2fs is missing or fails, or there is no room
     */
    public void make(Path disk, boolean lasting) {
        if (Files.exists(disk)) {
            return;
        }
        Path template = template(lasting);
        Path unfinished = disk.resolveSibling(disk.getFileName() + UNFINISHED);
        try {
            Files.deleteIfExists(unfinished); // of a process that was killed: one at a time makes it
            SparseFile.copy(template, unfinished);
            if (lasting) {
                sync(unfinished);
            }
            Files.move(unfinished, disk, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            discard(unfinished);
            throw new ConfigException(
                    "the disk of the container, " + disk + ", can't be made: " + reason(e)
                            + "; make room there, or set XDG_STATE_HOME to a directory on another disk",
                    e);
        }
    }

    /** Another name for other options: what was made with older ones is not taken. */
    private Path template(boolean lasting) {
        List<String> options = options(lasting);
        Path template = directory.resolve("upper-" + key(options) + ".ext4");
        if (!isWhole(template)) {
            try {
                Files.createDirectories(
                        directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                sweep();
                makeTemplate(template, options);
            } catch (IOException e) {
                throw new ConfigException(
                        "the template of containers' disks, " + template + ", can't be made: " + reason(e) + "; "
                                + ADVICE,
                        e);
            }
        }
        return template;
    }

    private static boolean isWhole(Path template) {
        try {
            return Files.size(template) == SIZE_BYTES;
        } catch (IOException e) {
            return false;
        }
    }

    private void makeTemplate(Path template, List<String> options) throws IOException {
        Path unfinished = Files.createTempFile(directory, "upper-", UNFINISHED);
        try {
            try (RandomAccessFile file = new RandomAccessFile(unfinished.toFile(), "rw")) {
                file.setLength(SIZE_BYTES);
            }
            run(options, unfinished);
            sync(unfinished);
            Files.move(unfinished, template, StandardCopyOption.ATOMIC_MOVE);
            syncDirectory();
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException("its file system can't rename", e);
        } finally {
            discard(unfinished);
        }
    }

    private void run(List<String> options, Path file) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(program);
        command.addAll(options);
        command.add(file.toString());
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        builder.environment().put("LC_ALL", "C");
        builder.environment().put("MKE2FS_CONFIG", "/dev/null"); // the host's own wishes are for the host's disks
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new ConfigException(
                    "a container's disk is made by mke2fs, which is not installed; run: sudo apt-get install e2fsprogs",
                    e);
        }
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        try {
            int status = process.waitFor();
            if (status != 0) {
                List<String> lines =
                        said.lines().filter(line -> !line.isBlank()).toList();
                throw new IOException("mke2fs ended with status " + status
                        + (lines.isEmpty() ? "" : ": " + Printable.line(lines.getLast())));
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /**
     * Without what the host's configuration would say. The tables of inodes are zero as the hole is, and are said to be so: else the guest would write them. Nothing is reserved
     * for root, or for the file system to grow into.
     */
    static List<String> options(boolean lasting) {
        List<String> options =
                new ArrayList<>(List.of("-q", "-F", "-b", "4096", "-I", "256", "-i", "16384", "-m", "0"));
        options.addAll(List.of("-O", FEATURES + (lasting ? ",has_journal" : "")));
        if (lasting) {
            options.addAll(List.of("-J", "size=16"));
        }
        options.addAll(List.of(
                "-E", "lazy_itable_init=1,lazy_journal_init=1,nodiscard,assume_storage_prezeroed=1,root_owner=0:0"));
        return options;
    }

    private static String key(List<String> options) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(String.join("\0", options).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, KEY_LENGTH);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static void sync(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    private void syncDirectory() throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** What processes that were killed have left. */
    private void sweep() throws IOException {
        FileTime newest = FileTime.from(Instant.now().minus(LOST));
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + UNFINISHED)) {
            for (Path file : files) {
                if (Files.getLastModifiedTime(file).compareTo(newest) < 0) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private static void discard(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // It is swept later, or goes with its container.
        }
    }

    private static String reason(IOException problem) {
        String reason = problem instanceof FileSystemException failure ? failure.getReason() : problem.getMessage();
        return reason == null ? problem.getClass().getSimpleName() : Printable.line(reason);
    }
}
