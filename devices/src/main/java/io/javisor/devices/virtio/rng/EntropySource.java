package io.javisor.devices.virtio.rng;

import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;

/** Where random bytes come from. On the event loop: never blocks. */
@FunctionalInterface
public interface EntropySource {
    /** The kernel's generator, by getrandom(2). */
    EntropySource GETRANDOM = (hva, sizeBytes) -> Libc.getrandom(hva, sizeBytes, HostConstants.GRND_NONBLOCK);

    /**
     * Fills host memory.
     *
     * @return how many bytes, which may be fewer; or a negated errno: EAGAIN if there are none yet
     */
    long fill(long hva, long sizeBytes);
}
