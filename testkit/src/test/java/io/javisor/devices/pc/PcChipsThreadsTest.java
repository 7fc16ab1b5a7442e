package io.javisor.devices.pc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.irq.ConnectedLine;
import io.javisor.core.irq.InterruptLine;
import io.javisor.devices.ioapic.IoApicRegisters;
import io.javisor.testkit.FakeTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Devices on threads of their own share inputs; one processor serves by the 8259As, another by the I/O APIC: no request is lost. */
class PcChipsThreadsTest {
    private static final int REQUESTS = 20_000;
    private static final int EDGE_GSI = 12;
    private static final int LEVEL_GSI = 20;
    private static final int EDGE_VECTOR = 0x61;
    private static final int LEVEL_VECTOR = 0x71;

    /** A wire that processors look at from their threads. */
    private static final class Wire implements InterruptLine {
        private volatile boolean high;

        @Override
        public void raise() {
            high = true;
        }

        @Override
        public void lower() {
            high = false;
        }
    }

    /** Holds its line high while it wants service. */
    private static final class LevelDevice {
        private final ConnectedLine line;
        private int wanted;
        private int served;

        LevelDevice(ConnectedLine line) {
            this.line = line;
        }

        synchronized void request() {
            wanted++;
            line.raise();
        }

        synchronized int serve() {
            served += wanted;
            wanted = 0;
            line.lower();
            return served;
        }
    }

    private final Wire intr = new Wire();
    private final ModelProcessor processor = new ModelProcessor();
    private final FakeTime time = new FakeTime(0);
    private final PcRig pc = new PcRig(intr, processor, time);
    private final AtomicInteger edges = new AtomicInteger();

    @Test
    @Timeout(60)
    void noRequestIsLost() throws Exception {
        pc.redirect(EDGE_GSI, EDGE_VECTOR);
        pc.redirect(LEVEL_GSI, LEVEL_VECTOR | IoApicRegisters.LEVEL);
        List<LevelDevice> levelDevices =
                List.of(new LevelDevice(pc.level(LEVEL_GSI)), new LevelDevice(pc.level(LEVEL_GSI)));
        List<Callable<Integer>> threads = new ArrayList<>();
        for (LevelDevice device : levelDevices) {
            threads.add(() -> repeat(device::request));
            ConnectedLine line = pc.edge(EDGE_GSI);
            threads.add(() -> repeat(() -> {
                int _ = edges.incrementAndGet();
                line.raise();
                line.lower();
            }));
        }
        threads.add(this::serveIntr);
        threads.add(() -> serveApic(levelDevices));
        try (ExecutorService pool = Executors.newFixedThreadPool(threads.size())) {
            List<Future<Integer>> results = new ArrayList<>();
            threads.forEach(thread -> results.add(pool.submit(thread)));
            try {
                for (Future<Integer> result : results) {
                    int _ = result.get(50, TimeUnit.SECONDS);
                }
            } finally {
                pool.shutdownNow();
            }
        }
        assertEquals(2 * REQUESTS, edges.get());
        int left = pc.serveApic();
        // An edge is counted before it comes: the last ones may come when all are counted.
        assertEquals(-1, left == EDGE_VECTOR ? pc.serveApic() : left);
    }

    private static int repeat(Runnable request) {
        for (int i = 0; i < REQUESTS; i++) {
            request.run();
        }
        return REQUESTS;
    }

    /** Until the last edge has been seen. */
    private int serveIntr() throws InterruptedException {
        int seen = 0;
        while (seen < 2 * REQUESTS) {
            if (!intr.high) {
                pause();
            } else if (pc.serveIntr() == EDGE_GSI) {
                seen = edges.get();
            }
        }
        return seen;
    }

    /** Until the last edge has been seen and the level devices have nothing more to ask. */
    private int serveApic(List<LevelDevice> levelDevices) throws InterruptedException {
        int seen = 0;
        int served = 0;
        while (seen < 2 * REQUESTS || served < 2 * REQUESTS) {
            switch (processor.take()) {
                case EDGE_VECTOR -> {
                    seen = edges.get();
                    pc.end();
                }
                case LEVEL_VECTOR -> {
                    served = levelDevices.stream().mapToInt(LevelDevice::serve).sum();
                    pc.end();
                }
                default -> pause();
            }
        }
        return served;
    }

    private static void pause() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("no interrupt comes any more");
        }
        LockSupport.parkNanos(1000);
    }
}
