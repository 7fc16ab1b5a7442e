package io.javisor.container.store;

import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a process wrote, a line or a part of a long one.
 *
 * @param time when its end came
 * @param kind which stream it came by
 * @param bytes as they were written, with the end of line; nobody writes to them
 */
@SuppressWarnings("ArrayRecordComponent") // compared by its content below
public record OutputRecord(Instant time, OutputKind kind, byte[] bytes) {
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof OutputRecord record
                && time.equals(record.time)
                && kind == record.kind
                && Arrays.equals(bytes, record.bytes);
    }

    @Override
    public int hashCode() {
        return 31 * time.hashCode() + Arrays.hashCode(bytes);
    }
}
