package io.javisor.devices.virtio.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.testkit.LogCapture;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A guest that resets again and again, on a card whose host side is gone. */
class LinkStormTest {
    @Test
    void eachLifeFindsTheHostSideGoneAndOneSaysSo() {
        try (LogCapture log = LogCapture.of(NetDevice.class.getName());
                NetBench bench = new NetBench(1)) {
            for (int life = 0; life < 100; life++) {
                bench.device.gone("a test says so");
                bench.replaceDevice();
            }
            assertEquals(100, bench.counters.backendErrors());
            assertEquals(List.of("WARN net0: the link is down: a test says so"), log.lines());
        }
    }
}
