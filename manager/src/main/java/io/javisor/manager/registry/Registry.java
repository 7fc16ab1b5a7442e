package io.javisor.manager.registry;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Libc;
import io.javisor.core.host.UnixSocket;
import io.javisor.core.text.EditDistance;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.MachineConfig;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A user's machines. Several processes use it at once: what they find is always whole, for a name is a symbolic link that appears, moves and goes
 * in one step, and what a process that was killed left without a name is swept away later.
 */
public final class Registry {
    /** Below this directory machines go by their identities; no name begins so. */
    private static final String BY_ID = ".id";

    private static final int ID_BYTES = 6;
    private static final int MAX_ATTEMPTS = 100;
    private static final int LOOKS = 3;
    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    /** What has no name after that belongs to nobody. */
    private static final long UNNAMED_MILLIS = 60_000;

    private final Places places;
    private final InstantSource clock;
    private final EventLog events;

    public Registry(Places places, InstantSource clock) {
        this.places = places;
        this.clock = clock;
        this.events = new EventLog(places.state().resolve(".events"), clock);
    }

    /**
     * The registry of the user whose environment this is. Nothing is made yet.
     *
     * @throws ConfigException if it names no place for one
     */
    public static Registry open() {
        return new Registry(Places.of(System.getenv()), InstantSource.system());
    }

    /** What has happened to the machines. */
    public EventLog events() {
        return events;
    }

    /**
     * Makes a machine that does not run yet. The caller tells the {@link #events} of it when there is time.
     *
     * @param name null to make one up
     * @param settings the text of its configuration file
     * @throws ConfigException if the name is taken or none, or the machine can't be written
     */
    public MachineEntry create(@Nullable String name, String settings, RestartPolicy restart, boolean removeAtEnd) {
        return create(MachineKind.MACHINE, name, settings, restart, removeAtEnd);
    }

    /**
     * Makes a container that does not run yet. The caller tells the {@link #events} of it when there is time.
     *
     * @param name null to make one up
     * @param spec the text of its specification
     * @throws ConfigException if the name is taken or none, or the container can't be written
     */
    public MachineEntry createContainer(
            @Nullable String name, String spec, RestartPolicy restart, boolean removeAtEnd) {
        return create(MachineKind.CONTAINER, name, spec, restart, removeAtEnd);
    }

    private MachineEntry create(
            MachineKind kind, @Nullable String name, String text, RestartPolicy restart, boolean removeAtEnd) {
        if (name != null) {
            MachineConfig.requireName(name);
        }
        places.ensure();
        String id = HexFormat.of().formatHex(randomBytes());
        MachineEntry unnamed = entry("", id);
        requireShort(kind == MachineKind.CONTAINER ? longestSocket(unnamed) : unnamed.consoleSocket("com1"));
        try {
            Files.createDirectories(unnamed.state(), OWNER_ONLY);
            unnamed.makeRuntime(OWNER_ONLY);
            unnamed.writeFirst(kind, text, new MachineAbout(clock.millis(), restart, removeAtEnd));
            String claimed = name == null ? claimAny(id) : claim(kind, name, id);
            MachineEntry entry = new MachineEntry(claimed, id, unnamed.state(), unnamed.runtime(), true);
            linkRuntime(entry);
            return entry;
        } catch (IOException e) {
            discard(unnamed);
            throw new ConfigException(
                    "the " + kind + " can't be kept in " + places.state() + ": " + Places.reason(e)
                            + "; make room or set XDG_STATE_HOME to another directory",
                    e);
        } catch (ConfigException e) {
            discard(unnamed);
            throw e;
        }
    }

    /** A port of a virtual socket device has 32 bits. */
    private static Path longestSocket(MachineEntry container) {
        Path socket = container.vsockSocket();
        return socket.resolveSibling(socket.getFileName() + "_" + Integer.toUnsignedString(-1));
    }

