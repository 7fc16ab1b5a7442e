package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.machine.doctor.Check;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A checkout, a package, and what may be missing in either. */
class DefaultGuestCheckTest {
    @TempDir
    private Path directory = Path.of("");

    private Path home = directory;
    private Map<String, String> environment = Map.of();

    @BeforeEach
    void places() {
        home = directory.resolve("it's home");
        environment = Map.of("XDG_CACHE_HOME", directory.resolve("cache").toString());
    }

    private Path recipe(boolean script) throws IOException {
        Path recipe = Files.createDirectories(home.resolve("guest"));
        Files.writeString(recipe.resolve("inputs"), "base.config\n");
        Files.writeString(recipe.resolve("base.config"), "CONFIG_64BIT=y\n");
        if (script) {
            Path file = Files.writeString(recipe.resolve("make-guest"), "#!/bin/sh\n");
            assertTrue(file.toFile().setExecutable(true));
        }
        return recipe;
    }

    @Test
    void guestThatIsMade() throws IOException {
        Path made = directory.resolve("cache/javisor/guest").resolve(DefaultGuest.key(recipe(true)));
        Files.createDirectories(made);
        Files.writeString(made.resolve("vmlinuz"), "");
        Files.writeString(made.resolve("initramfs.cpio"), "");
        Files.writeString(made.resolve("container-modules.cpio"), "");
        assertEquals(Check.ok("default-guest", "made: " + made), DefaultGuestCheck.check(home, environment));
    }

    @Test
    void guestToBeMadeNamesTheCommandAsAShellReadsIt() throws IOException {
        Path recipe = recipe(true);
        Check check = DefaultGuestCheck.check(home, environment);
        assertEquals(Check.Status.WARNING, check.status());
        assertTrue(check.found().contains(DefaultGuest.key(recipe)), check::toString);
        String quoted = "'" + directory + "/it'\\''s home/guest/make-guest'   #";
        assertTrue(String.valueOf(check.remedy()).startsWith(quoted), check::toString);
    }

    @Test
    void packageWithoutTheScript() throws IOException {
        recipe(false);
        Check check = DefaultGuestCheck.check(home, environment);
        assertTrue(check.found().startsWith("not made yet: "), check::toString);
        assertTrue(String.valueOf(check.remedy()).startsWith("javisor run --kernel "), check::toString);
    }

    @Test
    void packageWithoutTheRecipe() {
        Check check = DefaultGuestCheck.check(home, environment);
        assertTrue(check.found().startsWith("this installation has no recipe"), check::toString);
        assertTrue(String.valueOf(check.remedy()).startsWith("javisor run --kernel "), check::toString);
    }

    @Test
    void noPlaceForACache() throws IOException {
        recipe(true);
        Check check = DefaultGuestCheck.check(home, Map.of());
        assertTrue(check.found().contains("HOME"), check::toString);
        assertTrue(String.valueOf(check.remedy()).startsWith("export HOME="), check::toString);
    }

    @Test
    void recipeThatIsIncomplete() throws IOException {
        Files.delete(recipe(true).resolve("base.config"));
        Check check = DefaultGuestCheck.check(home, environment);
        assertEquals(Check.Status.WARNING, check.status());
        assertTrue(check.found().contains("base.config"), check::toString);
    }
}
