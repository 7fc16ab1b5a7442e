package io.javisor.core.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStatusTest {
    @TempDir
    private Path directory = Path.of("");

    @Test
    void anOpenFileIsKnownWhateverHasItsName() throws IOException {
        Path path = Files.writeString(directory.resolve("a"), "four");
        FileStatus named = FileStatus.of(path);
        try (Fd fd = Fd.own("a", Libc.open(path.toString(), HostConstants.O_RDONLY, 0))) {
            assertEquals(named, FileStatus.of(fd));
            Files.delete(path);
            Files.writeString(path, "another");
            assertTrue(FileStatus.of(fd).isSameFile(named));
            assertEquals(4, FileStatus.of(fd).sizeBytes());
            assertFalse(FileStatus.of(fd).isSameFile(FileStatus.of(path)));
        }
    }

    @Test
    void aChangeShowsThoughTheTimeOfModificationIsPutBack() throws Exception {
        Path path = Files.writeString(directory.resolve("a"), "four");
        FileStatus before = FileStatus.of(path);
        FileTime time = Files.getLastModifiedTime(path);
        FileStatus after = before;
        for (int i = 0; i < 1000 && after.changeNanos() == before.changeNanos(); i++) { // a clock as coarse as 10 ms
            Thread.sleep(1);
            Files.writeString(path, "five");
            Files.setLastModifiedTime(path, time);
            after = FileStatus.of(path);
        }
        assertEquals(before.modifyNanos(), after.modifyNanos());
        assertNotEquals(before, after);
        assertTrue(after.isSameFile(before));
    }

    @Test
    void eachTypeIsTold() throws Exception {
        assertTrue(FileStatus.of(directory).isDirectory());
        Path file = Files.createFile(directory.resolve("file"));
        assertTrue(FileStatus.of(file).isRegular());
        Path link = Files.createSymbolicLink(directory.resolve("link"), file);
        assertTrue(FileStatus.of(link).isRegular());
        assertTrue(FileStatus.of(link, LinkOption.NOFOLLOW_LINKS).isLink());
        Path fifo = directory.resolve("fifo");
        assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor());
        assertTrue(FileStatus.of(fifo).isFifo());
        Path socket = directory.resolve("socket");
        UnixSocket.listen(socket.toString(), 0600).close();
        assertTrue(FileStatus.of(socket).isSocket());
        FileStatus device = FileStatus.of(Path.of("/dev/null"));
        assertFalse(device.isRegular() || device.isDirectory() || device.isBlockDevice() || device.isSocket());
    }

    @Test
    void othersWhoMayWriteAreSeen() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        for (String mode : new String[] {"rw-r--r--", "rw-rw-r--", "rw-r--rw-"}) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
            assertEquals(mode.equals("rw-r--r--"), FileStatus.of(file).isOnlyWritableBy(Libc.geteuid()), mode);
        }
        assertFalse(FileStatus.of(file).isOnlyWritableBy(Libc.geteuid() + 1));
    }
}
