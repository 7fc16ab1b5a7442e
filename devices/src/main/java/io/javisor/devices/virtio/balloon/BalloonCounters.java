package io.javisor.devices.virtio.balloon;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** What a balloon has done, over all the lives of its machine. Written on the loop and by vCPUs, read by any thread. */
public final class BalloonCounters {
    final AtomicLong inflatedBytes = new AtomicLong();
    final AtomicLong deflatedBytes = new AtomicLong();
    final AtomicLong reportedBytes = new AtomicLong();
    final AtomicLong releasedBytes = new AtomicLong();
    final AtomicLong statisticsUpdates = new AtomicLong();
    final AtomicLong badPages = new AtomicLong();
    final AtomicLong malformed = new AtomicLong();
    final AtomicLong configWrites = new AtomicLong();

    /** All of them by name, as statistics print them. */
    public Map<String, Long> snapshot() {
        Map<String, Long> all = new LinkedHashMap<>();
        all.put("inflated_bytes", inflatedBytes.get()); // that the guest put into the balloon
        all.put("deflated_bytes", deflatedBytes.get()); // that it took back
        all.put("reported_bytes", reportedBytes.get()); // that it told of as unused
        all.put("released_bytes", releasedBytes.get()); // of both that went back to the host
        all.put("statistics_updates", statisticsUpdates.get());
        all.put("bad_pages", badPages.get()); // that are not RAM
        all.put("malformed", malformed.get()); // requests in the wrong direction, of no page or of a part of a number
        all.put("bad_config_writes", configWrites.get());
        return all;
    }
}
