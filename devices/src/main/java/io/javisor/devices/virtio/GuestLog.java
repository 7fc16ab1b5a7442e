package io.javisor.devices.virtio;

import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lines about what a driver does wrong: at most one in ten seconds a device, so that no guest can fill a log. Any thread. */
final class GuestLog {
    private static final Logger LOG = LoggerFactory.getLogger(GuestLog.class);
    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final String deviceId;
    private boolean logged;
    private long lastNanos;
    private long skipped;

    GuestLog(String deviceId) {
        this.deviceId = deviceId;
    }

    /** Logs that the driver did {@code what}, with a number that says more, in hexadecimal. Allocates only for a line that is written. */
    void warn(Enum<?> what, long detail) {
        long before = due();
        if (before >= 0) {
            LOG.warn("{}: the guest's driver: {} (0x{}){}", deviceId, what, Long.toHexString(detail), more(before));
        }
    }

    void warn(String message) {
        long before = due();
        if (before >= 0) {
            LOG.warn("{}: {}{}", deviceId, message, more(before));
        }
    }

    /** How many lines were left out since the last one, or -1 if this is to be left out too. */
    private synchronized long due() {
        long now = System.nanoTime();
        if (logged && now - lastNanos < INTERVAL_NANOS) {
            skipped++;
            return -1;
        }
        long before = skipped;
        logged = true;
        lastNanos = now;
        skipped = 0;
        return before;
    }

    private static String more(long skippedBefore) {
        return skippedBefore == 0 ? "" : "; " + skippedBefore + " more such lines left out";
    }
}
