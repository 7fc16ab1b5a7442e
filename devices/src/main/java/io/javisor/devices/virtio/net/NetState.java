package io.javisor.devices.virtio.net;

/**
 * The state of a {@link NetDevice}, for a snapshot. Nothing is in flight between two calls: receive buffers that were taken ahead are put back, and a
 * frame that waits for buffers is lost, as frames may be.
 *
 * @param version {@link #VERSION}
 * @param linkUp whether the link is to be up
 * @param mac the card's address, 48 bits
 * @param queuePairs in how many pairs frames come
 * @param guestOffloads those of the negotiated ones that are on
 * @param filter which frames the driver wants
 */
public record NetState(
        int version, boolean linkUp, long mac, int queuePairs, long guestOffloads, RxFilterState filter) {
    /** The only version so far. */
    public static final int VERSION = 1;

    /** @throws IllegalArgumentException if it is none that a device can be in */
    public NetState {
        if (version != VERSION) {
            throw new IllegalArgumentException("net state: version " + version + ", not " + VERSION);
        }
        if (queuePairs < 1 || (guestOffloads & ~NetProtocol.GUEST_OFFLOADS) != 0) {
            throw new IllegalArgumentException(
                    "net state: " + queuePairs + " pairs of queues, offloads 0x" + Long.toHexString(guestOffloads));
        }
        MacAddress _ = new MacAddress(mac);
    }
}