    private void requireShort(Path socket) {
        int length = UnixSocket.pathBytes(socket.toString());
        if (length > UnixSocket.MAX_PATH_BYTES) {
            throw new ConfigException("the runtime directory " + places.runtime() + " has too long a path: a machine's"
                    + " sockets would have " + length + " bytes, and may have " + UnixSocket.MAX_PATH_BYTES
                    + "; set XDG_RUNTIME_DIR to a shorter one");
        }
    }

    private static byte[] randomBytes() {
        byte[] bytes = new byte[ID_BYTES];
        ThreadLocalRandom.current().nextBytes(bytes);
        return bytes;
    }

    private MachineEntry entry(String name, String id) {
        return new MachineEntry(
                name,
                id,
                places.state().resolve(BY_ID).resolve(id),
                places.runtime().resolve(BY_ID).resolve(id));
    }

    private String claim(MachineKind kind, String name, String id) throws IOException {
        try {
            Files.createSymbolicLink(places.state().resolve(name), Path.of(BY_ID, id));
            return name;
        } catch (FileAlreadyExistsException e) {
            throw taken(kind, name, e);
        }
    }

    /** @param kind of what is to have the name: for a container in docker's words */
    private ConfigException taken(MachineKind kind, String name, @Nullable Throwable cause) {
        String id = idAt(places.state().resolve(name));
        MachineKind holder = id == null ? kind : entry(name, id).kind();
        String message =
                switch (kind) {
                    case MACHINE ->
                        "there is a " + holder + " '" + name
                                + "' already; choose another name, or remove it: javisor rm " + name;
                    case CONTAINER ->
                        "Conflict. The container name \"/" + name + "\" is already in use by " + holder + " \"" + id
                                + "\". You have to remove (or rename) that " + holder
                                + " to be able to reuse that name.";
                };
        return cause == null ? new ConfigException(message) : new ConfigException(message, cause);
    }

