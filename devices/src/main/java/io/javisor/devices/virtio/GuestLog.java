package io.javisor.devices.virtio;

import io.javisor.core.log.LogLimit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lines about what a driver does wrong, so few that no guest can fill a log. Any thread. */
final class GuestLog {
    private static final Logger LOG = LoggerFactory.getLogger(GuestLog.class);

    /**
     * Of one device, over all its lives.
     *
     * @param faults of what a driver must not do
     * @param states of what the device came to by it, which is not to be lost among the faults
     */
    record Limits(LogLimit faults, LogLimit states) {}

    private final String deviceId;
    private final Limits limits;

    GuestLog(String deviceId, Limits limits) {
        this.deviceId = deviceId;
        this.limits = limits;
    }

    /** Logs that the driver did {@code what}, with a number that says more, in hexadecimal. Allocates only for a line that is written. */
    void warn(Enum<?> what, long detail) {
        long before = limits.faults.next();
        if (before != LogLimit.LEFT_OUT) {
            LOG.warn(
                    "{}: the guest's driver: {} (0x{}){}",
                    deviceId,
                    what,
                    Long.toHexString(detail),
                    LogLimit.more(before));
        }
    }

    void warn(String message) {
        limits.states.warn(LOG, "{}: {}", deviceId, message);
    }
}
