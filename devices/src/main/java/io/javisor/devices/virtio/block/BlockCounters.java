package io.javisor.devices.virtio.block;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** What a block device has done since it was made, over all the lives of its machine. Written on the loop, read by any thread. */
public final class BlockCounters {
    final AtomicLong reads = new AtomicLong();
    final AtomicLong readBytes = new AtomicLong();
    final AtomicLong writes = new AtomicLong();
    final AtomicLong writtenBytes = new AtomicLong();
    final AtomicLong flushes = new AtomicLong();
    final AtomicLong discards = new AtomicLong();
    final AtomicLong writeZeroes = new AtomicLong();
    final AtomicLong identifications = new AtomicLong();
    /** Requests of a type that there is none of. */
    final AtomicLong unsupported = new AtomicLong();
    /** Requests without a header or without room for a status, or whose ranges are no whole ones. */
    final AtomicLong malformed = new AtomicLong();
    /** Requests past the end of the disk, or not in whole blocks. */
    final AtomicLong outOfRange = new AtomicLong();
    /** Writes to a disk that is read-only. */
    final AtomicLong readOnlyWrites = new AtomicLong();
    /** Requests that the host's file refused or cut short. */
    final AtomicLong hostErrors = new AtomicLong();
    /** Syncs that failed, so that data is lost. */
    final AtomicLong failedSyncs = new AtomicLong();
    /** How often a request had to wait for a rate limit. */
    final AtomicLong throttled = new AtomicLong();
    /** How often the host did only a part of what it was asked, and was asked again. */
    final AtomicLong continuations = new AtomicLong();
    /** Requests whose memory was not aligned for O_DIRECT, and were copied. */
    final AtomicLong bounced = new AtomicLong();

    /** All of them by name, as statistics print them. */
    public Map<String, Long> snapshot() {
        Map<String, Long> all = new LinkedHashMap<>();
        all.put("reads", reads.get());
        all.put("read_bytes", readBytes.get());
        all.put("writes", writes.get());
        all.put("written_bytes", writtenBytes.get());
        all.put("flushes", flushes.get());
        all.put("discards", discards.get());
        all.put("write_zeroes", writeZeroes.get());
        all.put("identifications", identifications.get());
        all.put("unsupported", unsupported.get());
        all.put("malformed", malformed.get());
        all.put("out_of_range", outOfRange.get());
        all.put("read_only_writes", readOnlyWrites.get());
        all.put("host_errors", hostErrors.get());
        all.put("failed_syncs", failedSyncs.get());
        all.put("throttled", throttled.get());
        all.put("continuations", continuations.get());
        all.put("bounced", bounced.get());
        return all;
    }

    /** One writer, the loop: needs no atomic addition. */
    static void add(AtomicLong counter, long value) {
        counter.lazySet(counter.getPlain() + value);
    }
}
