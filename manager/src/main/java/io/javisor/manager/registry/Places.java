package io.javisor.manager.registry;

import io.javisor.core.host.FileStatus;
import io.javisor.core.host.Libc;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.host.ForeignLink;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a user's machines are kept (XDG Base Directory Specification).
 *
 * @param state what outlives a machine's process and the host's reboot
 * @param runtime its sockets
 */
public record Places(Path state, Path runtime) {
    private static final String OWNER_ONLY = "rwx------";
    private static final int S_IRWXG_O = 0077;

    /**
     * The places that the environment names. Relative paths of the XDG variables are ignored, as their specification demands. Nothing is made yet.
     *
     * @throws ConfigException if it names none
     */
    public static Places of(Map<String, String> environment) {
        return new Places(state(environment), runtime(environment));
    }

    private static Path state(Map<String, String> environment) {
        String xdg = environment.getOrDefault("XDG_STATE_HOME", "");
        if (xdg.startsWith("/")) {
            return Path.of(xdg, "javisor");
        }
        String home = environment.getOrDefault("HOME", "");
        if (home.isEmpty()) {
            throw new ConfigException("neither XDG_STATE_HOME nor HOME is set, so there is no place to keep machines;"
                    + " set one to a directory of yours");
        }
        return Path.of(home, ".local", "state", "javisor").toAbsolutePath();
    }

    private static Path runtime(Map<String, String> environment) {
        String xdg = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        if (xdg.startsWith("/")) {
            return Path.of(xdg, "javisor");
        }
        int user = Libc.geteuid();
        Path session = Path.of("/run/user", Integer.toString(user)); // pam_systemd(8)
        if (Files.isDirectory(session)) {
            return session.resolve("javisor");
        }
        String temporary = environment.getOrDefault("TMPDIR", "");
        return Path.of(temporary.isEmpty() ? "/tmp" : temporary, "javisor-" + user)
                .toAbsolutePath();
    }

    /**
     * Makes both directories, for this user alone, unless they are there.
     *
     * @throws ConfigException if one can't be had, or others may enter it
     */
    public void ensure() {
        ensure(state, "XDG_STATE_HOME");
        ensure(runtime, "XDG_RUNTIME_DIR");
    }

    /** Whether anything was kept here before; another user's is refused as by {@link #ensure}. */
    boolean exist() {
        if (!Files.exists(state)) {
            return false;
        }
        requireOurs(state, "XDG_STATE_HOME");
        return true;
    }

    private static void ensure(Path directory, String variable) {
        requireOwnLinks(directory, variable);
        try {
            if (!Files.isDirectory(directory)) {
                requireParent(directory, variable);
                Files.createDirectories(
                        directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNER_ONLY)));
            }
        } catch (IOException e) {
            throw new ConfigException("can't make the directory " + directory + ": " + reason(e) + advice(variable), e);
        }
        requireOurs(directory, variable);
    }

    /** The session's directory is the system's to make. */
    private static void requireParent(Path directory, String variable) {
        Path parent = directory.getParent();
        if (variable.equals("XDG_RUNTIME_DIR") && parent != null && !Files.isDirectory(parent)) {
            throw new ConfigException("the runtime directory " + parent + " does not exist" + advice(variable));
        }
    }

    private static void requireOwnLinks(Path directory, String variable) {
        ForeignLink foreign;
        try {
            foreign = ForeignLink.in(directory);
        } catch (IOException e) {
            throw new ConfigException("can't look at the directory " + directory + ": " + reason(e), e);
        }
        if (foreign != null) {
            throw new ConfigException("the directory " + directory + ": " + foreign + advice(variable));
        }
    }

    private static void requireOurs(Path directory, String variable) {
        requireOwnLinks(directory, variable);
        FileStatus status;
        try {
            status = FileStatus.of(directory);
        } catch (IOException e) {
            throw new ConfigException("can't look at the directory " + directory + ": " + reason(e), e);
        }
        if (!status.isDirectory()) {
            throw new ConfigException(directory + " is not a directory" + advice(variable));
        }
        if (status.owner() != Libc.geteuid()) {
            throw new ConfigException("the directory " + directory + " belongs to user " + status.owner()
                    + ", and so do the machines in it" + advice(variable));
        }
        if ((status.mode() & S_IRWXG_O) != 0) {
            throw new ConfigException("others may enter the directory " + directory + "; run: chmod 700 " + directory);
        }
    }

    private static String advice(String variable) {
        return "; set " + variable + " to a directory of yours";
    }

    /** In words. */
    static String reason(IOException e) {
        String reason = e instanceof FileSystemException failure ? failure.getReason() : e.getMessage();
        return switch (e) {
            case AccessDeniedException _ -> "permission denied";
            case NoSuchFileException _ -> "it does not exist";
            case FileAlreadyExistsException _ -> "something else is there";
            default -> orName(reason, e);
        };
    }

    private static String orName(@Nullable String reason, IOException e) {
        return reason == null ? e.getClass().getSimpleName() : reason;
    }
}
