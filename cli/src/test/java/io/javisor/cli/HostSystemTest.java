package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.machine.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostSystemTest {
    @TempDir
    private Path directory = Path.of("");

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("os-release"), text.replace('~', '\n'));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"PRETTY_NAME=\"Debian GNU/Linux 12\"~ID=debian~", "ID=x~ID_LIKE=\"ubuntu debian\"", "ID='debian'"
            })
    void debianAndWhatIsLikeIt(String text) throws IOException {
        Path file = file(text);
        assertDoesNotThrow(() -> HostSystem.requireDebian(file));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PRETTY_NAME=\"Fedora Linux 43\"~ID=fedora | Fedora Linux 43",
                "ID=arch~ID_LIKE=archlinux                | arch",
                "ID=notdebian~ID_LIKE=\"debianish rhel\"  | notdebian",
                "nothing                                  | linux"
            })
    void othersAreToldOfKernel(String text, String name) throws IOException {
        Path file = file(text.strip());
        assertEquals(
                "the default guest is made of Debian's packages, and this host is " + name.strip()
                        + "; give a kernel of its own with --kernel FILE, and --initrd FILE",
                assertThrows(ConfigException.class, () -> HostSystem.requireDebian(file))
                        .getMessage());
    }

    @Test
    void aHostThatDoesNotSay() {
        assertThrows(ConfigException.class, () -> HostSystem.requireDebian(directory.resolve("none")));
    }
}
