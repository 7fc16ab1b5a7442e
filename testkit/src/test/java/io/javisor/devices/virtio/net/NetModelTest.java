package io.javisor.devices.virtio.net;

import static io.javisor.devices.virtio.net.NetBench.ALL;
import static io.javisor.devices.virtio.net.NetBench.body;
import static io.javisor.devices.virtio.net.NetBench.frame;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.devices.virtio.mmio.VirtioMmioState;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random traffic both ways with too few buffers, full sockets, pulled cables, snapshots and resets, beside a model: frames come once, whole and in order,
 * and each that does not come is counted as dropped.
 */
class NetModelTest {
    private static final int STEPS = 8000;

    private final SplittableRandom random;
    private final NetBench bench = new NetBench(1);
    private final Queue<byte[]> toGuest = new ArrayDeque<>();
    private final Queue<byte[]> toHost = new ArrayDeque<>();
    private Guest guest;
    private int buffers;
    private int number;
    private long missedByGuest;
    private long missedByHost;
    private boolean waiting;

    NetModelTest() {
        random = new SplittableRandom(11);
        guest = bench.start(ALL, 64);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void framesComeOnceWholeAndInOrder(long seed) {
        SplittableRandom choices = new SplittableRandom(seed);
        for (int i = 0; i < STEPS; i++) {
            step(choices.nextInt(1000));
        }
        bench.device.setLink(true);
        settle();
        assertEquals(bench.received().drops(), missedByGuest + toGuest.size());
        assertEquals(bench.sent().drops(), missedByHost + toHost.size());
        assertTrue(bench.received().frames() > 300, "frames for the guest");
        assertTrue(bench.sent().frames() > 300, "frames of the guest");
        bench.close();
    }

    private void step(int choice) {
        if (choice < 300) {
            byte[] message = frame(number++, random.nextInt(14, random.nextInt(5) == 0 ? 20_000 : 1515));
            if (bench.send(0, message)) {
                toGuest.add(body(message));
            }
        } else if (choice < 500) {
            send();
        } else if (choice < 600) {
            if (random.nextInt(4) == 0) {
                bench.device.setLink(true);
            }
            bench.events.turn();
        } else if (choice < 700) {
            takeFromGuest();
        } else if (choice < 800) {
            takeFromHost();
        } else if (choice < 980) {
            if (buffers < 60) {
                guest.pair().post(1, 200 + random.nextInt(3000));
                buffers++;
            }
        } else if (choice < 985) {
            bench.device.setLink(false);
        } else if (choice < 998) {
            snapshot();
        } else {
            takeFromGuest();
            waiting = false;
            assertTrue(bench.driver.reset());
            guest = bench.start(ALL, 64);
            buffers = 0;
        }
    }

    /** One frame at a time, as this driver has one buffer to send from. */
    private void send() {
        settleSent();
        if (!waiting) {
            byte[] message = frame(number++, random.nextInt(14, 5000));
            assertTrue(guest.pair().send(message, 1 + random.nextInt(3), random.nextBoolean()) >= 0);
            toHost.add(body(message));
            waiting = true;
            settleSent();
        }
    }

    private void settleSent() {
        if (waiting && guest.pair().tx.poll() >= 0) {
            waiting = false;
        }
    }

    private void snapshot() {
        NetState state = bench.device.save();
        VirtioMmioState registers = bench.transport.save();
        bench.replaceDevice();
        bench.device.restore(state);
        bench.transport.restore(registers);
    }

    private void settle() {
        for (int i = 0; i < 100; i++) {
            if (buffers < 60) {
                guest.pair().post(60 - buffers, 3000);
                buffers = 60;
            }
            bench.events.turn();
            takeFromGuest();
            takeFromHost();
            settleSent();
        }
    }

    private void takeFromGuest() {
        byte[] message = guest.pair().receive();
        while (message != null) {
            missedByGuest += skipTo(toGuest, body(message));
            message = guest.pair().receive();
        }
    }

    private void takeFromHost() {
        byte[] message = bench.receive(0);
        while (message != null) {
            missedByHost += skipTo(toHost, body(message));
            message = bench.receive(0);
        }
    }

    /** How many frames did not come before this one, which is to be among those that are expected. */
    private static int skipTo(Queue<byte[]> expected, byte[] got) {
        int missed = 0;
        while (!expected.isEmpty()) {
            byte[] next = expected.remove();
            if (Arrays.equals(next, got)) {
                return missed;
            }
            missed++;
        }
        assertArrayEquals(new byte[0], got, "a frame that nobody sent, again, or late");
        return missed;
    }
}
