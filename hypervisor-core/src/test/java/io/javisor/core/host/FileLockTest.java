package io.javisor.core.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileLockTest {
    @TempDir
    private Path directory = Path.of("");

    private Path file = directory;

    @BeforeEach
    void makeFile() throws IOException {
        file = Files.writeString(directory.resolve("a"), "a");
    }

    private Fd open(int flags) {
        return Fd.own("a", Libc.open(file.toString(), flags, 0));
    }

    @Test
    void oneWriterOrManyReaders() {
        try (Fd two = open(HostConstants.O_RDWR)) {
            try (Fd one = open(HostConstants.O_RDWR)) {
                assertEquals(0, FileLock.tryLock(one, false));
                assertEquals(0, FileLock.tryLock(two, false));
                assertEquals(-Errno.EAGAIN, FileLock.tryLock(two, true));
            }
            assertEquals(0, FileLock.tryLock(two, true));
        }
    }

    @Test
    void whoAsksHoldsNothing() {
        try (Fd asker = open(HostConstants.O_RDONLY);
                Fd owner = open(HostConstants.O_RDWR)) {
            assertEquals(0, FileLock.test(asker, true));
            assertEquals(0, FileLock.tryLock(owner, true));
            assertEquals(-Errno.EAGAIN, FileLock.test(asker, true));
            assertEquals(-Errno.EAGAIN, FileLock.test(asker, false));
            assertEquals(0, FileLock.test(owner, true), "its own is none against it");
            assertEquals(0, FileLock.tryLock(owner, false));
            assertEquals(0, FileLock.test(asker, false));
            assertEquals(-Errno.EAGAIN, FileLock.test(asker, true));
        }
    }
}
