package io.javisor.devices.virtio;

import static io.javisor.devices.virtio.InterruptStatus.VIRTIO_MMIO_INT_CONFIG;
import static io.javisor.devices.virtio.InterruptStatus.VIRTIO_MMIO_INT_VRING;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class InterruptStatusTest {
    private final PulseLine line = new PulseLine();
    private final VirtioCounters counters = new VirtioCounters(1);
    private final InterruptStatus status = new InterruptStatus(line, counters);

    @Test
    void theLineIsPulsedWhenTheStatusLeavesZero() {
        status.buffersUsed(0);
        status.buffersUsed(0);
        status.configChanged();
        assertEquals(1, line.takePulses());
        assertEquals(VIRTIO_MMIO_INT_VRING | VIRTIO_MMIO_INT_CONFIG, status.get());
        assertEquals(0, status.acknowledge(VIRTIO_MMIO_INT_VRING | VIRTIO_MMIO_INT_CONFIG));
        assertEquals(0, line.takePulses());
        status.buffersUsed(0);
        assertEquals(1, line.takePulses());
        assertEquals(2, counters.interrupts());
    }

    @Test
    void whatAnAcknowledgementLeavesIsPulsedAgain() {
        status.buffersUsed(0);
        status.configChanged();
        assertEquals(1, line.takePulses());
        assertEquals(0, status.acknowledge(VIRTIO_MMIO_INT_VRING));
        assertEquals(1, line.takePulses());
        assertEquals(VIRTIO_MMIO_INT_CONFIG, status.get());
    }

    @Test
    void anAcknowledgementOfNothingSaysSo() {
        assertEquals(7, status.acknowledge(7));
        status.configChanged();
        assertEquals(VIRTIO_MMIO_INT_VRING, status.acknowledge(3));
        assertEquals(0, status.get());
    }

    @Test
    void aResetForgets() {
        status.buffersUsed(0);
        status.reset();
        assertEquals(0, status.get());
        status.buffersUsed(0);
        assertEquals(2, line.pulses());
    }

    @Test
    void aRestoredStatusIsPulsedAndAddsToWhatIsThere() {
        status.restore(0);
        assertEquals(0, line.pulses());
        status.buffersUsed(0);
        status.restore(VIRTIO_MMIO_INT_CONFIG);
        assertEquals(3, status.get());
        assertEquals(2, line.pulses());
    }

    /** A handler that runs for each pulse and acknowledges what it read sees every completion, whatever the threads do. */
    @Test
    void noCompletionIsLostBetweenDeviceAndHandler() throws InterruptedException {
        int rounds = 200_000;
        AtomicInteger completed = new AtomicInteger();
        AtomicInteger pulses = new AtomicInteger();
        InterruptStatus racing = new InterruptStatus(
                new io.javisor.core.irq.InterruptLine() {
                    @Override
                    public void raise() {}

                    @Override
                    public void lower() {}

                    @Override
                    public void pulse() {
                        pulses.incrementAndGet();
                    }
                },
                counters);
        Thread device = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < rounds; i++) {
                completed.incrementAndGet();
                racing.buffersUsed(0);
                if (i % 7 == 0) {
                    racing.configChanged();
                }
            }
        });
        int handled = 0;
        int seen = 0;
        while (device.isAlive() || handled < pulses.get()) {
            if (handled < pulses.get()) {
                handled++;
                int bits = racing.get();
                int _ = racing.acknowledge(bits & (handled % 5 == 0 ? 1 : 3));
                seen = completed.get();
            }
        }
        device.join();
        while (handled < pulses.get()) {
            handled++;
            int _ = racing.acknowledge(racing.get());
            seen = completed.get();
        }
        assertEquals(rounds, seen);
        assertEquals(0, racing.get());
        assertTrue(handled <= 2 * rounds);
    }
}
