package io.javisor.core.engine;

/**
 * What of a guest's instructions is to be written down: those whose first byte has a linear address in a range.
 *
 * @param sink gets a line for each
 * @param first the range's first address
 * @param last its last, as an unsigned number not below the first
 */
public record TraceRequest(TraceSink sink, long first, long last) {
    /** Checks the range. */
    public TraceRequest {
        if (Long.compareUnsigned(first, last) > 0) {
            throw new IllegalArgumentException("no range: 0x%x to 0x%x".formatted(first, last));
        }
    }

    /** Whether {@code linear} is in the range. */
    public boolean covers(long linear) {
        return Long.compareUnsigned(linear - first, last - first) <= 0;
    }

    /** Whether one of the addresses from {@code linear} to {@code lastLinear} is in the range. */
    public boolean touches(long linear, long lastLinear) {
        return Long.compareUnsigned(linear, last) <= 0 && Long.compareUnsigned(lastLinear, first) >= 0;
    }
}
