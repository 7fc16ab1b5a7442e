package io.javisor.devices.virtio;

import static io.javisor.devices.virtio.VirtioStatus.DRIVER_BITS_MASK;
import static io.javisor.devices.virtio.VirtioStatus.VIRTIO_CONFIG_S_ACKNOWLEDGE;
import static io.javisor.devices.virtio.VirtioStatus.VIRTIO_CONFIG_S_DRIVER;
import static io.javisor.devices.virtio.VirtioStatus.VIRTIO_CONFIG_S_DRIVER_OK;
import static io.javisor.devices.virtio.VirtioStatus.VIRTIO_CONFIG_S_FAILED;
import static io.javisor.devices.virtio.VirtioStatus.VIRTIO_CONFIG_S_FEATURES_OK;
import static io.javisor.devices.virtio.VirtioStatus.VIRTIO_CONFIG_S_NEEDS_RESET;

import org.jspecify.annotations.Nullable;

/**
 * The device status field (virtio 1.2 §2.1) with its legal transitions (§3.1.1): a bit needs its predecessor, is never taken back but by a
 * reset, and nothing follows FAILED. Several bits at once are taken in their order. Guarded by its function's lock.
 */
final class StatusRegister {
    private int bits;

    int get() {
        return bits;
    }

    boolean has(int bit) {
        return (bits & bit) != 0;
    }

    void set(int value) {
        bits = value;
    }

    /** The device can't go on. Returns false if that was known. */
    boolean setNeedsReset() {
        boolean news = !has(VIRTIO_CONFIG_S_NEEDS_RESET);
        bits |= VIRTIO_CONFIG_S_NEEDS_RESET;
        return news;
    }

    /**
     * Adds what can be added of a value other than 0.
     *
     * @return what was wrong with the rest, or null
     */
    @Nullable
    VirtioFault add(int value, FeatureRegisters features) {
        // A driver writes back what it has read, with a bit more: so the device's own bit is welcome if it is set.
        int strange = value & ~DRIVER_BITS_MASK & ~(bits & VIRTIO_CONFIG_S_NEEDS_RESET);
        int takenBack = bits & DRIVER_BITS_MASK & ~value;
        boolean wrong = strange != 0 || takenBack != 0;
        int news = value & DRIVER_BITS_MASK & ~bits;
        if (news != 0 && has(VIRTIO_CONFIG_S_FAILED)) {
            return VirtioFault.BAD_STATUS;
        }
        boolean refused = false;
        if ((news & VIRTIO_CONFIG_S_ACKNOWLEDGE) != 0) {
            bits |= VIRTIO_CONFIG_S_ACKNOWLEDGE;
        }
        wrong |= !addAfter(news & VIRTIO_CONFIG_S_DRIVER, VIRTIO_CONFIG_S_ACKNOWLEDGE);
        if ((news & VIRTIO_CONFIG_S_FEATURES_OK) != 0 && has(VIRTIO_CONFIG_S_DRIVER) && !features.acceptable()) {
            refused = true;
        } else {
            wrong |= !addAfter(news & VIRTIO_CONFIG_S_FEATURES_OK, VIRTIO_CONFIG_S_DRIVER);
        }
        wrong |= !addAfter(news & VIRTIO_CONFIG_S_DRIVER_OK, VIRTIO_CONFIG_S_FEATURES_OK);
        bits |= news & VIRTIO_CONFIG_S_FAILED;
        if (refused) {
            return VirtioFault.BAD_FEATURES;
        }
        return wrong ? VirtioFault.BAD_STATUS : null;
    }

    private boolean addAfter(int bit, int predecessor) {
        if (bit != 0 && !has(predecessor)) {
            return false;
        }
        bits |= bit;
        return true;
    }
}
