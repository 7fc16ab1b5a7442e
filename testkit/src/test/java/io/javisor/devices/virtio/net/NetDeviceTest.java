package io.javisor.devices.virtio.net;

import static io.javisor.devices.virtio.net.Guest.BUFFER_SIZE;
import static io.javisor.devices.virtio.net.NetBench.ALL;
import static io.javisor.devices.virtio.net.NetBench.body;
import static io.javisor.devices.virtio.net.NetBench.frame;
import static io.javisor.devices.virtio.net.NetProtocol.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.devices.virtio.VirtioStatus;
import io.javisor.devices.virtio.mmio.VirtioMmioState;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A network device through its registers and rings (virtio 1.2 §5.1), over sockets that keep messages apart as a tap does. */
class NetDeviceTest {
    private static final long NO_MQ = ALL & ~mask(VIRTIO_NET_F_MQ);

    private NetBench bench = new NetBench(1);

    @AfterEach
    void close() {
        bench.close();
    }

    private void use(NetBench other) {
        bench.close();
        bench = other;
    }

    // ---- what it is ----

    @Test
    void itIsACardWithAnAddressALinkAndAnMtu() {
        assertEquals(1, bench.driver.probe());
        assertEquals(0x52, bench.driver.readConfig(0, 1));
        assertEquals(0x56, bench.driver.readConfig(5, 1));
        assertEquals(0x1200_5452L, bench.driver.readConfig(0, 4));
        assertEquals(VIRTIO_NET_S_LINK_UP, bench.driver.readConfig(6, 2));
        assertEquals(1, bench.driver.readConfig(8, 2));
        assertEquals(1500, bench.driver.readConfig(10, 2));
        bench.start(ALL, 16);
        bench.driver.writeConfig(0, 1, 0x42);
        assertEquals(0x52, bench.driver.readConfig(0, 1));
        assertEquals(1, bench.counters.configWrites());
    }

    @Test
    void itOffersWhatTheTapCanDo() {
        long own = mask(VIRTIO_NET_F_MAC)
                | mask(VIRTIO_NET_F_STATUS)
                | mask(VIRTIO_NET_F_MTU)
                | mask(VIRTIO_NET_F_MRG_RXBUF)
                | mask(VIRTIO_NET_F_CTRL_VQ)
                | mask(VIRTIO_NET_F_CTRL_RX)
                | mask(VIRTIO_NET_F_CTRL_RX_EXTRA)
                | mask(VIRTIO_NET_F_CTRL_MAC_ADDR);
        assertEquals(
                own | HOST_OFFLOADS | GUEST_OFFLOADS | mask(VIRTIO_NET_F_CTRL_GUEST_OFFLOADS), bench.device.features());
        bench.control.unknownOffloads = 0x60;
        long udp = mask(VIRTIO_NET_F_HOST_USO) | mask(VIRTIO_NET_F_GUEST_USO4) | mask(VIRTIO_NET_F_GUEST_USO6);
        bench.replaceBackend();
        assertEquals(
                own | ((HOST_OFFLOADS | GUEST_OFFLOADS | mask(VIRTIO_NET_F_CTRL_GUEST_OFFLOADS)) & ~udp),
                bench.device.features());
        bench.control.refuses = true;
        bench.replaceBackend();
        assertEquals(own, bench.device.features());
    }

    @Test
    void aFeatureNeedsAnother() {
        long csum = mask(VIRTIO_NET_F_CSUM);
        long guestCsum = mask(VIRTIO_NET_F_GUEST_CSUM);
        assertFalse(bench.device.accepts(mask(VIRTIO_NET_F_HOST_TSO4)));
        assertTrue(bench.device.accepts(mask(VIRTIO_NET_F_HOST_TSO4) | csum));
        assertFalse(bench.device.accepts(mask(VIRTIO_NET_F_HOST_ECN) | csum));
        assertFalse(bench.device.accepts(mask(VIRTIO_NET_F_GUEST_TSO6) | csum));
        assertTrue(bench.device.accepts(mask(VIRTIO_NET_F_GUEST_TSO6) | guestCsum));
        assertFalse(bench.device.accepts(mask(VIRTIO_NET_F_GUEST_USO4)));
        assertFalse(bench.device.accepts(mask(VIRTIO_NET_F_CTRL_RX)));
        assertFalse(bench.device.accepts(mask(VIRTIO_NET_F_MQ)));
        assertTrue(bench.device.accepts(ALL));
        assertTrue(bench.device.accepts(0));
        assertThrows(
                IllegalStateException.class, () -> bench.driver.initialize(ALL & ~csum), "FEATURES_OK stays clear");
    }

