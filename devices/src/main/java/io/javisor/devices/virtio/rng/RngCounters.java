package io.javisor.devices.virtio.rng;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** What an entropy device has done, over all the lives of its machine. Written on the loop, read by any thread. */
public final class RngCounters {
    final AtomicLong requests = new AtomicLong();
    final AtomicLong bytes = new AtomicLong();
    final AtomicLong emptyRequests = new AtomicLong();
    final AtomicLong throttled = new AtomicLong();
    final AtomicLong waits = new AtomicLong();
    final AtomicLong failures = new AtomicLong();

    /** Requests that got random bytes. */
    public long requests() {
        return requests.get();
    }

    /** Random bytes that the guest got. */
    public long bytes() {
        return bytes.get();
    }

    /** Requests without room for a byte, a driver's fault. */
    public long emptyRequests() {
        return emptyRequests.get();
    }

    /** How often a request had to wait for the rate limit. */
    public long throttled() {
        return throttled.get();
    }

    /** How often the host had no random bytes yet. */
    public long waits() {
        return waits.get();
    }

    /** How often the host refused. */
    public long failures() {
        return failures.get();
    }

    /** All of them by name, as statistics print them. */
    public Map<String, Long> snapshot() {
        Map<String, Long> all = new LinkedHashMap<>();
        all.put("requests", requests());
        all.put("bytes", bytes());
        all.put("empty_requests", emptyRequests());
        all.put("throttled", throttled());
        all.put("waits", waits());
        all.put("failures", failures());
        return all;
    }
}
