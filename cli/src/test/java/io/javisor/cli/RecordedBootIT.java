package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.testkit.guest.TinyKernel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The AOT cache that is recorded on a boot: when the launcher takes it, and that a run records it. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class RecordedBootIT {
    private static final Path APP = Checkout.DIRECTORY.resolve("cli/target/javisor");

    @TempDir
    private Path cache = Path.of("");

    private Path boots = Path.of("");
    private Path recorded = Path.of("");

    @BeforeEach
    void record() throws IOException {
        boots = cache.resolve("javisor/boots");
        Files.createDirectories(boots);
        Files.setPosixFilePermissions(boots, PosixFilePermissions.fromString("rwx------"));
        recorded = boots.resolve(Files.readString(APP.resolve("key")).strip() + ".aot");
    }

    private void make() throws IOException {
        Files.copy(APP.resolve("javisor.aot"), recorded);
        Files.setPosixFilePermissions(recorded, PosixFilePermissions.fromString("rw-------"));
    }

    /** The environment's part of the command, then the launcher's. */
    private List<String> command(Object... words) {
        return Root.command(
                "env", "-u", "JAVISOR_BOOT_CACHE", "XDG_CACHE_HOME=" + cache, "JAVISOR_ACCEL=software", words);
    }

    private String taken(Object... words) throws IOException, InterruptedException {
        Program.Result result = Program.run(command("JAVISOR_PRINT_COMMAND=1", words));
        assertEquals("", result.err());
        return result.out()
                .lines()
                .filter(line -> line.startsWith("-XX:AOTCache="))
                .map(line -> line.substring("-XX:AOTCache=".length()))
                .findFirst()
                .orElseThrow();
    }

    private void assertTaken(Object... words) throws IOException, InterruptedException {
        assertEquals(recorded.toString(), taken(words));
    }

    private void assertNotTaken(Object... words) throws IOException, InterruptedException {
        assertEquals(APP.resolve("javisor.aot").toString(), taken(words));
    }

    @Test
    void takenForTheSoftwareEngineOnly() throws Exception {
        assertNotTaken(Checkout.LAUNCHER, "run");
        make();
        assertTaken(Checkout.LAUNCHER, "run");
        assertTaken(Checkout.LAUNCHER, "start", "name");
        assertTaken("JAVISOR_ACCEL=auto", Checkout.LAUNCHER, "run", "--accel", "software");
        assertTaken("JAVISOR_ACCEL=kvm", Checkout.LAUNCHER, "run", "--accel=software,translate=off");
        assertNotTaken(Checkout.LAUNCHER, "run", "--accel", "kvm");
        assertNotTaken("JAVISOR_ACCEL=kvm", Checkout.LAUNCHER, "run");
        assertNotTaken(Checkout.LAUNCHER, "--version");
        assertNotTaken(Checkout.LAUNCHER, "ps");
        assertNotTaken(Checkout.LAUNCHER);
    }

    /** A cache of their own, made with the package, and one that the JVM takes: it is to end if it can't. */
    @Test
    void commandsForImages() throws Exception {
        make();
        Path ofImages = APP.resolve("images.aot");
        for (String command : List.of("pull", "push", "images", "save", "load", "image", "system")) {
            assertEquals(ofImages.toString(), taken(Checkout.LAUNCHER, command));
        }
        Program.Result result = Program.run(command(
                "JDK_JAVA_OPTIONS=-XX:AOTMode=on", "XDG_DATA_HOME=" + cache, Checkout.LAUNCHER, "images", "--quiet"));
        assertEquals(0, result.status(), result::toString);
    }

    @Test
    void turnedOff() throws Exception {
        make();
        assertNotTaken("JAVISOR_BOOT_CACHE=off", Checkout.LAUNCHER, "run");
        assertNotTaken("HOME=", "XDG_CACHE_HOME=", Checkout.LAUNCHER, "run");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw--w----", "rw-----w-"})
    void othersMayWriteToIt(String mode) throws Exception {
        make();
        Files.setPosixFilePermissions(recorded, PosixFilePermissions.fromString(mode));
        assertNotTaken(Checkout.LAUNCHER, "run");
        Files.setPosixFilePermissions(recorded, PosixFilePermissions.fromString("r--r--r--"));
        assertTaken(Checkout.LAUNCHER, "run");
        Files.setPosixFilePermissions(boots, PosixFilePermissions.fromString("rwx" + mode.substring(3)));
        assertNotTaken(Checkout.LAUNCHER, "run");
    }

    @Test
    void anotherUsers() throws Exception {
        Root.assumeAvailable();
        make();
        Files.setAttribute(recorded, "unix:uid", Root.NOBODY);
        assertNotTaken(Checkout.LAUNCHER, "run");
        Files.setAttribute(recorded, "unix:uid", 0);
        assertTaken(Checkout.LAUNCHER, "run");
        Files.setAttribute(boots, "unix:uid", Root.NOBODY);
        assertNotTaken(Checkout.LAUNCHER, "run");
    }

    @Test
    void ofAnotherPackageOrJdk() throws Exception {
        make();
        // The same by another name.
        assertNotTaken("JAVISOR_JAVA_HOME=" + System.getProperty("java.home") + "/.", Checkout.LAUNCHER, "run");
        Files.setLastModifiedTime(
                recorded,
                FileTime.fromMillis(
                        Files.getLastModifiedTime(APP.resolve("built")).toMillis() - 1000));
        assertNotTaken(Checkout.LAUNCHER, "run");
        Path other = Files.move(recorded, boots.resolve("0a1b.aot"));
        Files.setLastModifiedTime(other, FileTime.fromMillis(System.currentTimeMillis()));
        assertNotTaken(Checkout.LAUNCHER, "run");
        Files.createSymbolicLink(recorded, other);
        assertNotTaken(Checkout.LAUNCHER, "run");
    }

    /** Cut off, of zeros from its middle on, and no cache at all. */
    @ParameterizedTest
    @ValueSource(doubles = {0.1, 0.5, 0})
    void aDamagedOneHindersNoMachine(double whole) throws Exception {
        make();
        long size = Files.size(recorded);
        try (FileChannel channel = FileChannel.open(recorded, StandardOpenOption.WRITE)) {
            channel.truncate((long) (size * whole));
            if (whole == 0.5) {
                channel.write(ByteBuffer.allocate(1), size - 1);
            }
        }
        assertTaken(Checkout.LAUNCHER, "run");
        Process run = new ProcessBuilder(
                        command(Checkout.LAUNCHER, "run", "--memory", "64M", "--kernel", TinyKernel.writeTo(cache)))
                .redirectInput(Files.writeString(cache.resolve("input"), "q").toFile())
                .redirectOutput(cache.resolve("output").toFile())
                .redirectError(cache.resolve("errors").toFile())
                .start();
        try {
            assertTrue(run.waitFor(1, TimeUnit.MINUTES));
            assertEquals(ExitStatus.POWER_OFF, run.exitValue());
        } finally {
            Program.kill(run);
        }
        assertEquals("", Files.readString(cache.resolve("errors")));
    }

    /** The first run of the default guest says in a line that it records; the next one starts with that, silently. */
    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void theFirstRunRecordsIt() throws Exception {
        Files.createSymbolicLink(
                cache.resolve("javisor/guest"), GuestSession.defaultGuest().getParent());
        assertEquals(0, occurrences("recording a boot", boot("off")));
        assertFalse(Files.exists(recorded));
        assertEquals(1, occurrences("recording a boot", boot("on")));
        try (Stream<Path> files = Files.list(boots)) {
            assertEquals(
                    List.of(".lock", recorded.getFileName().toString()),
                    files.map(file -> file.getFileName().toString()).sorted().toList());
        }
        assertTaken(Checkout.LAUNCHER, "run");
        FileTime made = Files.getLastModifiedTime(recorded);
        assertEquals(0, occurrences("recording a boot", boot("on")));
        assertEquals(made, Files.getLastModifiedTime(recorded));
        Program.Result classes = Program.run(command(
                "JAVA_TOOL_OPTIONS=-Xlog:class+load:file=" + cache.resolve("classes"),
                Checkout.LAUNCHER,
                "run",
                "--dry-run"));
        assertEquals(0, classes.status(), classes::toString);
        assertTrue(
                Files.readAllLines(cache.resolve("classes")).stream()
                                .filter(line -> line.contains("source: shared objects file"))
                                .count()
                        > 1000,
                classes::toString);
    }

    private String boot(String recording) throws IOException, InterruptedException {
        try (GuestSession guest = GuestSession.start(
                Map.of("JAVISOR_BOOT_CACHE", recording, "XDG_CACHE_HOME", cache.toString()), "--accel", "software")) {
            guest.await("javisor guest ready", GuestSession.FIRST_OUTPUT_SECONDS);
            guest.type("poweroff -f");
            assertEquals(ExitStatus.POWER_OFF, guest.awaitEnd(GuestSession.SHUTDOWN_SECONDS));
            return guest.toString();
        }
    }

    private static int occurrences(String text, String of) {
        return of.split(text, -1).length - 1;
    }
}
