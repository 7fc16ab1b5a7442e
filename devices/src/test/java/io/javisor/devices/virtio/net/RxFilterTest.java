package io.javisor.devices.virtio.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Which frames pass (virtio 1.2 §5.1.6.5.1). */
class RxFilterTest {
    private static final long OWN = 0x5254_0012_3456L;
    private static final long OTHER = 0x5254_0012_3457L;
    private static final long GROUP = 0x0100_5E00_0001L;
    private static final long ALL = 0xFFFF_FFFF_FFFFL;
    private static final List<Long> DESTINATIONS = List.of(OWN, OTHER, GROUP, ALL);

    private final RxFilter filter = new RxFilter();

    private String passing() {
        StringBuilder text = new StringBuilder();
        for (long destination : DESTINATIONS) {
            text.append(filter.accepts(destination, OWN) ? '1' : '0');
        }
        return text.toString();
    }

    @Test
    void everythingPassesAtFirst() {
        assertTrue(filter.acceptsAll());
        assertEquals("1111", passing());
    }

    @Test
    void modesSayWhatPasses() {
        filter.setMode(NetProtocol.VIRTIO_NET_CTRL_RX_PROMISC, false);
        assertEquals("1001", passing());
        filter.setMode(NetProtocol.VIRTIO_NET_CTRL_RX_ALLMULTI, true);
        assertEquals("1011", passing());
        filter.setMode(NetProtocol.VIRTIO_NET_CTRL_RX_NOMULTI, true);
        assertEquals("1001", passing());
        filter.setMode(NetProtocol.VIRTIO_NET_CTRL_RX_ALLUNI, true);
        assertEquals("1101", passing());
        filter.setMode(NetProtocol.VIRTIO_NET_CTRL_RX_NOUNI, true);
        assertEquals("0001", passing());
        filter.setMode(NetProtocol.VIRTIO_NET_CTRL_RX_NOBCAST, true);
        assertEquals("0000", passing());
        filter.reset();
        assertEquals("1111", passing());
    }

    @Test
    void tablesLetTheirAddressesPass() {
        filter.setMode(NetProtocol.VIRTIO_NET_CTRL_RX_PROMISC, false);
        filter.beginTables(1, 1);
        filter.putUnicast(0, OTHER);
        filter.putMulticast(0, GROUP);
        assertEquals("1111", passing());
        filter.beginTables(0, 0);
        assertEquals("1001", passing());
    }

    @Test
    void aTableThatOverflowsLetsAllOfItsKindPass() {
        filter.setMode(NetProtocol.VIRTIO_NET_CTRL_RX_PROMISC, false);
        filter.beginTables(RxFilter.TABLE_SIZE + 1, 0);
        assertEquals("1101", passing());
        filter.beginTables(0, RxFilter.TABLE_SIZE + 1);
        assertEquals("1011", passing());
    }

    @Test
    void theStateIsTheSameAgain() {
        SplittableRandom random = new SplittableRandom(7);
        for (int round = 0; round < 500; round++) {
            for (int mode = 0; mode < 6; mode++) {
                filter.setMode(mode, random.nextBoolean());
            }
            int unicast = random.nextInt(RxFilter.TABLE_SIZE + 2);
            int multicast = random.nextInt(RxFilter.TABLE_SIZE + 2);
            filter.beginTables(unicast, multicast);
            for (int i = 0; i < RxFilter.TABLE_SIZE; i++) {
                filter.putUnicast(i, random.nextBoolean() ? OTHER : random.nextLong(ALL));
                filter.putMulticast(i, random.nextBoolean() ? GROUP : random.nextLong(ALL));
            }
            RxFilterState state = filter.save();
            RxFilter other = new RxFilter();
            other.restore(state);
            assertEquals(state, other.save());
            for (long destination : DESTINATIONS) {
                assertEquals(filter.accepts(destination, OWN), other.accepts(destination, OWN));
            }
        }
    }

    @Test
    void aStateThatNoDeviceIsInIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new RxFilterState(64, List.of(), false, List.of(), false));
        assertThrows(IllegalArgumentException.class, () -> new RxFilterState(0, List.of(), true, List.of(), false));
        assertThrows(IllegalArgumentException.class, () -> new RxFilterState(0, List.of(), false, List.of(-1L), false));
        assertFalse(new RxFilterState(0, List.of(), false, List.of(), false).anyUnicast());
    }
}
