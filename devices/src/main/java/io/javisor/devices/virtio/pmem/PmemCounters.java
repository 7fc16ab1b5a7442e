package io.javisor.devices.virtio.pmem;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** What a persistent memory device has done, over all the lives of its machine. Any thread. */
public final class PmemCounters {
    final AtomicLong flushes = new AtomicLong();
    final AtomicLong unsupported = new AtomicLong();
    final AtomicLong malformed = new AtomicLong();
    final AtomicLong droppedWrites = new AtomicLong();

    /** Flushes, which have nothing to do. */
    public long flushes() {
        return flushes.get();
    }

    /** Requests of another type, a driver's fault. */
    public long unsupported() {
        return unsupported.get();
    }

    /** Requests without a type or without room for an answer, a driver's fault. */
    public long malformed() {
        return malformed.get();
    }

    /** The guest's writes to the memory, which can only be read. */
    public long droppedWrites() {
        return droppedWrites.get();
    }

    /** All of them by name, as statistics print them. */
    public Map<String, Long> snapshot() {
        Map<String, Long> all = new LinkedHashMap<>();
        all.put("flushes", flushes());
        all.put("unsupported", unsupported());
        all.put("malformed", malformed());
        all.put("dropped_writes", droppedWrites());
        return all;
    }
}
