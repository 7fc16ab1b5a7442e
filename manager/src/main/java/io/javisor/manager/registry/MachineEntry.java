package io.javisor.manager.registry;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.FileLock;
import io.javisor.core.host.FileStatus;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import io.javisor.machine.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One machine or container that is kept. Its directories go by an identity that never changes; the name is a symbolic link to each, so that to rename a
 * machine moves nothing that its process uses. Immutable; what it reads may be of another moment the next time.
 */
public final class MachineEntry {
    private static final int OWNER_ONLY = 0600;
    private static final String SETTINGS = "machine.json";
    private static final String SPECIFICATION = "container.json";
    private static final String ABOUT = "about.json";
    private static final String STATUS = "state.json";
    private static final String STATE_LINK = "state";

    private final String name;
    private final String id;
    private final Path state;
    private final Path runtime;
    private final boolean fresh;

    MachineEntry(String name, String id, Path state, Path runtime) {
        this(name, id, state, runtime, false);
    }

    /** @param fresh whether this process has just made it, so that its status need not be read */
    MachineEntry(String name, String id, Path state, Path runtime, boolean fresh) {
        this.name = name;
        this.id = id;
        this.state = state;
        this.runtime = runtime;
        this.fresh = fresh;
    }

    /** Its name when it was looked up. */
    public String name() {
        return name;
    }

    /** What it is told apart by, whatever its name. */
    public String id() {
        return id;
    }

    /** Whether this process has just made it. */
    public boolean isFresh() {
        return fresh;
    }

    Path state() {
        return state;
    }

    Path runtime() {
        return runtime;
    }

    /** Makes the runtime directory, with a link to the state directory: several of these may share the place of the former. */
    void makeRuntime(FileAttribute<?> permissions) throws IOException {
        Files.createDirectories(runtime, permissions);
        Path link = runtime.resolve(STATE_LINK);
        if (!Files.isSymbolicLink(link)) {
            Files.createSymbolicLink(link, state.toAbsolutePath());
        }
    }

    /** Whether the runtime directory is that of a machine which another state directory has. */
    boolean isElsewhere() {
        return Files.isDirectory(runtime.resolve(STATE_LINK));
    }

    /** What it is. What has been removed, and what is kept of it damaged, is a machine where nothing says otherwise. */
    public MachineKind kind() {
        return Files.exists(specFile()) ? MachineKind.CONTAINER : MachineKind.MACHINE;
    }

    /** A machine's settings, as a configuration file. */
    public Path settingsFile() {
        return state.resolve(SETTINGS);
    }

    /** A container's specification. */
    public Path specFile() {
        return state.resolve(SPECIFICATION);
    }

    /** The disk that has what is written in a container: a file with holes, made at its first start at the latest. */
    public Path writableDisk() {
        return state.resolve("upper.ext4");
    }

    /** What a container's processes wrote to their standard output and error, with the older one beside it. */
    public Path outputLog() {
        return state.resolve("output.log");
    }

    /** What its guest wrote to COM1. */
    public Path consoleLog() {
        return state.resolve("console.log");
    }

    /** What javisor itself had to say while it ran. */
    public Path processLog() {
        return state.resolve("javisor.log");
    }

    /** Where its process listens. */
    public Path controlSocket() {
        return runtime.resolve("api.sock");
    }

    /** The socket of a container's virtual socket device; what its agent connects to has {@code _PORT} after it. */
    public Path vsockSocket() {
        return runtime.resolve("vsock");
    }

    /** Where the sockets of its process are, for this user alone. It may not be there before the first start. */
    public Path runtimeDirectory() {
        return runtime;
    }

    /** Where a serial port is attached to, such as {@code com1}. */
    public Path consoleSocket(String port) {
        return runtime.resolve(port + ".sock");
    }

    /**
     * What was settled when it was made.
     *
     * @throws ConfigException if it has been removed
     */
    public MachineAbout about() {
        return read(ABOUT, MachineAbout::of);
    }

    /**
     * How it is, in truth: see {@link MachinePhase#CRASHED}.
     *
     * @throws ConfigException if it has been removed
     */
    public MachineStatus status() {
        return written().checked();
    }

    /** As it was last written down. */
    MachineStatus written() {
        return read(STATUS, MachineStatus::of);
    }

    /** Whether it has been removed. */
    public boolean isGone() {
        return !Files.exists(state.resolve(STATUS));
    }

    private <T> T read(String file, Function<Map<String, String>, T> reading) {
        Path path = state.resolve(file);
        try {
            return reading.apply(FlatJson.parse(Files.readString(path)));
        } catch (NoSuchFileException e) {
            throw new ConfigException(removed(), e);
        } catch (IOException | IllegalArgumentException | ArithmeticException e) {
            throw new ConfigException(
                    path + " can't be read (" + e.getMessage() + "); remove the " + kind() + ": javisor rm --force "
                            + name,
                    e);
        }
    }

    /** Writes its files for the first time, when nobody else knows it. */
    void writeFirst(MachineKind kind, String text, MachineAbout about) throws IOException {
        Files.createFile(lockFile());
        Files.writeString(
                switch (kind) {
                    case MACHINE -> settingsFile();
                    case CONTAINER -> specFile();
                },
                text);
        Files.writeString(state.resolve(ABOUT), about.json());
        Files.writeString(state.resolve(STATUS), MachineStatus.NEW.json());
    }

    void write(MachineAbout about) throws IOException {
        FlatJson.replace(state.resolve(ABOUT), about.json());
    }

    void write(MachineStatus status) throws IOException {
        FlatJson.replace(state.resolve(STATUS), status.json());
    }

    /**
     * Takes the machine for this process, or not: one process at a time may run, start or remove it. Other processes see the lock end with
     * this one.
     *
     * @return null if another process has it
     * @throws ConfigException if it has been removed, or its directory can't be written
     */
    public @Nullable MachineHold tryHold() {
        Path lock = lockFile();
        // Made with the machine: else it would be made for one whose directory is
        // just being deleted. What has no name is only there to be swept away.
        int flags = HostConstants.O_RDWR | HostConstants.O_CLOEXEC | (name.isEmpty() ? HostConstants.O_CREAT : 0);
        Fd fd;
        try {
            fd = Fd.own("lock " + lock, Libc.open(lock.toString(), flags, OWNER_ONLY));
        } catch (HostException e) {
            throw new ConfigException(
                    e.errno() == Errno.ENOENT
                            ? removed()
                            : "can't lock the " + kind() + " '" + name + "': " + Errno.describe(e.errno()),
                    e);
        }
        int result = FileLock.tryLock(fd, true);
        if (result == 0) {
            if (!leadsTo(lock, fd)) {
                fd.close();
                throw new ConfigException(removed());
            }
            return new MachineHold(this, fd, fresh ? MachineStatus.NEW : null);
        }
        fd.close();
        if (result != -Errno.EAGAIN && result != -Errno.EACCES) {
            throw new ConfigException("can't lock " + lock + ": " + Errno.describe(-result));
        }
        return null;
    }

    /** Whether a file is still the one that was opened by its path: its lock is worth nothing otherwise. */
    static boolean leadsTo(Path path, Fd fd) {
        try {
            return FileStatus.of(fd).isSameFile(FileStatus.of(path));
        } catch (IOException e) {
            return false;
        }
    }

    private Path lockFile() {
        return state.resolve("lock");
    }

    private String removed() {
        return "machine '" + name + "' has been removed";
    }

    @Override
    public String toString() {
        return name;
    }
}
