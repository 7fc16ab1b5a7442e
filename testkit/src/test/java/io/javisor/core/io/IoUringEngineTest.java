package io.javisor.core.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.testkit.Await;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
            rig.onLoop(() -> assertTrue(backend.writev(0, vector, 1, 0, false, 1)));
            Await.until(() -> path.toFile().length() == SIZE);
            assertEquals(Map.of(), rig.results, "a completion without submit()");
            rig.onLoop(() -> {
                assertTrue(backend.writev(SIZE, vector, 1, 0, false, 2));
                backend.submit();
            });
            assertEquals(SIZE, rig.awaitResult(1));
            assertEquals(SIZE, rig.awaitResult(2));
            assertEquals(2L * SIZE, path.toFile().length());
        }
    }

    /** The kernel's threads that do what the loop does not; each has the number of the thread that they are for in its name. */
    private static Set<String> kernelWorkers() throws IOException {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            return tasks.map(task -> {
                        try {
                            return Files.readString(task.resolve("comm")).trim();
                        } catch (IOException e) {
                            return ""; // it has ended
                        }
                    })
                    .filter(name -> name.startsWith("iou-wrk-"))
                    .collect(Collectors.toSet());
        }
    }

    @Test
    void whatIsALongCopyIsNotTheLoops(@TempDir Path directory) throws IOException {
        assumeTrue(IoUringProbe.reasonAgainst() == null, "no io_uring");
        Path path = directory.resolve("disk.img");
        int large = AsyncFiles.MAX_INLINE_BYTES + 1;
        Files.write(path, new byte[large]); // in the page cache from now on
        try (FileRig rig = new FileRig(AsyncFiles.Engine.IO_URING);
                Fd file = FileRig.open(path, HostConstants.O_RDWR);
                AsyncFileBackend backend = rig.backend(file, 2)) {
            Set<String> before = kernelWorkers();
            MemorySegment data = rig.arena.allocate(large);
            long vector = rig.iovecs(data.asSlice(0, SIZE));
            assertEquals(SIZE, rig.result(backend, each -> assertTrue(each.readv(0, vector, 1, SIZE, 1))));
            assertTrue(before.containsAll(kernelWorkers()), "a short one is");
            long all = rig.iovecs(data);
            assertEquals(large, rig.result(backend, each -> assertTrue(each.readv(0, all, 1, large, 1))));
            assertFalse(before.containsAll(kernelWorkers()));
        }
    }
}
