package io.javisor.core.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.testkit.Await;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IoUringEngineTest {
    private static final int SIZE = 512;

    @Test
    void anIdleDiskStartsBeforeAllOfABatchAreQueued(@TempDir Path directory) {
        assumeTrue(IoUringProbe.reasonAgainst() == null, "no io_uring");
        Path path = directory.resolve("disk.img");
        try (FileRig rig = new FileRig(AsyncFiles.Engine.IO_URING);
                Fd file = FileRig.open(path, HostConstants.O_RDWR);
                AsyncFileBackend backend = rig.backend(file, 2)) {
            MemorySegment data = rig.arena.allocate(SIZE).fill((byte) 7);
            long vector = rig.iovecs(data);
            rig.onLoop(() -> assertTrue(backend.writev(0, vector, 1, false, 1)));
            Await.until(() -> path.toFile().length() == SIZE);
            assertEquals(Map.of(), rig.results, "a completion without submit()");
            rig.onLoop(() -> {
                assertTrue(backend.writev(SIZE, vector, 1, false, 2));
                backend.submit();
            });
            assertEquals(SIZE, rig.awaitResult(1));
            assertEquals(SIZE, rig.awaitResult(2));
            assertEquals(2L * SIZE, path.toFile().length());
        }
    }
}