    // ---- the link ----

    @Test
    void aPulledCableIsSeenAndNothingPasses() {
        Guest guest = bench.start(ALL, 16);
        guest.pair().post(4, BUFFER_SIZE);
        int _ = bench.driver.takeInterrupt();
        bench.device.setLink(false);
        assertEquals(2, bench.driver.takeInterrupt());
        assertEquals(0, bench.driver.readConfig(6, 2));
        assertTrue(guest.pair().send(frame(1, 60)) >= 0);
        assertTrue(guest.pair().tx.poll() >= 0, "comes back all the same");
        assertNull(bench.receive(0));
        assertEquals(1, bench.sent().drops(NetDrop.LINK_DOWN));
        assertTrue(bench.send(0, frame(2, 60)));
        bench.events.turn();
        assertNull(guest.pair().receive());
        bench.device.setLink(true);
        assertEquals(2, bench.driver.takeInterrupt() & 2);
        assertEquals(1, bench.driver.readConfig(6, 2));
        assertEquals(1, bench.received().drops(NetDrop.STALE));
        assertTrue(bench.send(0, frame(3, 60)));
        bench.events.turn();
        assertArrayEquals(body(frame(3, 60)), guest.pair().next());
        bench.device.setLink(true);
        assertEquals(2, bench.counters.linkChanges());
    }

    @Test
    void aLinkThatIsDownOutlivesAReset() {
        bench.device.setLink(false);
        Guest guest = bench.start(ALL, 16);
        assertEquals(0, bench.driver.readConfig(6, 2));
        assertTrue(guest.pair().send(frame(1, 60)) >= 0);
        assertNull(bench.receive(0));
        assertTrue(bench.driver.reset());
        assertFalse(bench.device.isLinkUp());
    }

    @Test
    void aBackendThatIsGoneTakesTheLinkDownForGood() {
        Guest guest = bench.start(ALL, 16);
        guest.pair().post(4, BUFFER_SIZE);
        int _ = bench.driver.takeInterrupt();
        bench.device.gone("a test says so");
        bench.device.gone("once more");
        assertEquals(2, bench.driver.takeInterrupt());
        assertEquals(0, bench.driver.readConfig(6, 2));
        bench.device.setLink(false);
        bench.device.setLink(true);
        assertEquals(0, bench.driver.readConfig(6, 2));
        assertEquals(1, bench.counters.linkChanges());
        assertEquals(1, bench.counters.backendErrors());
        assertTrue(guest.pair().send(frame(1, 60)) >= 0);
        assertTrue(guest.pair().tx.poll() >= 0);
        assertTrue(bench.driver.reset());
        assertEquals(0, bench.driver.status());
    }

    @Test
    void whatCameBeforeTheDriverIsThrownAway() {
        assertTrue(bench.send(0, frame(1, 60)));
        Guest guest = bench.start(ALL, 16);
        guest.pair().post(4, BUFFER_SIZE);
        assertTrue(bench.send(0, frame(2, 60)));
        bench.events.turn();
        assertArrayEquals(body(frame(2, 60)), guest.pair().next());
        assertEquals(1, bench.received().drops(NetDrop.STALE));
    }

    // ---- commands ----

    @Test
    void commandsSayWhatIsReceived() {
        Guest guest = bench.start(ALL, 16);
        guest.pair().post(8, BUFFER_SIZE);
        byte[] foreign = frame(1, 60);
        foreign[HEADER_SIZE + 5] ^= 1;
        assertTrue(bench.send(0, foreign));
        bench.events.turn();
        assertNotNull(guest.pair().receive(), "promiscuous at first");
        assertEquals(VIRTIO_NET_OK, guest.command(0, 0, 0));
        assertTrue(bench.send(0, foreign));
        assertTrue(bench.send(0, frame(2, 60)));
        bench.events.turn();
        assertArrayEquals(body(frame(2, 60)), guest.pair().next());
        assertNull(guest.pair().receive());
        assertEquals(1, bench.received().drops(NetDrop.FILTERED));
        assertEquals(VIRTIO_NET_OK, guest.command(1, 0, 1, 0, 0, 0, 0x52, 0x54, 0, 0x12, 0x34, 0x57, 0, 0, 0, 0));
        assertTrue(bench.send(0, foreign));
        bench.events.turn();
        assertArrayEquals(body(foreign), guest.pair().next());
    }

