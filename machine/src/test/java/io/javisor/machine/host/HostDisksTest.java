package io.javisor.machine.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.DiskConfig;
import io.javisor.testkit.host.Posix;
import io.javisor.testkit.image.DiskBuilder;
import io.javisor.testkit.image.ExtBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostDisksTest {
    private static final List<Function<List<DiskConfig>, HostDisks>> BOTH_WAYS =
            List.of(HostDisks::open, HostDisks::look);

    @TempDir
    private Path directory = Path.of("");

    private Path image = directory;

    @BeforeEach
    void makeImage() throws IOException {
        image = Files.write(directory.resolve("a.img"), new byte[1 << 20]);
    }

    private List<DiskConfig> disks(String... texts) {
        return Stream.of(texts)
                .map(text -> DiskConfig.parse(directory.resolve(text).toString()))
                .toList();
    }

    private static void refused(Runnable open, String reason) {
        String message =
                String.valueOf(assertThrows(ConfigException.class, open::run).getMessage());
        assertTrue(message.contains(reason), message);
        assertEquals(1, message.lines().count());
    }

    /** What a machine that runs has, and what one more would have: it says what a run would. */
    @ParameterizedTest
    @CsvSource({
        "a.img, a.img, 'is in use by another machine or program; stop that first'",
        "a.img, 'a.img,readonly', 'which writes to it'",
        "'a.img,readonly', a.img, 'give it to both with ,readonly'",
        "'a.img,readonly', 'a.img,readonly', ''",
    })
    void whoLooksBesideAMachineIsToldWhatARunIsTold(String machines, String looked, String reason) {
        try (HostDisks _ = HostDisks.open(disks(machines))) {
            for (Function<List<DiskConfig>, HostDisks> way : BOTH_WAYS) {
                if (reason.isEmpty()) {
                    way.apply(disks(looked)).close();
                } else {
                    refused(() -> way.apply(disks(looked)).close(), reason);
                }
            }
        }
    }

    /** A machine that starts at the moment of a dry run gets its disk; the dry run sees that. */
    @Test
    void whoLooksIsInNobodysWay() {
        try (HostDisks looked = HostDisks.look(disks("a.img"))) {
            looked.requireStillFree();
            try (HostDisks _ = HostDisks.open(disks("a.img"))) {
                refused(looked::requireStillFree, "is in use by another machine");
            }
            looked.requireStillFree();
        }
    }

    @Test
    void whoLooksOpensForReadingOnly() throws IOException {
        try (HostDisks _ = HostDisks.look(disks("a.img"))) {
            List<String> modes = openModes();
            assertFalse(modes.isEmpty());
            assertTrue(modes.stream().allMatch(mode -> mode.endsWith("0")), modes::toString); // O_ACCMODE
        }
        try (HostDisks _ = HostDisks.open(disks("a.img"))) {
            List<String> modes = openModes();
            assertTrue(modes.size() == 1 && modes.getFirst().endsWith("2"), modes::toString);
        }
        assertEquals(List.of(), openModes());
    }

    /** The flags of this process's descriptors of the image, in octal (proc(5)). */
    private List<String> openModes() throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors
                    .filter(fd -> {
                        try {
                            return Files.readSymbolicLink(fd).equals(image.toRealPath());
                        } catch (IOException e) {
                            return false; // that of the list itself
                        }
                    })
                    .map(fd -> flags(String.valueOf(fd.getFileName())))
                    .toList();
        }
    }

    private static String flags(String fd) {
        try {
            return Files.readAllLines(Path.of("/proc/self/fdinfo", fd)).stream()
                    .filter(line -> line.startsWith("flags:"))
                    .findFirst()
                    .orElseThrow()
                    .strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aDiskIsGivenToAMachineOnce() throws IOException {
        Files.createLink(directory.resolve("b.img"), image);
        for (Function<List<DiskConfig>, HostDisks> way : BOTH_WAYS) {
            refused(() -> way.apply(disks("a.img", "b.img")).close(), "b.img is " + image + ", which this machine has");
            refused(() -> way.apply(disks("a.img,readonly", "a.img")).close(), "which this machine has");
            way.apply(disks("a.img,readonly", "b.img,readonly")).close();
        }
        HostDisks.open(disks("a.img")).close();
    }

    @Test
    void whatCannotBeWrittenIsSaidByWhoOnlyLooks() throws IOException {
        assumeTrue(!Posix.isRoot(), "root may write to everything");
        Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("r--r--r--"));
        for (Function<List<DiskConfig>, HostDisks> way : BOTH_WAYS) {
            refused(() -> way.apply(disks("a.img")).close(), "is not writable; add ,readonly");
            way.apply(disks("a.img,readonly")).close();
        }
    }

    @Test
    void theFirstSaysWhatBoots() throws IOException {
        try (HostDisks none = HostDisks.open(List.of())) {
            assertNull(none.first());
        }
        byte[] files = ExtBuilder.ext4().file("/etc/hostname", "box").bytes();
        Files.write(
                directory.resolve("b.img"),
                new DiskBuilder().partition("", files).mbr());
        Files.write(directory.resolve("c.img"), files);
        for (Function<List<DiskConfig>, HostDisks> way : BOTH_WAYS) {
            try (HostDisks disks = way.apply(disks("b.img", "a.img"))) {
                BootDisk first = disks.first();
                assertNotNull(first);
                assertTrue(first.partitioned());
                assertEquals(disks("b.img").getFirst(), first.disk());
            }
            try (HostDisks disks = way.apply(disks("a.img", "b.img"))) {
                BootDisk first = disks.first();
                assertNotNull(first);
                assertTrue(first.blank());
                refused(first::requireRoot, "holds nothing");
            }
            // Past the page cache, in the units that it demands.
            try (HostDisks disks = way.apply(disks("c.img,cache=none"))) {
                BootDisk first = disks.first();
                assertNotNull(first);
                assertFalse(first.partitioned() || first.blank());
                first.requireRoot();
            }
        }
    }
}
