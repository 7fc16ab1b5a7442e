package io.javisor.core.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.javisor.core.event.EventLoop;
import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.core.memory.MemoryBackingConfig;
import io.javisor.testkit.LogCapture;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the core may have to log again and again, again and again: the lines are counted. */
class CoreStormTest {
    private static final Path KSM_RUN = Path.of("/sys/kernel/mm/ksm/run");

    @Test
    void tasksOfTheEventLoopThatFail() throws InterruptedException {
        try (LogCapture log = LogCapture.of(EventLoop.class.getName());
                EventLoop loop = EventLoop.start("storm/io-loop")) {
            int storm = 1000;
            CountDownLatch done = new CountDownLatch(1);
            long start = System.nanoTime();
            for (int i = 0; i < storm; i++) {
                loop.execute(() -> {
                    throw new IllegalStateException("it fails each time");
                });
            }
            loop.execute(done::countDown);
            assertTrue(done.await(1, TimeUnit.MINUTES));
            long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start) + 1;
            assertEquals(storm, loop.failureCount());
            assertEquals("ERROR storm/io-loop: a task failed", log.lines().getFirst());
            assertTrue(log.lines().size() <= seconds, () -> log.lines() + " in " + seconds + " s");
        }
    }

    /** Each reset of a guest allocates its memory anew. */
    @Test
    void memoryOfManyLivesOnAHostThatMergesNoPages() throws Exception {
        assumeTrue(Files.exists(KSM_RUN) && !Files.readString(KSM_RUN).strip().equals("1"), "pages are merged");
        try (LogCapture log = LogCapture.of("io.javisor.core.memory")) {
            for (int life = 0; life < 50; life++) {
                GuestMemory.allocate(List.of(new GpaRange(0, 2 << 20)), MemoryBackingConfig.parse("anon,ksm=on"))
                        .close();
            }
            assertTrue(log.lines().size() <= 1, () -> log.lines().toString()); // none if a test before had it
        }
    }
}