    @Test
    void theDriverSetsTheAddress() {
        Guest guest = bench.start(ALL, 16);
        int generation = bench.device.configGeneration();
        assertEquals(VIRTIO_NET_OK, guest.command(1, 1, 2, 0, 0, 0, 0, 7));
        assertEquals(0x0700_0000_0002L, bench.driver.readConfig(0, 4) | bench.driver.readConfig(4, 2) << 32);
        assertTrue(generation != bench.device.configGeneration());
        assertEquals(VIRTIO_NET_ERR, guest.command(1, 1, 3, 0, 0, 0, 0, 7), "a group's");
        assertTrue(bench.driver.reset());
        assertEquals(0x52, bench.driver.readConfig(0, 1));
    }

    // ---- several pairs ----

    @Test
    void pairsComeIntoUseByCommand() {
        use(new NetBench(3));
        assertEquals(3, bench.driver.readConfig(8, 2));
        bench.control.calls.clear();
        Guest guest = bench.start(ALL, 16);
        guest.pairs.forEach(pair -> pair.post(8, BUFFER_SIZE));
        assertTrue(bench.send(1, frame(1, 60)));
        assertTrue(bench.send(2, frame(2, 60)));
        bench.events.turn();
        assertNull(guest.pairs.get(1).receive(), "not in use yet");
        assertArrayEquals(body(frame(1, 60)), guest.pairs.get(0).next());
        assertArrayEquals(body(frame(2, 60)), guest.pairs.get(0).next());
        assertEquals(VIRTIO_NET_OK, guest.command(4, 0, 3, 0));
        for (int i = 0; i < 3; i++) {
            assertTrue(bench.send(i, frame(10 + i, 60)));
        }
        bench.events.turn();
        for (int i = 0; i < 3; i++) {
            assertArrayEquals(body(frame(10 + i, 60)), guest.pairs.get(i).next());
            assertTrue(guest.pairs.get(i).send(frame(20 + i, 60)) >= 0);
            assertArrayEquals(frame(20 + i, 60), bench.receive(i));
        }
        assertEquals(VIRTIO_NET_OK, guest.command(4, 0, 1, 0));
        assertTrue(guest.pairs.get(2).send(frame(30, 60)) >= 0);
        assertArrayEquals(frame(30, 60), bench.receive(0), "what is left goes the first one's way");
        assertTrue(bench.send(2, frame(31, 60)));
        bench.events.turn();
        assertNull(guest.pairs.get(2).receive());
        assertArrayEquals(body(frame(31, 60)), guest.pairs.get(0).next());
        assertEquals(VIRTIO_NET_OK, guest.command(4, 0, 3, 0));
        assertTrue(bench.send(2, frame(32, 60)));
        bench.events.turn();
        assertArrayEquals(body(frame(32, 60)), guest.pairs.get(2).next());
        assertEquals(VIRTIO_NET_ERR, guest.command(4, 0, 0, 0));
        assertEquals(VIRTIO_NET_ERR, guest.command(4, 0, 4, 0));
    }

    @Test
    void aFloodInTheFirstPairLeavesOthersTheirTurn() {
        use(new NetBench(3));
        Guest guest = bench.start(ALL, 64);
        assertEquals(VIRTIO_NET_OK, guest.command(4, 0, 3, 0));
        assertEquals(VIRTIO_NET_OK, guest.command(4, 0, 1, 0));
        for (int i = 0; i < 8; i++) {
            assertTrue(bench.send(0, frame(i, 60)));
        }
        assertTrue(bench.send(2, frame(100, 60)));
        guest.pairs.get(0).post(20, BUFFER_SIZE);
        bench.events.turn();
        boolean found = false;
        for (int i = 0; i < 4; i++) {
            found |= Arrays.equals(body(frame(100, 60)), guest.pairs.get(0).next());
        }
        assertTrue(found);
    }

    /** What takes the lock of all the host's interfaces. */
    @Test
    void theTapIsNotToldMoreOftenThanTenTimesASecond() {
        use(new NetBench(3));
        Guest guest = bench.start(ALL, 16);
        bench.control.calls.clear();
        for (int i = 0; i < 1000; i++) {
            assertEquals(VIRTIO_NET_OK, guest.command(4, 0, 1 + i % 3, 0));
            assertEquals(VIRTIO_NET_OK, guest.command(5, 0, 2 * (i & 1), 0, 0, 0, 0, 0, 0, 0));
        }
        int calls = bench.control.calls.size();
        assertTrue(calls <= 1 + bench.events.time.getAsLong() / 100_000_000, calls + " calls");
        bench.events.time.advance(200_000_000);
        assertEquals("offload 0x1", bench.control.calls.getLast());
    }

