package io.javisor.devices.virtio;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.devices.virtio.mmio.VirtioMmioTransport;
import io.javisor.testkit.LogCapture;
import io.javisor.testkit.driver.DriverQueue;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a driver may have logged again and again, again and again, over many lives of its guest: the lines are counted. */
class GuestLogStormTest {
    private static final int LIVES = 50;
    private static final int STORM = 1000;

    private final LogCapture capture = LogCapture.of(GuestLog.class.getName());
    private final EchoBench bench = new EchoBench();

    @AfterEach
    void close() {
        capture.close();
    }

    private VirtioMmioTransport newLife() {
        return new VirtioMmioTransport(bench.device, bench.memory, Runnable::run, bench.line, bench.counters, 0);
    }

    @Test
    void badRegisterAccess() {
        for (int life = 0; life < LIVES; life++) {
            VirtioMmioTransport transport = newLife();
            for (int i = 0; i < STORM; i++) {
                transport.write(0, 4, 1); // MagicValue is read only
            }
        }
        assertEquals(LIVES * STORM, bench.counters.faults());
        assertEquals(List.of("WARN echo0: the guest's driver: WRONG_DIRECTION (0x0)"), capture.lines());
    }

    /** Which is said although lines about the faults before are left out. */
    @Test
    void devicesThatNeedAReset() {
        for (int i = 0; i < STORM; i++) {
            bench.transport.write(0, 4, 1);
        }
        for (int i = 0; i < STORM; i++) {
            long _ = bench.driver.initialize(VirtioFeature.mask(VirtioFeature.VIRTIO_F_VERSION_1));
            bench.driver.driverOk();
            Objects.requireNonNull(bench.device.link).needsReset("the ring is no ring");
        }
        assertEquals(STORM, bench.counters.needsResets());
        assertEquals(
                List.of(
                        "WARN echo0: the guest's driver: WRONG_DIRECTION (0x0)",
                        "WARN echo0: needs a reset: the ring is no ring"),
                capture.lines());
    }

    @Test
    void doorbellsOfAMachineThatHasEnded() {
        AtomicBoolean closed = new AtomicBoolean();
        EchoBench ended = new EchoBench(task -> {
            if (closed.get()) {
                throw new RejectedExecutionException("closed");
            }
            task.run();
        });
        DriverQueue _ = ended.start(VirtioFeature.mask(VirtioFeature.VIRTIO_F_VERSION_1));
        closed.set(true);
        for (int i = 0; i < STORM; i++) {
            ended.transport.write(0x50, 4, 0); // QueueNotify
        }
        assertEquals(List.of("WARN echo0: its event loop takes nothing more: closed"), capture.lines());
    }
}
