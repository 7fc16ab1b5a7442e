package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.testkit.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code guest/make-rootfs}: what its image holds; and where it can't make one, a line that says what to do, and nothing half made is left. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class MakeRootfsIT {
    private static final Path MAKE_ROOTFS = Checkout.DIRECTORY.resolve("guest/make-rootfs");

    /** Packages may have to be installed, downloaded and unpacked first. */
    private static final int BUILD_SECONDS = 500;

    private static final Pattern NEEDED = Pattern.compile("need an image of (\\d+)M or more, not 100M");

    @TempDir
    private Path directory = Path.of("");

    // ---- arguments ----

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "--force                              | the image to make is not named",
                "a.ext4 b.ext4                        | two images",
                "a.ext4 --colour                      | unknown option --colour",
                "a.ext4 --size                        | --size needs a value",
                "a.ext4 --size 1X                     | '1X' is not a size",
                "a.ext4 --size 0                      | '0' is not a size",
                "a.ext4 --size 1M                     | 1M is too small for a userland; give 64M or more",
                "a.ext4 --size 16T                    | give less than 16T",
                "a.ext4 --size 99999999999T           | give less than 16T",
                "a.ext4 --include vim,--force-yes     | '--force-yes' is not the name of a package",
                "a.ext4 --init upstart                | 'upstart' is neither busybox nor systemd",
                "a.ext4 --hostname a_b                | 'a_b' is not a host name",
                "a.ext4 --ssh-key /nonexistent        | cannot read /nonexistent",
                "a.ext4 --ssh-key /etc/passwd         | /etc/passwd has no public SSH key",
                "a.ext4 --password-file /nonexistent  | cannot read a password from the first line of /nonexistent",
                "a.ext4 --password-file /dev/null     | cannot read a password from the first line of /dev/null",
                "/nonexistent/a.ext4                  | /nonexistent is not a directory",
                "/dev/null --force                    | /dev/null is not a regular file",
                "/etc                                 | /etc is a directory",
            })
    void badArguments(String arguments, String message) throws Exception {
        Program.run(Root.command("env", "XDG_CACHE_HOME=" + directory, MAKE_ROOTFS, List.of(arguments.split(" "))))
                .assertFailed(1, message);
        assertFalse(Files.exists(directory.resolve("javisor")));
    }

    @Test
    void anImageThatIsThereIsNotReplaced() throws Exception {
        Path image = Files.writeString(directory.resolve("a.ext4"), "mine");
        Program.run(Root.command(MAKE_ROOTFS, image)).assertFailed(1, image + " is there already", "--force");
        assertEquals("mine", Files.readString(image));
    }

    @Test
    void privateKey() throws Exception {
        Path key = Files.writeString(directory.resolve("id"), "-----BEGIN OPENSSH PRIVATE KEY-----\n");
        Program.run(Root.command(MAKE_ROOTFS, directory.resolve("a"), "--ssh-key", key))
                .assertFailed(1, "is a private key; give the public one, " + key + ".pub");
    }

    @Test
    void noPlaceForTheUserland() throws Exception {
        Program.run(Root.command("env", "-u", "HOME", "-u", "XDG_CACHE_HOME", MAKE_ROOTFS, directory.resolve("a")))
                .assertFailed(1, "neither HOME nor XDG_CACHE_HOME is set", "set one of them");
        Path file = Files.createFile(directory.resolve("file"));
        Program.run(Root.command("env", "XDG_CACHE_HOME=" + file, MAKE_ROOTFS, directory.resolve("a")))
                .assertFailed(1, "Not a directory", "set XDG_CACHE_HOME to a writable place");
    }

    @Test
    void unknownPackage() throws Exception {
        Root.assumeAvailable(); // so that the tools are there
        Path image = directory.resolve("a.ext4");
        Program.Result result =
                run("env", "XDG_CACHE_HOME=" + directory, MAKE_ROOTFS, image, "--include", "no-such-package");
        assertFailed(result, "--include: apt has no package no-such-package; check the spelling");
        assertNothingIsLeft(names(directory.resolve("javisor/rootfs")));
        assertEquals(List.of("javisor"), names(directory));
    }

    // ---- disks ----

    @Test
    void cacheIsTooSmall() throws Exception {
        Root.assumeAvailable();
        Path disk = Files.createDirectory(directory.resolve("disk"));
        Program.Result result = run(Root.withPrivateMounts(
                "mount -t tmpfs -o size=1m none $1; XDG_CACHE_HOME=$1 exec $2 $3",
                disk,
                MAKE_ROOTFS,
                directory.resolve("a.ext4")));
        assertFailed(result, "needs 800 MiB", "free some or set XDG_CACHE_HOME to a larger disk");
    }

    @Test
    void diskOfTheImageFillsUp() throws Exception {
        Root.assumeAvailable();
        Path disk = Files.createDirectory(directory.resolve("disk"));
        Path left = directory.resolve("left");
        Program.Result result = run(Root.withPrivateMounts(
                "mount -t tmpfs -o size=50m none $1; s=0; $2 $1/a.ext4 || s=$?; ls -A $1 >$3; exit $s",
                disk,
                MAKE_ROOTFS,
                left));
        assertFailed(result, "making the image failed: no space left in " + disk);
        assertEquals("", Files.readString(left));
    }

    @Test
    void cacheFillsUpMeanwhile() throws Exception {
        Root.assumeAvailable();
        Path disk = Files.createDirectory(directory.resolve("disk"));
        Path left = directory.resolve("left");
        Program.Result result = run(Root.withPrivateMounts("""
            mount -t tmpfs -o size=900m none $1
            XDG_CACHE_HOME=$1 $2 $4 &
            while kill -0 $! && ! ls -d $1/javisor/rootfs/.build.*/mmdebstrap.*; do sleep .02; done >/dev/null 2>&1
            mount -o remount,size=32m $1
            s=0; wait $! || s=$?; ls -A $1/javisor/rootfs >$3; exit $s
            """, disk, MAKE_ROOTFS, left, directory.resolve("a.ext4")));
        assertFailed(result, "making the userland failed: no space left in " + disk);
        assertNothingIsLeft(Files.readAllLines(left));
    }

    // ---- its end ----

    /** TERM removes what is half made; KILL ends all processes too, and the next run removes what it left. */
    @Test
    void runIsEnded() throws Exception {
        Root.assumeAvailable();
        Path cache = directory.resolve("javisor/rootfs");
        List<String> command =
                Root.command("env", "XDG_CACHE_HOME=" + directory, MAKE_ROOTFS, directory.resolve("a.ext4"));
        Path first;
        try (Program program = Program.start(command)) {
            first = awaitUnpacking(program, cache, Path.of(""));
            List<ProcessHandle> descendants = program.process().descendants().toList();
            assertFalse(descendants.isEmpty());
            program.process().destroyForcibly().waitFor();
            Await.until(
                    () -> "the end of " + descendants,
                    Await.TIMEOUT_SECONDS,
                    () -> descendants.stream().noneMatch(ProcessHandle::isAlive));
        }
        assertTrue(Files.exists(first));
        try (Program program = Program.start(command)) {
            Path second = awaitUnpacking(program, cache, first);
            assertFalse(Files.exists(first));
            program.process().destroy();
            assertEquals(143, program.awaitEnd(Await.TIMEOUT_SECONDS).status());
            assertFalse(Files.exists(second));
        }
        assertNothingIsLeft(names(cache));
        assertEquals(List.of("javisor"), names(directory));
        assertFalse(Files.readString(Path.of("/proc/mounts")).contains(directory.toString()));
    }

    // ---- the image ----

    /** One image of the default packages, as small as they allow, with a password and a key; looked into with e2fsprogs. */
    @Test
    void image() throws Exception {
        Root.assumeAvailable();
        Path image = directory.resolve("a.ext4");
        Program.Result tooSmall = run(MAKE_ROOTFS, image, "--size", "100M");
        assertEquals(1, tooSmall.status(), tooSmall::toString);
        Matcher needed = NEEDED.matcher(tooSmall.err());
        assertTrue(needed.find(), tooSmall::toString);
        assertFalse(Files.exists(image));

        Path password = Files.writeString(directory.resolve("password"), "secret\n");
        Program.Result made = run(
                MAKE_ROOTFS, image, "--size", needed.group(1) + "M", "--hostname", "rose", "--password-file", password);
        assertEquals(0, made.status(), made::toString);
        assertEquals(image + "\n", made.out());
        assertEquals(Long.parseLong(needed.group(1)) << 20, Files.size(image));
        assertEquals(List.of("a.ext4", "password"), names(directory));

        Program.Result check = Program.run("/usr/sbin/e2fsck", "-fn", image.toString());
        assertEquals(0, check.status(), check::toString);
        assertEquals("rose\n", debugfs(image, "cat /etc/hostname"));
        assertTrue(debugfs(image, "cat /etc/shadow").startsWith("root:$6$"));
        assertTrue(debugfs(image, "cat /etc/apt/sources.list").startsWith("deb "));
        assertFalse(debugfs(image, "cat /etc/apt/apt.conf.d/99mmdebstrap").contains("Acquire"));
        assertTrue(debugfs(image, "stat /sbin/init").contains("Fast link dest: \"../bin/busybox\""));
        for (String directoryName : List.of("/dev", "/proc", "/sys", "/run")) {
            assertFile(image, directoryName, "directory", "0755", 0);
        }
        assertFile(image, "/tmp", "directory", "01777", 0);
        assertFile(image, "/bin/busybox", "regular", "0755", 0);
        assertFile(image, "/usr/bin/su", "regular", "04755", 0);
        assertFile(image, "/etc/shadow", "regular", "0640", 42);
        assertFile(image, "/etc/inittab", "regular", "0644", 0);
        assertFile(image, "/usr/local/lib/javisor/boot", "regular", "0755", 0);
        // Hard links are kept: perl has two names.
        assertTrue(debugfs(image, "stat /usr/bin/perl").contains("Links: 2"));
        assertArrayEquals(
                inode(debugfs(image, "stat /usr/bin/perl")), inode(debugfs(image, "stat /usr/bin/perl5.36.0")));
    }

    private static void assertFile(Path image, String path, String type, String mode, int group) throws Exception {
        String stat = debugfs(image, "stat " + path).replaceAll("\\s+", " ");
        assertTrue(stat.contains("Type: " + type + " Mode: " + mode + " "), path + ": " + stat);
        assertTrue(stat.contains("User: 0 Group: " + group + " "), path + ": " + stat);
    }

    private static byte[] inode(String stat) {
        return stat.lines().findFirst().orElseThrow().getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }

    private static String debugfs(Path image, String request) throws Exception {
        return Program.run("/usr/sbin/debugfs", "-R", request, image.toString()).out();
    }

    private static Program.Result run(Object... command) throws IOException, InterruptedException {
        try (Program program = Program.start(Root.command(command))) {
            return program.awaitEnd(BUILD_SECONDS);
        }
    }

    /** It failed, and the last line, after those of progress, has {@code parts}. */
    private static void assertFailed(Program.Result result, String... parts) {
        assertEquals(1, result.status(), result::toString);
        String last = result.err().lines().toList().getLast();
        for (String part : parts) {
            assertTrue(last.contains(part), result::toString);
        }
        assertEquals(
                1,
                result.err()
                        .lines()
                        .filter(line -> !line.matches("make-rootfs: \\d+% .*"))
                        .count(),
                result::toString);
    }

    private static Path awaitUnpacking(Program program, Path cache, Path not) throws InterruptedException {
        Path[] found = new Path[1];
        Await.until(() -> "packages being unpacked", BUILD_SECONDS, () -> {
            assertTrue(program.process().isAlive());
            found[0] = names(cache).stream()
                    .filter(name -> name.startsWith(".build."))
                    .map(cache::resolve)
                    .filter(path -> !path.equals(not)
                            && names(path).stream()
                                    .anyMatch(name -> name.startsWith("mmdebstrap.")
                                            && Files.exists(path.resolve(name).resolve("usr/bin"))))
                    .findFirst()
                    .orElse(null);
            return found[0] != null;
        });
        return found[0];
    }

    private static List<String> names(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(path -> path.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Nothing but the lock and the log. */
    private static void assertNothingIsLeft(List<String> names) {
        assertTrue(names.stream().allMatch(name -> name.equals(".lock") || name.endsWith(".log")), names::toString);
    }
}
