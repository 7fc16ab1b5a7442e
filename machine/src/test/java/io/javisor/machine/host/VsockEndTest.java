package io.javisor.machine.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.UnixSocket;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.VsockConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VsockEndTest {
    @TempDir
    private Path directory = Path.of("");

    private VsockConfig config = new VsockConfig(3, Path.of("v"));

    @BeforeEach
    void choosePath() {
        config = config.at(directory.resolve("v"));
    }

    @Test
    void itsSocketIsItsOwnersAndGoesWithIt() throws IOException {
        VsockEnd.check(config);
        assertFalse(Files.exists(config.path()), "a look makes nothing");
        try (VsockEnd _ = VsockEnd.open(config)) {
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(config.path())));
            UnixSocket.connect(config.path().toString()).close();
            ConfigException refusal = assertThrows(ConfigException.class, () -> VsockEnd.open(config));
            assertTrue(refusal.toString().contains("vsock socket " + config.path() + " is in use"), refusal::toString);
        }
        assertFalse(Files.exists(config.path(), LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void oneThatWasLeftBehindIsReplacedAndNothingElse() throws IOException {
        UnixSocket.listen(config.path().toString(), 0600).close();
        VsockEnd.open(config).close();
        Files.writeString(config.path(), "precious");
        ConfigException refusal = assertThrows(ConfigException.class, () -> VsockEnd.open(config));
        assertTrue(refusal.toString().contains("is not a socket"), refusal::toString);
        assertThrows(ConfigException.class, () -> VsockEnd.check(config));
        assertEquals("precious", Files.readString(config.path()));
    }

    @Test
    void aPortLeadsToWhoListensBesideIt() {
        assertEquals(-Errno.ENOENT, VsockEnd.dial(config, 52));
        try (Fd listener = UnixSocket.listen(config.listenerPath(52), 0600)) {
            try (Fd _ = Fd.own("dialled", VsockEnd.dial(config, 52));
                    Fd accepted = Fd.own("accepted", UnixSocket.accept(listener.value()))) {
                assertTrue(accepted.value() > 0);
            }
        }
        assertEquals(-Errno.ECONNREFUSED, VsockEnd.dial(config, 52));
    }

    /** In a directory as /tmp is, anybody can make a socket of that name. */
    @Test
    void nobodyButTheUserAndRootIsTrusted() {
        assertTrue(VsockEnd.isTrusted(0, 1000));
        assertTrue(VsockEnd.isTrusted(1000, 1000));
        assertFalse(VsockEnd.isTrusted(1001, 1000));
        assertFalse(VsockEnd.isTrusted(1000, 0));
        assertFalse(VsockEnd.isTrusted(-1, 1000));
    }
}