    private String claimAny(String id) throws IOException {
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            try {
                return claim(MachineKind.MACHINE, MachineNames.next(ThreadLocalRandom.current(), attempt), id);
            } catch (ConfigException e) {
                // Taken: another one.
            }
        }
        throw new ConfigException("no free name was found in " + MAX_ATTEMPTS + " attempts; give one with --name");
    }

    /**
     * Makes what a machine's process needs of the runtime directory, which is empty after the host's boot, or its user's last logout.
     *
     * @throws ConfigException if it can't be had
     */
    public void prepareRuntime(MachineEntry entry) {
        places.ensure();
        try {
            entry.makeRuntime(OWNER_ONLY);
            linkRuntime(findById(entry.id()));
        } catch (IOException e) {
            throw new ConfigException(
                    "the sockets of " + entry.kind() + " '" + entry.name() + "' can't be in " + places.runtime() + ": "
                            + Places.reason(e) + "; make room or set XDG_RUNTIME_DIR to another directory",
                    e);
        }
    }

    /** For its user's eyes: javisor itself goes by identities. */
    private void linkRuntime(MachineEntry entry) throws IOException {
        Path link = places.runtime().resolve(entry.name());
        Path fresh = places.runtime().resolve(BY_ID).resolve(entry.id() + ".link");
        Files.deleteIfExists(fresh);
        Files.createSymbolicLink(fresh, Path.of(BY_ID, entry.id()));
        Files.move(fresh, link, StandardCopyOption.ATOMIC_MOVE);
    }

    /** All machines, by name. */
    public List<MachineEntry> list() {
        if (!places.exist()) {
            return List.of();
        }
        List<MachineEntry> all = new ArrayList<>();
        try (DirectoryStream<Path> names = Files.newDirectoryStream(places.state(), Files::isSymbolicLink)) {
            for (Path link : names) {
                String id = idAt(link);
                if (id != null) {
                    all.add(entry(fileName(link), id));
                }
            }
        } catch (IOException e) {
            throw new ConfigException("the machines in " + places.state() + " can't be listed: " + Places.reason(e), e);
        }
        all.sort((a, b) -> a.name().compareTo(b.name())); // a comparator of the library is made anew at each start
        return all;
    }

    /** Null if the link has gone, or is not one of ours. */
    private static @Nullable String idAt(Path link) {
        try {
            Path target = Files.readSymbolicLink(link);
            return target.getNameCount() == 2 && target.startsWith(BY_ID) ? fileName(target) : null;
        } catch (IOException e) {
            return null;
        }
    }

    private static String fileName(Path path) {
        return String.valueOf(path.getFileName());
    }

    /**
     * Finds a machine or a container by its name, or its identity, or the first digits of that.
     *
     * @throws ConfigException if there is none, with those that look like it, or several begin so
     */
    public MachineEntry find(String name) {
        MachineConfig.requireName(name);
        String id = places.exist() ? idAt(places.state().resolve(name)) : null;
        if (id != null) {
            return entry(name, id);
        }
        List<MachineEntry> identified =
                list().stream().filter(entry -> entry.id().startsWith(name)).toList();
        if (identified.size() == 1) {
            return identified.getFirst();
        }
        if (identified.size() > 1) {
            throw new ConfigException("the identities of " + identified.size() + " begin with '" + name
                    + "'; write more of it: "
                    + String.join(
                            ", ", identified.stream().map(MachineEntry::id).toList()));
        }
        List<String> similar = list().stream()
                .map(MachineEntry::name)
                .filter(other -> EditDistance.isNear(name, other) || other.startsWith(name))
                .toList();
        throw new ConfigException("there is no machine or container '" + name + "'"
                + (similar.isEmpty()
                        ? "; 'javisor ps --all' lists those that there are"
                        : "; did you mean '" + String.join("' or '", similar) + "'?"));
    }

    /**
     * Finds a machine by what never changes of it.
     *
     * @throws ConfigException if it has been removed
     */
    public MachineEntry findById(String id) {
        MachineEntry found = null;
        for (int attempt = 0; attempt < LOOKS && found == null; attempt++) {
            found = named(id);
        }
        if (found == null) {
            throw new ConfigException("there is no machine or container with the identity " + id);
        }
        return found;
    }

    /** Null also for one whose name changed while the names were listed: it may be under neither. */
    private @Nullable MachineEntry named(String id) {
        for (MachineEntry entry : list()) {
            if (entry.id().equals(id)) {
                return entry;
            }
        }
        return null;
    }

    /**
     * Gives a machine another name, whether it runs or not.
     *
     * @throws ConfigException if the new one is taken or none
     */
    public MachineEntry rename(MachineEntry entry, String newName) {
        MachineConfig.requireName(newName);
        int result = Libc.renameNoReplace(
                places.state().resolve(entry.name()).toString(),
                places.state().resolve(newName).toString());
        switch (result) {
            case -Errno.EEXIST -> throw taken(entry.kind(), newName, null);
            case -Errno.ENOENT -> throw new ConfigException(entry.kind() + " '" + entry.name() + "' has been removed");
            default -> {
                if (result < 0) {
                    throw new ConfigException(
                            entry.kind() + " '" + entry.name() + "' can't be renamed: " + Errno.describe(-result));
                }
            }
        }
        MachineEntry renamed = entry(newName, entry.id());
        try {
            linkRuntime(renamed);
            Files.deleteIfExists(places.runtime().resolve(entry.name()));
        } catch (IOException e) {
            // The link is a convenience; the sweep mends it.
        }
        events().add(renamed, MachineEvent.RENAME, "from " + entry.name());
        return renamed;
    }

    /** Tells of the end of a machine whose process was killed before it could; for who holds it. */
    public void tellLostEnd(MachineHold hold) {
        try {
            MachineStatus last = hold.written();
            if (last.phase().hasGuest()) {
                events().add(findById(hold.entry().id()), MachineEvent.END, MachineStatus.lost(last.pid()));
            }
        } catch (ConfigException e) {
            // Damaged, or without a name.
        }
    }

    /** Removes a machine that this process holds, and all that is kept of it. */
    public void remove(MachineHold hold) {
        remove(hold, true);
    }

    /** As {@link #remove(MachineHold)}, without an event if none told that it was made. */
    public void remove(MachineHold hold, boolean isKnown) {
        MachineEntry entry = hold.entry();
        try {
            entry = findById(entry.id()); // the present name: it may have been renamed meanwhile
        } catch (ConfigException e) {
            // Somebody has deleted the name.
        }
        try {
            if (isKnown) {
                tellLostEnd(hold);
                events().add(entry, MachineEvent.REMOVE, "");
            }
            Files.deleteIfExists(places.state().resolve(entry.name()));
            Files.deleteIfExists(places.runtime().resolve(entry.name()));
            deleteTree(entry.state());
            deleteTree(entry.runtime());
        } catch (IOException e) {
            throw new ConfigException(
                    entry.kind() + " '" + entry.name() + "' can't be removed: " + Places.reason(e), e);
        }
    }

    /** Removes what killed processes left that no name leads to, or that was not to be kept. */
    public void sweep() {
        list().forEach(this::removeUnlessKept);
        List<String> named = list().stream().map(MachineEntry::id).toList();
        long newest = clock.millis() - UNNAMED_MILLIS;
        for (Path root : List.of(places.state(), places.runtime())) {
            sweep(
                    root.resolve(BY_ID),
                    path -> !named.contains(fileName(path)) && isOld(path, newest),
                    this::deleteUnlessInUse);
            sweep(
                    root,
                    path -> Files.isSymbolicLink(path) && !Files.exists(path) && isOld(path, newest),
                    Registry::deleteTree);
        }
    }

    private void removeUnlessKept(MachineEntry entry) {
        try {
            MachineAbout about = entry.about();
            // Who has just made it may not hold it yet.
            boolean lost = about.createdMillis() < clock.millis() - UNNAMED_MILLIS;
            MachineStatus status = entry.status();
            if (entry.kind() == MachineKind.CONTAINER && status.equals(MachineStatus.NEW)) {
                return; // created, to be started some time
            }
            MachinePhase phase = status.phase();
            if (about.removeAtEnd() && (phase == MachinePhase.CRASHED || (lost && !phase.isLive()))) {
                try (MachineHold hold = entry.tryHold()) {
                    if (hold != null) {
                        // Of one that never ran its foreground run has told nothing.
                        remove(hold, phase == MachinePhase.CRASHED);
                    }
                }
            }
        } catch (ConfigException e) {
            // Damaged, or removed meanwhile.
        }
    }

    private interface Deletion {
        void delete(Path path) throws IOException;
    }

    private static void sweep(Path directory, DirectoryStream.Filter<Path> lost, Deletion deletion) {
        try (DirectoryStream<Path> paths = Files.newDirectoryStream(directory, lost)) {
            for (Path path : paths) {
                deletion.delete(path);
            }
        } catch (IOException e) {
            // The next one tries again.
        }
    }

    private static boolean isOld(Path path, long newestMillis) throws IOException {
        try {
            return Files.getLastModifiedTime(path, LinkOption.NOFOLLOW_LINKS).toMillis() < newestMillis;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** Whoever holds it uses it. What was renamed while names were listed has its name by the time that it is held. */
    private void deleteUnlessInUse(Path path) throws IOException {
        MachineEntry unnamed = entry("", fileName(path));
        if (!Files.isDirectory(unnamed.state())) {
            if (!unnamed.isElsewhere()) {
                deleteTree(path);
            }
            return;
        }
        try (MachineHold hold = unnamed.tryHold()) {
            if (hold != null && !isNamed(unnamed.id())) {
                deleteTree(path);
            }
        } catch (ConfigException e) {
            // Removed meanwhile.
        }
    }

    private boolean isNamed(String id) {
        try {
            MachineEntry _ = findById(id);
            return true;
        } catch (ConfigException e) {
            return false;
        }
    }

    /** Removes one that has never run, and is of no use to anybody; unless somebody has begun to use it. */
    public void discardUnused(MachineEntry entry) {
        if (!entry.isGone()) {
            try (MachineHold hold = entry.tryHold()) {
                if (hold != null) {
                    remove(hold);
                }
            }
        }
    }

    private static void discard(MachineEntry unnamed) {
        try {
            deleteTree(unnamed.state());
            deleteTree(unnamed.runtime());
        } catch (IOException e) {
            // Without a name it is swept away later.
        }
    }

    private static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
