package io.javisor.machine.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.machine.host.GdbSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GdbConfigTest {
    @TempDir
    private Path directory = Path.of("");

    @ParameterizedTest
    @ValueSource(strings = {"unix:gdb.sock", "unix:/tmp/a b,c,wait", "tcp:1234", "tcp:65535,wait"})
    void itIsReadAndWritten(String text) {
        GdbConfig config = GdbConfig.parse(text);
        assertEquals(text, config.toString());
        assertEquals(text.endsWith(",wait"), config.waits());
    }

    @Test
    void theLoopbackAddressMayBeNamed() {
        assertEquals("tcp:1234", GdbConfig.parse("tcp:127.0.0.1:1234").toString());
        assertEquals("tcp:1234,wait", GdbConfig.parse("tcp:localhost:1234,wait").toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "tcp:0.0.0.0:1234 | '0.0.0.0' is not the loopback address",
                "tcp:example.org:1 | 'example.org' is not the loopback address",
                "tcp::1234 | '' is not the loopback address",
                "tcp:0 | '0' is not a port, 1 to 65535",
                "tcp:65536 | '65536' is not a port",
                "tcp: | '' is not a port",
                "tcp:-1 | '-1' is not a port",
                "tcp:12,now | '12,now' is not a port",
                "unix: | unix: has no path; give unix:PATH[,wait] or tcp:PORT[,wait]",
                "1234 | '1234' is not unix:PATH[,wait] or tcp:PORT[,wait]",
                ",wait | ',wait' is not unix:PATH"
            })
    void whatIsWrongIsSaid(String text, String part) {
        String message = String.valueOf(assertThrows(IllegalArgumentException.class, () -> GdbConfig.parse(text))
                .getMessage());
        assertTrue(message.startsWith(part), message);
        assertFalse(message.contains("\n"));
    }

    @Test
    void aPathIsNotTooLong() {
        String message = assertThrows(IllegalArgumentException.class, () -> GdbConfig.parse("unix:/" + "a".repeat(107)))
                .getMessage();
        assertEquals("a path of 108 bytes is too long for a socket, which may have 107", message);
    }

    @Test
    void aPortThatIsTakenIsRefused() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            GdbConfig.Endpoint endpoint = new GdbConfig.Endpoint.Tcp(taken.getLocalPort());
            String message = assertThrows(ConfigException.class, () -> GdbSocket.open(endpoint))
                    .getMessage();
            assertEquals(
                    "gdb can't listen on port " + taken.getLocalPort()
                            + " of 127.0.0.1: Address already in use; choose another",
                    message);
        }
    }

    @Test
    void aSocketsPathIsTheOwnersAndGoesWithIt() throws IOException {
        Path path = directory.resolve("gdb.sock");
        GdbConfig.Endpoint endpoint = new GdbConfig.Endpoint.Unix(path);
        try (GdbSocket _ = GdbSocket.open(endpoint)) {
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
            String message = String.valueOf(assertThrows(ConfigException.class, () -> GdbSocket.open(endpoint))
                    .getMessage());
            assertTrue(message.startsWith("gdb socket " + path + " is in use"), message);
        }
        assertFalse(Files.exists(path));
    }
}
