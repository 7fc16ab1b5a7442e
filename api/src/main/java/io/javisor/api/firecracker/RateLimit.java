package io.javisor.api.firecracker;

import io.javisor.api.Fault;
import io.javisor.api.json.JsonFields;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Firecracker's {@code RateLimiter}: two token buckets. What a limiter of ours takes of one is its rate; it has a burst of its own.
 *
 * @param bandwidth of bytes, or null
 * @param ops of operations, or null
 */
record RateLimit(@Nullable Bucket bandwidth, @Nullable Bucket ops) {
    /**
     * A {@code TokenBucket}.
     *
     * @param size tokens that it holds
     * @param refillMillis how long it takes to fill
     * @param oneTimeBurst tokens at the start beyond these, or null
     */
    record Bucket(long size, long refillMillis, @Nullable Long oneTimeBurst) {
        private static final long MAX_SIZE = 1L << 50;

        static Bucket read(JsonFields fields) {
            Bucket bucket = new Bucket(
                    fields.requireNumber("size", 0, MAX_SIZE),
                    fields.requireNumber("refill_time", 0, Integer.MAX_VALUE),
                    fields.number("one_time_burst", 0, MAX_SIZE));
            fields.end();
            return bucket;
        }

        /** So many tokens a second; null for 0, which is no limit. */
        static @Nullable Bucket of(long perSecond) {
            return perSecond == 0 ? null : new Bucket(perSecond, 1000, null);
        }

        /** Tokens a second, 0 for no limit: one of Firecracker's with a size or a time of 0 limits nothing. */
        long perSecond() {
            return size == 0 || refillMillis == 0 ? 0 : Math.max(1, (long) (size * 1000.0 / refillMillis));
        }

        Map<String, @Nullable Object> view() {
            Map<String, @Nullable Object> view = new LinkedHashMap<>();
            view.put("size", size);
            view.put("one_time_burst", oneTimeBurst);
            view.put("refill_time", refillMillis);
            return view;
        }
    }

    static final RateLimit NONE = new RateLimit(null, null);

    /** So much a second; 0 for no limit. */
    static RateLimit of(long operationsPerSecond, long bytesPerSecond) {
        return new RateLimit(Bucket.of(bytesPerSecond), Bucket.of(operationsPerSecond));
    }

    static RateLimit read(@Nullable JsonFields fields) {
        if (fields == null) {
            return NONE;
        }
        JsonFields bandwidth = fields.object("bandwidth");
        JsonFields ops = fields.object("ops");
        fields.end();
        return new RateLimit(bandwidth == null ? null : Bucket.read(bandwidth), ops == null ? null : Bucket.read(ops));
    }

    long bytesPerSecond() {
        return bandwidth == null ? 0 : bandwidth.perSecond();
    }

    long operationsPerSecond() {
        return ops == null ? 0 : ops.perSecond();
    }

    /** Throws a {@link Fault} if there is a limit, for a device that has none. */
    void requireNone(String field) {
        if (bytesPerSecond() != 0 || operationsPerSecond() != 0) {
            throw Fault.badRequest("\"" + field + "\" is not supported: javisor has no such limit");
        }
    }

    @Nullable
    Object view() {
        if (bandwidth == null && ops == null) {
            return null;
        }
        Map<String, @Nullable Object> view = new LinkedHashMap<>();
        view.put("bandwidth", bandwidth == null ? null : bandwidth.view());
        view.put("ops", ops == null ? null : ops.view());
        return view;
    }
}
