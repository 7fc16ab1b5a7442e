package io.javisor.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.javisor.testkit.host.Posix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What only root can arrange: mounts that nobody else sees and that end with the program, and another user. */
final class Root {
    private static final Posix.User USER = Posix.user("nobody");

    /** Nobody's number. */
    static final int NOBODY = USER.uid();

    private Root() {}

    /** Skips the test where it can't be done, such as in a container. */
    static void assumeAvailable() throws IOException, InterruptedException {
        assumeTrue(Posix.isRoot(), "needs root");
        Program.Result result = Program.run("unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt");
        assumeTrue(result.status() == 0, "needs to mount: " + result.err());
    }

    /**
     * A command line for a shell script in a mount namespace of its own.
     *
     * @param arguments the script's $1 and so on
     */
    static List<String> withPrivateMounts(String script, Object... arguments) {
        return command("unshare", "--mount", "sh", "-euc", script, "sh", arguments);
    }

    /** A command line for {@code command} as the user nobody. */
    static List<String> asNobody(Object... command) {
        return command("setpriv", "--reuid=" + NOBODY, "--regid=" + USER.gid(), "--clear-groups", command);
    }

    /** Flattens lists, and takes the text of all else. */
    static List<String> command(Object... parts) {
        List<String> flat = new ArrayList<>();
        for (Object part : parts) {
            switch (part) {
                case Object[] array -> flat.addAll(command(array));
                case List<?> list -> flat.addAll(command(list.toArray()));
                default -> flat.add(part.toString());
            }
        }
        return flat;
    }

    /** Lets everybody into a directory that JUnit made for its own user. */
    static void openToAll(Path directory) throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Copies a file or a tree, with its modes. */
    static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> paths = Files.walk(from)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                Files.copy(
                        path,
                        to.resolve(from.relativize(path).toString()),
                        java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }
}
