package io.javisor.core.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.FileLock;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.log.RotatedFile.Outcome;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RotatedFileTest {
    @TempDir
    private Path directory = Path.of("");

    private Path log() {
        return directory.resolve("log");
    }

    private static RotatedFile open(Path path) {
        return RotatedFile.open("log", path, HostConstants.O_WRONLY);
    }

    private static void write(RotatedFile file, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(bytes.length);
            MemorySegment.copy(MemorySegment.ofArray(bytes), 0, data, 0, bytes.length);
            assertEquals(bytes.length, file.write(data.address(), bytes.length));
        }
    }

    private String read(String suffix) throws IOException {
        return Files.readString(directory.resolve("log" + suffix));
    }

    @Test
    void whatItHadIsInTheOlderOneUntilTheNextTime() throws IOException {
        try (RotatedFile file = open(log())) {
            for (String text : new String[] {"one", "two", "three"}) {
                write(file, text);
                assertEquals(text.length(), file.sizeBytes());
                assertEquals(text, read(""));
                assertEquals(Outcome.ROTATED, file.rotate());
                assertEquals(text, read(".1"));
                assertEquals("", read(""));
                assertEquals(0, file.sizeBytes());
            }
        }
    }

    @Test
    void theNewOneHasTheModeOfTheOld() throws IOException {
        try (RotatedFile file = open(log())) {
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(log())));
            Files.setPosixFilePermissions(log(), PosixFilePermissions.fromString("rw-r--rw-"));
            assertEquals(Outcome.ROTATED, file.rotate());
            assertEquals("rw-r--rw-", PosixFilePermissions.toString(Files.getPosixFilePermissions(log())));
        }
    }

    /** As by several processes. */
    @Test
    void twoThatAddToOneGoOnWithTheSame() throws IOException {
        try (RotatedFile first = open(log());
                RotatedFile second = open(log())) {
            write(first, "one");
            write(second, "two");
            assertEquals(6, first.sizeBytes());
            assertEquals(Outcome.ROTATED, first.rotate());
            write(first, "three");
            assertEquals(6, second.sizeBytes());
            assertEquals(Outcome.ROTATED, second.rotate());
            write(second, "four");
        }
        assertEquals("onetwo", read(".1"));
        assertEquals("threefour", read(""));
    }

    @Test
    void whoFindsAnotherAtItDoesNotWait() throws IOException {
        try (RotatedFile file = open(log());
                Fd other = Fd.own("log", Libc.open(log().toString(), HostConstants.O_WRONLY, 0))) {
            assertEquals(0, FileLock.tryLock(other, true));
            assertEquals(Outcome.BUSY, file.rotate());
            assertFalse(Files.exists(directory.resolve("log.1")));
            FileLock.unlock(other);
            assertEquals(Outcome.ROTATED, file.rotate());
        }
    }

    @Test
    void withoutAnOlderOneItIsEmptiedAndSaysWhy() throws IOException {
        Path inTheWay = Files.createDirectories(directory.resolve("log.1").resolve("x"));
        try (RotatedFile file = open(log());
                RotatedFile other = open(log())) {
            write(file, "one");
            assertEquals(Outcome.EMPTIED, file.rotate());
            assertEquals(inTheWay.getParent() + " can't be made: " + Errno.describe(Errno.EISDIR), file.reason());
            write(other, "two");
            assertEquals("two", read(""));
            assertEquals(Outcome.EMPTIED, other.rotate(), "the lock was given back");
        }
    }

    @Test
    void aFileThatSomebodyDeletedIsMadeAgain() throws IOException {
        Path older = Files.writeString(directory.resolve("log.1"), "older");
        try (RotatedFile file = open(log())) {
            Files.delete(log());
            write(file, "one");
            assertEquals(3, file.sizeBytes());
            assertEquals(Outcome.ROTATED, file.rotate());
            write(file, "two");
            assertEquals("two", read(""));
            assertEquals("older", Files.readString(older));
        }
    }

    @Test
    void whatCannotBeMadeAgainIsKeptUntilItCan() throws IOException {
        try (RotatedFile file = open(log())) {
            Files.delete(log());
            Files.createDirectory(log());
            assertEquals(Outcome.KEPT, file.rotate());
            assertEquals("a new " + log() + " can't be made: " + Errno.describe(Errno.EISDIR), file.reason());
            Files.delete(log());
            assertEquals(Outcome.ROTATED, file.rotate());
        }
    }

    @Test
    void whoTakesTheNameOfItsDirectoryGetsNothing() throws IOException {
        Path own = Files.createDirectory(directory.resolve("own"));
        try (RotatedFile file = open(own.resolve("log"))) {
            write(file, "one");
            Path moved = Files.move(own, directory.resolve("moved"));
            Files.createDirectory(own);
            assertEquals(Outcome.ROTATED, file.rotate());
            write(file, "two");
            assertEquals("one", Files.readString(moved.resolve("log.1")));
            assertEquals("two", Files.readString(moved.resolve("log")));
            assertFalse(Files.exists(own.resolve("log")));
        }
    }

    @Test
    void aDirectoryThatWasRemovedIsGoneOnInOnceItIsThereAgain() throws IOException {
        Path own = Files.createDirectory(directory.resolve("own"));
        Path log = own.resolve("log");
        try (RotatedFile file = open(log)) {
            Files.delete(log);
            Files.delete(own);
            write(file, "one");
            assertEquals(Outcome.KEPT, file.rotate());
            assertFalse(file.follow());
            assertEquals("a new " + log + " can't be made: " + Errno.describe(Errno.ENOENT), file.reason());
            Files.createDirectory(own);
            assertTrue(file.follow());
            write(file, "two");
            assertEquals("two", Files.readString(log));
            assertEquals(Outcome.ROTATED, file.rotate());
            assertEquals("two", Files.readString(own.resolve("log.1")));
        }
    }

    /** In a directory like /tmp another user may put it there; its owner may be anyone whom that user chooses. */
    @Test
    void aLinkInItsDirectorysPlaceIsNotFollowed() throws IOException {
        Path own = Files.createDirectory(directory.resolve("own"));
        Path other = Files.createDirectory(directory.resolve("other"));
        Path its = Files.writeString(other.resolve("log"), "its");
        try (RotatedFile file = open(own.resolve("log"))) {
            Files.delete(own.resolve("log"));
            Files.delete(own);
            Files.createSymbolicLink(own, other);
            assertEquals(Outcome.KEPT, file.rotate());
            assertTrue(file.reason().endsWith(Errno.describe(Errno.ENOTDIR)), file::reason);
            assertFalse(file.follow());
            write(file, "one");
            assertEquals("its", Files.readString(its));
        }
    }

    @Test
    void aDirectoryThatAnotherUserMadeInItsPlaceIsNot() throws IOException {
        assumeTrue(Libc.geteuid() == 0, "needs root, to give a directory away");
        Path own = Files.createDirectory(directory.resolve("own"));
        try (RotatedFile file = open(own.resolve("log"))) {
            Files.delete(own.resolve("log"));
            Files.delete(own);
            Files.createDirectory(own);
            Files.setAttribute(own, "unix:uid", 1);
            assertEquals(Outcome.KEPT, file.rotate());
            assertTrue(file.reason().endsWith(Errno.describe(Errno.EACCES)), file::reason);
            assertFalse(Files.exists(own.resolve("log")));
        }
    }

    @Test
    void whoKeepsALockOnItDoesNotKeepItFromGivingWay() throws IOException {
        try (RotatedFile file = open(log());
                Fd other = Fd.own("log", Libc.open(log().toString(), HostConstants.O_RDONLY, 0))) {
            assertEquals(0, FileLock.tryLock(other, false));
            write(file, "one");
            for (int i = 1; i < RotatedFile.BUSY_MAX; i++) {
                assertEquals(Outcome.BUSY, file.rotate());
            }
            assertEquals(Outcome.ROTATED, file.rotate());
            assertEquals("one", read(".1"));
            try (Fd fresh = Fd.own("log", Libc.open(log().toString(), HostConstants.O_RDONLY, 0))) {
                assertEquals(0, FileLock.tryLock(fresh, false), "on the new one there is none");
                assertEquals(Outcome.BUSY, file.rotate(), "they are counted anew");
            }
        }
    }

    /** In a directory like /tmp another user may be quicker. */
    @Test
    void aLinkInItsPlaceIsNotFollowed() throws IOException {
        Path target = Files.writeString(directory.resolve("target"), "");
        try (RotatedFile file = open(log())) {
            Files.delete(log());
            Files.createSymbolicLink(log(), target);
            write(file, "one");
            assertEquals(Outcome.KEPT, file.rotate());
        }
        assertEquals("", Files.readString(target));
    }

    @Test
    void ofALinkTheTargetGivesWay() throws IOException {
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), elsewhere.resolve("log"));
        try (RotatedFile file = open(link)) {
            write(file, "one");
            assertEquals(elsewhere.toRealPath().resolve("log"), file.path());
            assertEquals(Outcome.ROTATED, file.rotate());
            write(file, "two");
        }
        assertTrue(Files.isSymbolicLink(link));
        assertEquals("two", Files.readString(link));
        assertEquals("one", Files.readString(elsewhere.resolve("log.1")));
        assertFalse(Files.exists(directory.resolve("link.1"), LinkOption.NOFOLLOW_LINKS));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/dev/null", "/dev/full"})
    void whatIsNoFileNeverGivesWay(String path) {
        try (RotatedFile file = open(Path.of(path))) {
            assertFalse(file.isRotatable());
            assertEquals(0, file.sizeBytes());
            assertEquals(Outcome.KEPT, file.rotate());
            file.empty();
        }
    }

    /** Such as {@code --log-file /dev/stderr}: the name is the descriptor's, whatever file that leads to. */
    @Test
    void norWhatIsNamedByADescriptor() throws IOException {
        try (RotatedFile named = open(log());
                RotatedFile file = open(Path.of("/proc/self/fd/" + named.fd()))) {
            write(file, "one");
            assertEquals(Outcome.KEPT, file.rotate());
        }
        assertEquals("one", read(""));
        assertFalse(Files.exists(directory.resolve("log.1")));
    }
}
