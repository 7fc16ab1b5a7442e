package io.javisor.devices.virtio.net;

/**
 * What a network device is made with.
 *
 * @param mac of the card until its driver sets another
 * @param mtu what the driver is told, 68 to 65535, or 0 to tell it nothing
 */
public record NetDeviceConfig(MacAddress mac, int mtu) {
    private static final int MIN_MTU = 68; // virtio 1.2 §5.1.4.1
    private static final int MAX_MTU = 65_535;

    /** @throws IllegalArgumentException if one is out of range */
    public NetDeviceConfig {
        if (!mac.isUnicast()) {
            throw new IllegalArgumentException(mac + " is no address of a single card");
        }
        if (mtu != 0 && (mtu < MIN_MTU || mtu > MAX_MTU)) {
            throw new IllegalArgumentException("an MTU of " + mtu + " is not within 68 and 65535");
        }
    }
}
