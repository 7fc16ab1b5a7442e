package io.javisor.firmware.image;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * When work on data from outside is to be done at the latest: what it takes is up to whoever made the data.
 *
 * @param nanoTime the clock
 * @param endNanos by that clock
 */
record Deadline(int seconds, LongSupplier nanoTime, long endNanos) {
    /** In {@code seconds} from now. */
    static Deadline after(int seconds) {
        return after(seconds, System::nanoTime);
    }

    /** In {@code seconds} from now, by another clock. */
    static Deadline after(int seconds, LongSupplier nanoTime) {
        return new Deadline(seconds, nanoTime, nanoTime.getAsLong() + TimeUnit.SECONDS.toNanos(seconds));
    }

    /** Throws when it has passed; to be called every few milliseconds of work. */
    void check() throws IOException {
        if (nanoTime.getAsLong() - endNanos > 0) {
            throw new IOException("it takes longer than %d s".formatted(seconds));
        }
    }
}
