package io.javisor.machine.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.javisor.core.host.Errno;
import io.javisor.core.host.UnixSocket;
import io.javisor.machine.config.ConfigException;
import io.javisor.testkit.host.Posix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListeningSocketTest {
    @TempDir
    private Path directory = Path.of("");

    private Path path = Path.of("");

    @BeforeEach
    void choosePath() {
        path = directory.resolve("com2.sock");
    }

    private static void refused(Path where, String reason) {
        ConfigException refusal =
                assertThrows(ConfigException.class, () -> ListeningSocket.open(ListeningSocket.SERIAL, where));
        assertTrue(refusal.toString().contains(reason), refusal::toString);
        assertTrue(refusal.toString().contains(where.toString()), refusal::toString);
        assertEquals(1, refusal.toString().lines().count());
    }

    @Test
    void itListensForItsOwnerOnlyAndIsRemovedAtTheEnd() throws IOException {
        try (ListeningSocket socket = ListeningSocket.open(ListeningSocket.SERIAL, path)) {
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
            UnixSocket.connect(path.toString()).close();
            assertTrue(UnixSocket.accept(socket.fd().value()) > 0);
        }
        assertFalse(Files.exists(path, LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void oneThatWasLeftBehindIsReplaced() {
        UnixSocket.listen(path.toString(), 0600).close();
        assertTrue(Files.exists(path));
        try (ListeningSocket _ = ListeningSocket.open(ListeningSocket.SERIAL, path)) {
            UnixSocket.connect(path.toString()).close();
        }
    }

    @Test
    void oneThatIsInUseIsNot() {
        try (ListeningSocket socket = ListeningSocket.open(ListeningSocket.SERIAL, path)) {
            refused(path, "is in use by a process that runs");
            assertEquals(-Errno.EAGAIN, UnixSocket.accept(socket.fd().value()), "who asks is no client");
            UnixSocket.connect(path.toString()).close();
        }
    }

    @Test
    void anythingElseIsLeftAlone() throws IOException {
        Files.writeString(path, "precious");
        refused(path, "exists and is not a socket");
        assertEquals("precious", Files.readString(path));
        Files.delete(path);
        Files.createDirectory(path);
        refused(path, "exists and is not a socket");
        Files.delete(path);
        Files.createSymbolicLink(path, directory.resolve("elsewhere"));
        refused(path, "exists and is not a socket");
    }

    @Test
    void anotherUsersLinkToItsDirectoryIsNotFollowed() throws IOException {
        assumeTrue(Posix.isRoot(), "only root can give a link away");
        Path link = Files.createSymbolicLink(directory.resolve("link"), directory);
        try (ListeningSocket _ = ListeningSocket.open(ListeningSocket.SERIAL, link.resolve("s"))) {
            assertTrue(Files.exists(directory.resolve("s")));
        }
        Files.setAttribute(link, "unix:uid", 12345, LinkOption.NOFOLLOW_LINKS);
        refused(link.resolve("s"), "can't be made: " + link + " is a link of user 12345, which is not followed");
    }

    @Test
    void whatTookItsPlaceIsNotRemoved() throws IOException {
        try (ListeningSocket _ = ListeningSocket.open(ListeningSocket.SERIAL, path)) {
            Files.delete(path);
            Files.writeString(path, "another's");
        }
        assertEquals("another's", Files.readString(path));
        try (ListeningSocket _ = ListeningSocket.open(ListeningSocket.SERIAL, directory.resolve("gone"))) {
            Files.delete(directory.resolve("gone"));
        }
    }

    @Test
    void aPathThatIsTooLongIsRefusedWithTheLimit() {
        Path tooLong = directory.resolve("x".repeat(107 - directory.toString().length()));
        refused(tooLong, "has a path of 108 bytes; a socket's may have 107");
    }

    @Test
    void aDirectoryMustExist() throws IOException {
        refused(directory.resolve("none/com2.sock"), "there is no directory " + directory.resolve("none"));
        Files.writeString(directory.resolve("file"), "");
        refused(directory.resolve("file/com2.sock"), "is not a directory");
        refused(Path.of("/"), "is a directory");
    }

    @Test
    void aDirectoryThatEverybodyMayWriteToIsRefused() throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        refused(path, "which everybody may write to");
        assertFalse(Files.exists(path));
        Files.setAttribute(directory, "unix:mode", 01777);
        ListeningSocket.open(ListeningSocket.SERIAL, path).close(); // as /tmp is
    }

    @Test
    void aDirectoryOfAnotherUserIsRefused() throws IOException {
        assumeTrue(Posix.isRoot(), "only root can give a directory away");
        Path foreign = Files.createDirectory(directory.resolve("foreign"));
        Files.setAttribute(foreign, "unix:uid", 12_345);
        refused(foreign.resolve("com2.sock"), "which belongs to user 12345");
        Path link = Files.createSymbolicLink(directory.resolve("link"), foreign);
        refused(link.resolve("com2.sock"), "which belongs to user 12345");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // owner, mode, user
                "1000 | 0700  | 1000 |",
                "1000 | 0755  | 1000 |",
                "1000 | 0775  | 1000 |",
                "0    | 0755  | 1000 |",
                "0    | 1777  | 1000 |",
                "1000 | 1777  | 1000 |",
                "0    | 1775  | 1000 |",
                "0    | 0775  | 1000 | group",
                "0    | 0777  | 1000 | everybody",
                "1000 | 0777  | 1000 | everybody",
                "1000 | 0702  | 1000 | everybody",
                "1001 | 0755  | 1000 | belongs to user 1001",
                "1001 | 1777  | 1000 | belongs to user 1001",
                "1001 | 0755  | 0    | belongs to user 1001",
                "0    | 0777  | 0    | everybody",
                "0    | 0755  | 0    |",
            })
    void directoriesThatOthersControlAreObjectedTo(int owner, String mode, int user, @Nullable String objection) {
        String found = SocketPath.objection(owner, Integer.parseInt(mode, 8), user);
        if (objection == null) {
            assertNull(found);
        } else {
            assertTrue(found != null && found.contains(objection), () -> "found: " + found);
        }
    }
}
