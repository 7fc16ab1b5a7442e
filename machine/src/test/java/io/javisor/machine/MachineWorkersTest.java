package io.javisor.machine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.event.BlockingWork;
import io.javisor.core.event.EventLoop;
import io.javisor.devices.backend.HostEvents;
import io.javisor.testkit.Await;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What waits for one part of the host holds up no other. */
@Timeout(120)
class MachineWorkersTest {
    private static final int MANY = 60;

    private final CountDownLatch through = new CountDownLatch(1);

    private final class Slow implements BlockingWork {
        @Override
        public void run() {
            Await.latch(through);
        }

        @Override
        public void completed(@Nullable Throwable failure) {
            // Nobody waits for it.
        }
    }

    /** As a guest does it with requests to a slow disk, without io_uring, and with output to a file on it. */
    @Test
    void slowDisksHoldUpNeitherTheEscapeKeyNorTheEnd() {
        try (EventLoop loop = EventLoop.start("workers-test/io-loop");
                MachineWorkers workers = new MachineWorkers("workers-test", loop)) {
            for (int i = 0; i < MANY; i++) {
                assertTrue(workers.disks().submit(new Slow(), loop));
            }
            CountDownLatch written = new CountDownLatch(1);
            HostEvents.Work output = workers.ports().newWork("output", written::countDown, () -> {});
            output.submit();
            Await.latch(written);
            for (int i = 0; i < MANY - 1; i++) {
                workers.ports()
                        .newWork("output", () -> Await.latch(through), () -> {})
                        .submit();
            }
            CountDownLatch read = new CountDownLatch(1);
            workers.standardInput().newWork("input", read::countDown, () -> {}).submit();
            CountDownLatch ended = new CountDownLatch(1);
            workers.runEnd("end", () -> {
                CountDownLatch engineEnded = new CountDownLatch(1);
                workers.runEnd("end of the VM", engineEnded::countDown);
                Await.latch(engineEnded);
                ended.countDown();
            });
            Await.latch(read);
            Await.latch(ended);
            through.countDown();
        } finally {
            through.countDown();
        }
    }
}
