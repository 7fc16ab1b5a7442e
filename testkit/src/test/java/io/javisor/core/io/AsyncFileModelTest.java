package io.javisor.core.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.memory.IovecLayout;
import io.javisor.testkit.Await;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Thousands of random requests, many in flight, against an array. */
class AsyncFileModelTest {
    private static final int REQUESTS = 4_000;
    private static final int DEPTH = 16;
    private static final int BLOCK_SIZE = 4096;
    private static final int BLOCK_COUNT = 256;
    private static final int MAX_BLOCKS = 8;

    /** The engine, the file, and what it should hold; all on the loop. */
    private static final class Model {
        private final Random random;
        private final FileRig rig;
        private final boolean zeroes;
        private final AsyncFileBackend backend;
        private final byte[] content = new byte[BLOCK_COUNT * BLOCK_SIZE];
        private final boolean[] busy = new boolean[BLOCK_COUNT];
        private final MemorySegment[] buffers = new MemorySegment[DEPTH];
        private final MemorySegment[] iovecs = new MemorySegment[DEPTH];
        private final @Nullable Request[] requests = new Request[DEPTH];
        private final CountDownLatch done = new CountDownLatch(REQUESTS);
        private int started;

        private record Request(int firstBlock, int blockCount, long expected, boolean read) {}

        Model(FileRig rig, Fd file, boolean zeroes, long seed) {
            this.rig = rig;
            this.zeroes = zeroes;
            random = new Random(seed);
            for (int slot = 0; slot < DEPTH; slot++) {
                buffers[slot] = rig.arena.allocate(MAX_BLOCKS * BLOCK_SIZE, BLOCK_SIZE);
                iovecs[slot] = rig.arena.allocate(MAX_BLOCKS * IovecLayout.SIZE, Long.BYTES);
            }
            backend = rig.files.open(file, DEPTH, this::completed);
        }

        void fill() {
            for (int slot = 0; slot < DEPTH && started < REQUESTS; slot++) {
                if (requests[slot] == null && start(slot)) {
                    started++;
                }
            }
        }

        /** Returns false if the blocks that were drawn are in use. */
        private boolean start(int slot) {
            int blockCount = 1 + random.nextInt(MAX_BLOCKS);
            int first = random.nextInt(BLOCK_COUNT - blockCount + 1);
            for (int block = first; block < first + blockCount; block++) {
                if (busy[block]) {
                    return false;
                }
            }
            Arrays.fill(busy, first, first + blockCount, true);
            int start = first * BLOCK_SIZE;
            int length = blockCount * BLOCK_SIZE;
            int kind = random.nextInt(32);
            boolean read = kind >= 20;
            if (kind == 0) {
                assertTrue(backend.fdatasync(slot));
            } else if (kind == 1 || (kind == 2 && !zeroes)) {
                Arrays.fill(content, start, start + length, (byte) 0);
                assertTrue(backend.discard(start, length, slot));
            } else if (kind == 2) {
                Arrays.fill(content, start, start + length, (byte) 0);
                assertTrue(backend.zero(start, length, slot));
            } else if (read) {
                buffers[slot].fill((byte) 0x5a);
                assertTrue(backend.readv(start, iovecs[slot].address(), pieces(slot, blockCount), 0, slot));
            } else {
                byte[] bytes = new byte[length];
                random.nextBytes(bytes);
                System.arraycopy(bytes, 0, content, start, length);
                MemorySegment.copy(bytes, 0, buffers[slot], ValueLayout.JAVA_BYTE, 0, length);
                assertTrue(backend.writev(
                        start, iovecs[slot].address(), pieces(slot, blockCount), 0, random.nextInt(16) == 0, slot));
            }
            requests[slot] = new Request(first, blockCount, kind <= 2 ? 0 : length, read);
            return true;
        }

        /** Splits the slot's buffer. */
        private int pieces(int slot, int blockCount) {
            int count = 0;
            int block = 0;
            while (block < blockCount) {
                int here = 1 + random.nextInt(blockCount - block);
                MemorySegment piece = buffers[slot].asSlice((long) block * BLOCK_SIZE, (long) here * BLOCK_SIZE);
                FileRig.setIovec(iovecs[slot], count, piece);
                count++;
                block += here;
            }
            return count;
        }

        private void completed(long token, long result) {
            int slot = (int) token;
            Request request = Objects.requireNonNull(requests[slot]);
            requests[slot] = null;
            int start = request.firstBlock * BLOCK_SIZE;
            int length = request.blockCount * BLOCK_SIZE;
            assertEquals(request.expected, result, request::toString);
            if (request.read) {
                byte[] got = buffers[slot].asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
                assertArrayEquals(Arrays.copyOfRange(content, start, start + length), got, request::toString);
            }
            Arrays.fill(busy, request.firstBlock, request.firstBlock + request.blockCount, false);
            done.countDown();
            fill();
        }

        void run() {
            rig.onLoop(() -> {
                fill();
                backend.submit();
            });
            Await.until(() -> done.getCount() == 0 || rig.loop.failureCount() > 0);
            assertEquals(0, rig.loop.failureCount());
            backend.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"IO_URING, false", "IO_URING, true", "POOL, false", "POOL, true"})
    void theFileIsWhatTheArraySays(AsyncFiles.Engine engine, boolean direct, @TempDir Path directory) throws Exception {
        assumeTrue(engine == AsyncFiles.Engine.POOL || IoUringProbe.reasonAgainst() == null);
        Path path = directory.resolve("disk.img");
        Files.write(path, new byte[BLOCK_COUNT * BLOCK_SIZE]);
        int opened = Libc.open(path.toString(), HostConstants.O_RDWR | (direct ? HostConstants.O_DIRECT : 0), 0);
        assumeTrue(opened != -Errno.EINVAL, "the file system has no O_DIRECT");
        try (FileRig rig = new FileRig(engine);
                Fd file = Fd.own("disk.img", opened)) {
            boolean zeroes = Libc.fallocate(
                            file.value(),
                            HostConstants.FALLOC_FL_ZERO_RANGE | HostConstants.FALLOC_FL_KEEP_SIZE,
                            0,
                            BLOCK_SIZE)
                    == 0;
            Model model = new Model(rig, file, zeroes, 20_26_11L);
            model.run();
            assertArrayEquals(model.content, Files.readAllBytes(path));
        }
    }
}