    @Test
    void withoutMultiqueueTheControlQueueIsTheThird() {
        use(new NetBench(3));
        Guest guest = bench.start(NO_MQ, 16);
        assertEquals(VIRTIO_NET_OK, guest.command(0, 0, 1));
        assertEquals(VIRTIO_NET_ERR, guest.command(4, 0, 2, 0));
        guest.pair().post(2, BUFFER_SIZE);
        assertTrue(bench.send(0, frame(1, 60)));
        bench.events.turn();
        assertNotNull(guest.pair().receive());
    }

    @Test
    void aTapThatRefusesAnswersTheCommand() {
        use(new NetBench(2));
        Guest guest = bench.start(ALL, 16);
        bench.events.time.advance(200_000_000);
        bench.control.refuses = true;
        assertEquals(VIRTIO_NET_ERR, guest.command(5, 0, 2, 0, 0, 0, 0, 0, 0, 0));
        assertEquals(1, bench.counters.backendErrors());
    }

    // ---- reset and state ----

    @Test
    void aQueueIsResetAlone() {
        Guest guest = bench.start(ALL, 16);
        guest.pair().post(2, BUFFER_SIZE);
        assertTrue(bench.send(0, frame(1, 9000)));
        bench.events.turn();
        assertTrue(bench.driver.resetQueue(0));
        assertEquals(1, bench.received().drops(NetDrop.INTERRUPTED));
        Guest.Pair again = guest.new Pair(0, 16, guest.pair());
        again.post(2, BUFFER_SIZE);
        assertTrue(bench.send(0, frame(2, 60)));
        bench.events.turn();
        assertArrayEquals(body(frame(2, 60)), again.next());
    }

    @Test
    void theStateIsTheSameAgainAndFramesGoOn() {
        use(new NetBench(2));
        Guest guest = bench.start(ALL, 16);
        assertEquals(VIRTIO_NET_OK, guest.command(4, 0, 2, 0));
        assertEquals(VIRTIO_NET_OK, guest.command(1, 1, 2, 0, 0, 0, 0, 7));
        assertEquals(VIRTIO_NET_OK, guest.command(0, 0, 0));
        assertEquals(VIRTIO_NET_OK, guest.command(5, 0, 2, 0, 0, 0, 0, 0, 0, 0));
        guest.pairs.forEach(pair -> pair.post(4, BUFFER_SIZE)); // taken ahead
        assertTrue(bench.send(0, frame(1, 20_000))); // and half delivered
        bench.events.turn();
        NetState state = bench.device.save();
        VirtioMmioState registers = bench.transport.save();
        assertEquals(2, state.queuePairs());
        assertEquals(2, state.guestOffloads());
        assertEquals(1, bench.received().drops(NetDrop.INTERRUPTED));
        assertTrue(bench.send(1, toNewAddress(frame(2, 60))));
        bench.replaceDevice();
        bench.device.restore(state);
        bench.transport.restore(registers);
        assertEquals(state, bench.device.save());
        bench.device.resume();
        bench.events.turn();
        assertArrayEquals(body(toNewAddress(frame(2, 60))), guest.pairs.get(1).next());
        for (int i = 0; i < 4; i++) {
            assertTrue(bench.send(0, toNewAddress(frame(3 + i, 60))));
        }
        bench.events.turn();
        for (int i = 0; i < 4; i++) {
            assertArrayEquals(body(toNewAddress(frame(3 + i, 60))), guest.pair().next());
        }
        bench.events.time.advance(100_000_000);
        assertEquals("offload 0x1", bench.control.calls.getLast());
        assertThrows(IllegalArgumentException.class, () -> new NetState(2, true, 0, 1, 0, state.filter()));
    }

    @Test
    void itGoesOnAfterASave() {
        Guest guest = bench.start(ALL, 16);
        guest.pair().post(8, BUFFER_SIZE);
        NetState _ = bench.device.save();
        bench.device.resume();
        for (int i = 0; i < 8; i++) {
            assertTrue(bench.send(0, frame(i, 60)));
            bench.events.turn();
            assertArrayEquals(body(frame(i, 60)), guest.pair().next());
        }
        assertEquals(0, bench.driver.status() & VirtioStatus.VIRTIO_CONFIG_S_NEEDS_RESET);
    }

    private static byte[] toNewAddress(byte[] message) {
        byte[] address = {2, 0, 0, 0, 0, 7};
        System.arraycopy(address, 0, message, HEADER_SIZE, address.length);
        return message;
    }
}
