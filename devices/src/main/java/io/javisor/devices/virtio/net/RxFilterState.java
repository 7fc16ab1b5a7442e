package io.javisor.devices.virtio.net;

import java.util.List;

/**
 * Which frames a driver wants.
 *
 * @param modes bit n for the command n of VIRTIO_NET_CTRL_RX
 * @param unicast addresses of 48 bits, at most 64
 * @param anyUnicast there were more than 64; then 64 are listed
 * @param multicast as {@code unicast}
 * @param anyMulticast as {@code anyUnicast}
 */
public record RxFilterState(
        int modes, List<Long> unicast, boolean anyUnicast, List<Long> multicast, boolean anyMulticast) {
    /** @throws IllegalArgumentException if it is none that a device can be in */
    public RxFilterState {
        unicast = List.copyOf(unicast);
        multicast = List.copyOf(multicast);
        requireTable(unicast, anyUnicast);
        requireTable(multicast, anyMulticast);
        if (modes >>> 6 != 0) {
            throw new IllegalArgumentException("net state: receive modes 0x" + Integer.toHexString(modes));
        }
    }

    private static void requireTable(List<Long> table, boolean overflow) {
        int size = table.size();
        if (size > RxFilter.TABLE_SIZE || (overflow && size != RxFilter.TABLE_SIZE)) {
            throw new IllegalArgumentException("net state: a table of " + size + " addresses");
        }
        table.forEach(MacAddress::new);
    }
}
