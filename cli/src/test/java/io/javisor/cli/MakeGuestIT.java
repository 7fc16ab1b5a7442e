package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.testkit.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code guest/make-guest} where it can't make the guest: one line that says what to do, and nothing half made is left. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class MakeGuestIT {
    private static final Path MAKE_GUEST = Checkout.DIRECTORY.resolve("guest/make-guest");

    /** Two packages may have to be downloaded. */
    private static final int MAKE_SECONDS = 300;

    @TempDir
    private Path directory = Path.of("");

    @Test
    void noPlaceForTheGuest() throws Exception {
        Program.run(Root.command("env", "-u", "HOME", "-u", "XDG_CACHE_HOME", MAKE_GUEST))
                .assertFailed(1, "neither HOME nor XDG_CACHE_HOME is set", "set one of them");
    }

    @Test
    void cacheIsNoDirectory() throws Exception {
        Path file = Files.createFile(directory.resolve("file"));
        Program.run(Root.command("env", "XDG_CACHE_HOME=" + file, MAKE_GUEST))
                .assertFailed(1, "Not a directory", "set XDG_CACHE_HOME to a writable place");
    }

    @Test
    void cacheOnAReadOnlyDisk() throws Exception {
        Root.assumeAvailable();
        Program.run(Root.withPrivateMounts(
                        "mount -t tmpfs -o ro none $1; XDG_CACHE_HOME=$1/cache exec $2", directory, MAKE_GUEST))
                .assertFailed(1, "Read-only file system", "set XDG_CACHE_HOME to a writable place");
    }

    @Test
    void cacheOfSomeoneElse() throws Exception {
        Root.assumeAvailable();
        Root.openToAll(directory);
        Path makeGuest = readableMakeGuest();
        Program.run(Root.asNobody("env", "XDG_CACHE_HOME=" + directory, makeGuest))
                .assertFailed(1, "cannot make " + directory, "Permission denied", "set XDG_CACHE_HOME");
        Files.createDirectories(directory.resolve("javisor/guest"));
        Program.run(Root.asNobody("env", "XDG_CACHE_HOME=" + directory, makeGuest))
                .assertFailed(1, "cannot write to " + directory.resolve("javisor/guest"), "set XDG_CACHE_HOME");
        assertEquals(List.of(), filesIn(directory.resolve("javisor/guest")));
    }

    @Test
    void diskIsTooSmall() throws Exception {
        Root.assumeAvailable();
        Program.Result result = runMake(
                "mount -t tmpfs -o size=1m none $1; XDG_CACHE_HOME=$1 $2 || { s=$?; ls -A $1/javisor/guest >$3; exit"
                        + " $s; }");
        result.assertFailed(1, "needs 200 MiB", "free some or set XDG_CACHE_HOME to a larger disk");
        assertNothingIsLeft(Files.readAllLines(directory.resolve("left")));
    }

    @Test
    void diskFillsUpOnTheWay() throws Exception {
        Root.assumeAvailable();
        // Large enough to begin, and made small as soon as it has begun.
        Program.Result result = runMake("""
            mount -t tmpfs -o size=300m none $1
            XDG_CACHE_HOME=$1 $2 &
            while kill -0 $! && ! ls -d $1/javisor/guest/.build.*/unpacked; do sleep .02; done >/dev/null 2>&1
            mount -o remount,size=48m $1
            status=0; wait $! || status=$?
            ls -A $1/javisor/guest >$3
            ! XDG_CACHE_HOME=$1 $2 --path >/dev/null || status=the-guest-is-taken-for-made
            exit $status
            """);
        assertEquals(1, result.status(), result::toString);
        String last = result.err().lines().toList().getLast();
        assertTrue(last.contains(" failed: no space left in "), last);
        assertTrue(last.endsWith("set XDG_CACHE_HOME to a larger disk"), last);
        assertNothingIsLeft(Files.readAllLines(directory.resolve("left")));
    }

    /** Also by way of javisor, in whose line it is then. */
    @Test
    void hostIsNotDebian() throws Exception {
        Root.assumeAvailable();
        Path nothing = Files.createFile(directory.resolve("nothing"));
        Root.openToAll(directory);
        String hidden = "mount --bind $1 \"$(command -v apt-get)\"; shift; exec \"$@\"";
        List<String> make = Root.command("env", "XDG_CACHE_HOME=" + directory, MAKE_GUEST);
        Program.run(Root.withPrivateMounts(hidden, nothing, make))
                .assertFailed(1, "this is not Debian", "give javisor a kernel of your own with --kernel");
        List<String> run = Root.command("env", "XDG_CACHE_HOME=" + directory, Checkout.LAUNCHER, "run", "--dry-run");
        Program.run(Root.withPrivateMounts(hidden, nothing, run))
                .assertFailed(125, "javisor: the default guest can't be made: this is not Debian", "--kernel");
    }

    @Test
    void aptHasNoLists() throws Exception {
        Root.assumeAvailable();
        Root.openToAll(directory);
        Path cache = Files.createDirectory(directory.resolve("cache"));
        Files.setAttribute(cache, "unix:uid", Root.NOBODY);
        Program.Result result = Program.run(Root.withPrivateMounts(
                "mount -t tmpfs none /var/lib/apt/lists; mount -t tmpfs none /var/cache/apt; exec \"$@\"",
                Root.asNobody("env", "XDG_CACHE_HOME=" + cache, readableMakeGuest())));
        assertEquals(1, result.status(), result::toString);
        String last = result.err().lines().toList().getLast();
        assertTrue(last.contains("apt knows no linux-image-cloud-amd64") && last.contains("sudo apt-get update"), last);
        assertNothingIsLeft(filesIn(cache.resolve("javisor/guest")));
    }

    /** What was made is used whatever apt has by now; only --update asks. */
    @Test
    void whatIsMadeIsUsedUntilAnUpdate() throws Exception {
        Root.assumeAvailable();
        Path guest = GuestSession.defaultGuest();
        Path copy = directory.resolve("javisor/guest").resolve(guest.getFileName());
        Files.createDirectories(copy.getParent());
        Root.copy(guest, copy);
        List<String> make = Root.command("env", "XDG_CACHE_HOME=" + directory, MAKE_GUEST);
        Program.Result again = Program.run(
                Root.withPrivateMounts("mount --bind /dev/null \"$(command -v apt-get)\"; exec \"$@\"", make));
        assertEquals(new Program.Result(0, copy + "\n", ""), again);
        Program.Result current = Program.run(Root.command(make, "--update"));
        assertEquals(0, current.status(), current::toString);
        assertTrue(current.err().contains("as new as apt's lists"), current::toString);

        Path manifest = copy.resolve("MANIFEST");
        Files.writeString(manifest, Files.readString(manifest).replaceAll("(package busybox-static) .*", "$1 0-1"));
        try (Program program = Program.start(Root.command(make, "--update"))) {
            assertEquals(0, program.awaitEnd(MAKE_SECONDS).status());
        }
        assertFalse(Files.readString(manifest).contains(" 0-1\n"));
        // The same packages, the same bytes.
        assertEquals(-1, Files.mismatch(guest.resolve("initramfs.cpio"), copy.resolve("initramfs.cpio")));
    }

    /** TERM removes what is half made; what KILL leaves behind is not taken for a guest, and the next run removes it. */
    @Test
    void isEndedOnTheWay() throws Exception {
        Path guests = directory.resolve("javisor/guest");
        List<String> build = Root.command("env", "XDG_CACHE_HOME=" + directory, MAKE_GUEST);
        Path first;
        try (Program program = Program.start(build)) {
            first = awaitWork(program, guests, Path.of(""));
        }
        assertTrue(Files.exists(first));
        assertEquals(1, Program.run(Root.command(build, "--path")).status());
        try (Program program = Program.start(build)) {
            Path second = awaitWork(program, guests, first);
            assertFalse(Files.exists(first));
            program.process().destroy();
            assertEquals(143, program.awaitEnd(Await.TIMEOUT_SECONDS).status());
            assertFalse(Files.exists(second));
        }
        assertNothingIsLeft(filesIn(guests));
        assertEquals(1, Program.run(Root.command(build, "--path")).status());
    }

    /** A server that does not answer holds nothing up. */
    @Test
    void isEndedWhileItDownloads() throws Exception {
        Path pid = directory.resolve("pid");
        List<String> build = makeWith("apt-get", "case $* in *download*) echo $$ >" + pid + "; exec sleep 300 ;; esac");
        try (Program program = Program.start(build)) {
            Await.until(() -> "the download", MAKE_SECONDS, () -> pid.toFile().length() > 0);
            program.process().destroy();
            assertEquals(143, program.awaitEnd(Await.TIMEOUT_SECONDS).status());
        }
        assertFalse(Files.exists(Path.of("/proc", Files.readString(pid).strip())));
        assertNothingIsLeft(filesIn(directory.resolve("javisor/guest")));
    }

    @ParameterizedTest
    @CsvSource({"/bin/busybox, initramfs", "initramfs/init, initramfs", "virtio_blk.ko, copying modules"})
    void whatCannotBeCopiedIsSaid(String file, String step) throws Exception {
        List<String> build = makeWith(
                "install", "case $* in *" + file + "*) echo no luck >&2; exit 1 ;; esac; exec /usr/bin/install \"$@\"");
        try (Program program = Program.start(build)) {
            Program.Result result = program.awaitEnd(MAKE_SECONDS);
            assertEquals(1, result.status(), result::toString);
            assertEquals("", result.out());
            String end =
                    result.err().lines().skip(result.err().lines().count() - 2).collect(Collectors.joining());
            assertTrue(end.startsWith("  | no luckmake-guest: " + step + " failed;"), result::toString);
        }
        assertNothingIsLeft(filesIn(directory.resolve("javisor/guest")));
    }

    /** make-guest where {@code tool} is a script. */
    private List<String> makeWith(String tool, String script) throws IOException {
        Path tools = Files.createDirectory(directory.resolve("tools"));
        assertTrue(Files.writeString(tools.resolve(tool), "#!/bin/sh\n" + script + "\n")
                .toFile()
                .setExecutable(true));
        return Root.command(
                "env", "XDG_CACHE_HOME=" + directory, "PATH=" + tools + ":" + System.getenv("PATH"), MAKE_GUEST);
    }

    @Test
    void javisorSaysItInOneLine() throws Exception {
        Path file = Files.createFile(directory.resolve("file"));
        Program.run(Root.command("env", "XDG_CACHE_HOME=" + file, Checkout.LAUNCHER, "run", "--dry-run"))
                .assertFailed(125, "javisor: the default guest can't be made: cannot make " + file, "--kernel");

        Program.run(Root.command("env", "-u", "HOME", "-u", "XDG_CACHE_HOME", Checkout.LAUNCHER, "run", "--dry-run"))
                .assertFailed(125, "neither XDG_CACHE_HOME nor HOME is set", "--kernel");
    }

    /** Runs a script with an empty directory, make-guest, and a file for the names of what is left there. */
    private Program.Result runMake(String script) throws IOException, InterruptedException {
        Path disk = Files.createDirectory(directory.resolve("disk"));
        try (Program program =
                Program.start(Root.withPrivateMounts(script, disk, MAKE_GUEST, directory.resolve("left")))) {
            return program.awaitEnd(MAKE_SECONDS);
        }
    }

    /** Waits until it works in a directory of its own. */
    private static Path awaitWork(Program program, Path guests, Path not) throws InterruptedException {
        Path[] found = new Path[1];
        Await.until(() -> "make-guest at work", MAKE_SECONDS, () -> {
            assertTrue(program.process().isAlive());
            found[0] = filesIn(guests).stream()
                    .filter(name -> name.startsWith(".build."))
                    .map(guests::resolve)
                    .filter(path -> !path.equals(not) && Files.exists(path.resolve("packages")))
                    .findFirst()
                    .orElse(null);
            return found[0] != null;
        });
        return found[0];
    }

    private static List<String> filesIn(Path guests) {
        if (!Files.isDirectory(guests)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(guests)) {
            return files.map(path -> path.getFileName().toString()).toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Nothing but the lock and the log. */
    private static void assertNothingIsLeft(List<String> names) {
        assertTrue(names.stream().allMatch(name -> name.equals(".lock") || name.endsWith(".log")), names::toString);
    }

    private Path readableMakeGuest() throws IOException {
        Path copy = directory.resolve("guest");
        Root.copy(Checkout.DIRECTORY.resolve("guest"), copy);
        return copy.resolve("make-guest");
    }
}
