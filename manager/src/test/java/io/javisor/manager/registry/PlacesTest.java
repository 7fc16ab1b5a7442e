package io.javisor.manager.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.machine.config.ConfigException;
import io.javisor.testkit.host.Posix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlacesTest {
    @TempDir
    private Path directory = Path.of("");

    private String refusal(Path state, Path runtime) {
        return String.valueOf(assertThrows(ConfigException.class, () -> new Places(state, runtime).ensure())
                .getMessage());
    }

    @Test
    void theEnvironmentNamesThem() {
        assertEquals(
                new Places(Path.of("/s/javisor"), Path.of("/r/javisor")),
                Places.of(Map.of("XDG_STATE_HOME", "/s", "XDG_RUNTIME_DIR", "/r", "HOME", "/h")));
        Places byHome = Places.of(Map.of("HOME", "/h", "TMPDIR", "/t", "XDG_STATE_HOME", ""));
        assertEquals(Path.of("/h/.local/state/javisor"), byHome.state());
        assertTrue(byHome.runtime().endsWith("javisor") || byHome.runtime().startsWith("/t"), byHome.toString());
    }

    /** XDG Base Directory Specification: "consider the path invalid and ignore it". */
    @Test
    void relativePathsAreNone() {
        Map<String, String> absolute = Map.of("HOME", "/h", "TMPDIR", "/t");
        Map<String, String> relative = new HashMap<>(absolute);
        relative.put("XDG_STATE_HOME", "s");
        relative.put("XDG_RUNTIME_DIR", "./r");
        assertEquals(Places.of(absolute), Places.of(relative));
    }

    @Test
    void withoutAHomeThereIsNoPlace() {
        assertEquals(
                "neither XDG_STATE_HOME nor HOME is set, so there is no place to keep machines; set one to a directory"
                        + " of yours",
                assertThrows(ConfigException.class, () -> Places.of(Map.of())).getMessage());
    }

    @Test
    void aMissingRuntimeDirectoryIsTheSystemsToMake() {
        Path runtime = directory.resolve("no").resolve("javisor");
        assertEquals(
                "the runtime directory " + directory.resolve("no")
                        + " does not exist; set XDG_RUNTIME_DIR to a directory of yours",
                refusal(directory.resolve("state"), runtime));
    }

    @Test
    void aFileInTheWay() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");
        assertEquals(
                "can't make the directory " + file
                        + ": something else is there; set XDG_STATE_HOME to a directory of yours",
                refusal(file, directory.resolve("run")));
    }

    @Test
    void othersMayNotEnter() throws IOException {
        Path open = Files.createDirectory(
                directory.resolve("open"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        assertEquals(
                "others may enter the directory " + open + "; run: chmod 700 " + open,
                refusal(open, directory.resolve("run")));
    }

    /** Where everybody may make files another user could lead us to any directory of ours. */
    @Test
    void anotherUsersLinkIsNotFollowed() throws IOException {
        Assumptions.assumeTrue(Posix.isRoot(), "only root can give a link away");
        Path precious = Files.createDirectory(
                directory.resolve("precious"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path link = Files.createSymbolicLink(directory.resolve("link"), precious);
        Path state = directory.resolve("state");
        new Places(state, link).ensure(); // a link of one's own may be
        Files.setAttribute(link, "unix:uid", 12345, LinkOption.NOFOLLOW_LINKS);
        String reason =
                link + " is a link of user 12345, which is not followed; set XDG_RUNTIME_DIR to a directory of yours";
        assertEquals("the directory " + link + ": " + reason, refusal(state, link));
        assertEquals("the directory " + link.resolve("in") + ": " + reason, refusal(state, link.resolve("in")));
        try (Stream<Path> files = Files.list(precious)) {
            assertEquals(0, files.count());
        }
    }

    @Test
    void anotherUsersIsRefused() throws IOException {
        Assumptions.assumeTrue(Posix.isRoot(), "only root can give a directory away");
        Path theirs = Files.createDirectory(directory.resolve("theirs"));
        Files.setAttribute(theirs, "unix:uid", 12345);
        assertEquals(
                "the directory " + theirs
                        + " belongs to user 12345, and so do the machines in it; set XDG_STATE_HOME to a directory of"
                        + " yours",
                refusal(theirs, directory.resolve("run")));
    }

    @Test
    void aReadOnlyPlace() {
        Path state = Path.of("/proc/javisor"); // where nobody, not even root, makes a directory
        String refusal = refusal(state, directory.resolve("run"));
        assertTrue(refusal.startsWith("can't make the directory /proc/javisor: "), refusal);
        assertTrue(refusal.endsWith("; set XDG_STATE_HOME to a directory of yours"), refusal);
    }
}
