package io.javisor.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoorTest {
    @TempDir
    private Path directory = Path.of("");

    private static String refusal(Path path) {
        return String.valueOf(assertThrows(AgentException.class, () -> Door.open("socket", path))
                .getMessage());
    }

    @Test
    void itIsForItsUserAndGoesWithWhoMadeIt() throws IOException {
        Path path = directory.resolve("socket");
        try (Door _ = Door.open("socket", path)) {
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
            assertEquals("the socket " + path + " is in use", refusal(path));
        }
        assertFalse(Files.exists(path));
    }

    @Test
    void whatADeadProcessLeftIsReplaced() throws IOException {
        Path path = directory.resolve("socket");
        try (ServerSocketChannel left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            left.bind(UnixDomainSocketAddress.of(path));
        }
        assertTrue(Files.exists(path));
        Door.open("socket", path).close();
        assertFalse(Files.exists(path));
    }

    @Test
    void whatIsNoSocketStays() throws IOException {
        Path path = Files.createFile(directory.resolve("socket"));
        assertEquals("the socket " + path + " exists and is not a socket", refusal(path));
    }

    @Test
    void noOtherMayWriteToItsDirectory() throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwx---"));
        Path path = directory.resolve("socket");
        assertEquals("the socket " + path + " would be in a directory that others may write to", refusal(path));
    }

    @Test
    void aPathThatNoSocketCanHaveIsRefused() {
        Path path = directory.resolve("x".repeat(120));
        assertEquals(
                "the socket " + path + " has a path of " + path.toString().length() + " bytes; a socket's may have 107",
                refusal(path));
    }

    @Test
    void anotherThatLiesThereByThenStays() throws IOException {
        Path path = directory.resolve("socket");
        try (Door _ = Door.open("socket", path)) {
            Files.delete(path);
            Files.createFile(path);
        }
        assertTrue(Files.exists(path));
    }
}
