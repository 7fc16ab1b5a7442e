package io.javisor.devices.virtio.net;

import static io.javisor.devices.virtio.net.NetProtocol.*;

import java.util.Arrays;

/**
 * Which frames a driver wants, by their destination (virtio 1.2 §5.1.6.5.1, .2). Everything, until it says otherwise. Filtering may be
 * imperfect: a table of more than {@link #TABLE_SIZE} addresses lets all of its kind pass.
 */
final class RxFilter {
    static final int TABLE_SIZE = 64;

    private static final int MODES = 6;
    private static final long BROADCAST = MacAddress.BROADCAST.value();

    private final boolean[] modes = new boolean[MODES];
    private final long[] unicast = new long[TABLE_SIZE];
    private final long[] multicast = new long[TABLE_SIZE];
    private int unicastCount;
    private int multicastCount;

    RxFilter() {
        reset();
    }

    void reset() {
        Arrays.fill(modes, false);
        modes[VIRTIO_NET_CTRL_RX_PROMISC] = true;
        unicastCount = 0;
        multicastCount = 0;
    }

    /** @param mode a command of VIRTIO_NET_CTRL_RX, 0 to 5 */
    void setMode(int mode, boolean on) {
        modes[mode] = on;
    }

    /** Begins new tables of these sizes, to be filled by {@link #putUnicast} and {@link #putMulticast} as far as they hold them. */
    void beginTables(int newUnicastCount, int newMulticastCount) {
        unicastCount = newUnicastCount;
        multicastCount = newMulticastCount;
    }

    void putUnicast(int index, long address) {
        unicast[index] = address;
    }

    void putMulticast(int index, long address) {
        multicast[index] = address;
    }

    /** Whether every frame passes, so that it need not be looked at. */
    boolean acceptsAll() {
        return modes[VIRTIO_NET_CTRL_RX_PROMISC];
    }

    /** @param own the card's address */
    boolean accepts(long destination, long own) {
        if (acceptsAll()) {
            return true;
        }
        if (destination == BROADCAST) {
            return !modes[VIRTIO_NET_CTRL_RX_NOBCAST];
        }
        if (MacAddress.isGroup(destination)) {
            return !modes[VIRTIO_NET_CTRL_RX_NOMULTI]
                    && (modes[VIRTIO_NET_CTRL_RX_ALLMULTI] || contains(multicast, multicastCount, destination));
        }
        return !modes[VIRTIO_NET_CTRL_RX_NOUNI]
                && (modes[VIRTIO_NET_CTRL_RX_ALLUNI]
                        || destination == own
                        || contains(unicast, unicastCount, destination));
    }

    private static boolean contains(long[] table, int count, long address) {
        if (count > TABLE_SIZE) {
            return true;
        }
        for (int i = 0; i < count; i++) {
            if (table[i] == address) {
                return true;
            }
        }
        return false;
    }

    RxFilterState save() {
        int bits = 0;
        for (int i = 0; i < MODES; i++) {
            bits |= modes[i] ? 1 << i : 0;
        }
        return new RxFilterState(
                bits,
                Arrays.stream(unicast, 0, Math.min(unicastCount, TABLE_SIZE))
                        .boxed()
                        .toList(),
                unicastCount > TABLE_SIZE,
                Arrays.stream(multicast, 0, Math.min(multicastCount, TABLE_SIZE))
                        .boxed()
                        .toList(),
                multicastCount > TABLE_SIZE);
    }

    void restore(RxFilterState state) {
        for (int i = 0; i < MODES; i++) {
            modes[i] = (state.modes() & (1 << i)) != 0;
        }
        unicastCount = fill(unicast, state.unicast()) + (state.anyUnicast() ? 1 : 0);
        multicastCount = fill(multicast, state.multicast()) + (state.anyMulticast() ? 1 : 0);
    }

    private static int fill(long[] table, java.util.List<Long> addresses) {
        int count = 0;
        for (long address : addresses) {
            table[count++] = address;
        }
        return count;
    }
}
