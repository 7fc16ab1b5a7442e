package io.javisor.core.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.testkit.LogCapture;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class LogLimitTest {
    private static final Logger LOG = LoggerFactory.getLogger(LogLimitTest.class);

    private long now = Long.MAX_VALUE - 5; // nanoTime may overflow
    private final LogLimit limit = new LogLimit(10, () -> now);

    @Test
    void aStormIsALineAnIntervalThatTellsWhatWasLeftOut() {
        try (LogCapture log = LogCapture.of(LogLimitTest.class.getName())) {
            for (int i = 0; i < 35; i++) {
                limit.warn(LOG, "fault {} of {}", i, "disk0");
                now++;
            }
            assertEquals(
                    List.of(
                            "WARN fault 0 of disk0",
                            "WARN fault 10 of disk0; 9 more such lines left out",
                            "WARN fault 20 of disk0; 9 more such lines left out",
                            "WARN fault 30 of disk0; 9 more such lines left out"),
                    log.lines());
        }
    }

    @Test
    void whatIsRareIsNeverLeftOut() {
        for (int i = 0; i < 5; i++) {
            assertEquals(0, limit.next());
            now += 10;
        }
    }

    @Test
    void eachLevelIsLimited() {
        try (LogCapture log = LogCapture.of(LogLimitTest.class.getName())) {
            limit.error(LOG, "{} failed", "it", new IllegalStateException("why"));
            limit.error(LOG, "{} failed", "it");
            now += 10;
            limit.info(LOG, "{} is there", "it");
            limit.info(LOG, "{} is there", "it");
            assertEquals(List.of("ERROR it failed", "INFO it is there; 1 more such lines left out"), log.lines());
        }
    }

    @Test
    void threadsGetOneLineTogether() throws InterruptedException {
        AtomicLong lines = new AtomicLong();
        Runnable storm = () -> {
            for (int i = 0; i < 10_000; i++) {
                if (limit.next() != LogLimit.LEFT_OUT) {
                    lines.incrementAndGet();
                }
            }
        };
        List<Thread> threads = List.of(new Thread(storm), new Thread(storm), new Thread(storm));
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join(TimeUnit.MINUTES.toMillis(1));
        }
        now += 10;
        assertEquals(1, lines.get());
        assertEquals(29_999, limit.next());
    }

    @Test
    void whatIsLeftOutAllocatesNothing() {
        LogLimit own = new LogLimit();
        var thread = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long _ = own.next();
        long best = Long.MAX_VALUE;
        for (int round = 0; round < 10 && best > 0; round++) {
            long before = thread.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 1000; i++) {
                long _ = own.next();
            }
            best = Math.min(best, thread.getCurrentThreadAllocatedBytes() - before);
        }
        assertEquals(0, best);
    }

    @Test
    void anIntervalHasALength() {
        assertThrows(IllegalArgumentException.class, () -> new LogLimit(0));
    }
}
