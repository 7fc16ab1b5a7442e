package io.javisor.devices.virtio.net;

import static io.javisor.devices.virtio.net.NetProtocol.HEADER_SIZE;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.memory.GuestMemory;
import io.javisor.testkit.driver.DriverQueue;
import io.javisor.testkit.driver.VirtioDriver;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A driver of a network device with its queues and buffers, by the book unless a test does otherwise. */
final class Guest {
    /** A header, and the longest frame of an Ethernet: what many a driver posts to receive into. */
    static final int BUFFER_SIZE = 1526;

    private static final int SEND_BUFFER_SIZE = 66_000;
    private static final int TABLE_CAPACITY = 8;

    /** One pair of queues. */
    final class Pair {
        final DriverQueue rx;
        final DriverQueue tx;
        final long[] bufferGpas;
        final int[] bufferSizes;
        private final long sendGpa;

        Pair(int number, int queueSize) {
            this(
                    queueSize,
                    driver.setUpQueue(2 * number, queueSize),
                    driver.setUpQueue(2 * number + 1, queueSize, TABLE_CAPACITY));
        }

        /** With a new receive queue, after a reset of the old one. */
        Pair(int number, int queueSize, Pair before) {
            this(queueSize, driver.setUpQueue(2 * number, queueSize), before.tx);
        }

        private Pair(int queueSize, DriverQueue rx, DriverQueue tx) {
            this.rx = rx;
            this.tx = tx;
            bufferGpas = new long[queueSize];
            bufferSizes = new int[queueSize];
            sendGpa = driver.allocate(SEND_BUFFER_SIZE, 8);
        }

        /** Gives the device {@code count} buffers to receive into. */
        void post(int count, int size) {
            for (int i = 0; i < count; i++) {
                postAt(driver.allocate(size, 8), size);
            }
            boolean _ = rx.kick();
        }

        private void postAt(long gpa, int size) {
            rx.begin();
            rx.writable(gpa, size);
            int head = rx.commit();
            assertTrue(head >= 0, "no room in the receive queue");
            bufferGpas[head] = gpa;
            bufferSizes[head] = size;
        }

        /** The next frame that came, with its header, or null; its buffers go back to the device. */
        byte @Nullable [] receive() {
            int head = rx.poll();
            if (head < 0) {
                return null;
            }
            List<byte[]> parts = new ArrayList<>();
            parts.add(content(head));
            int total = parts.getFirst().length;
            int count = Short.toUnsignedInt(memory.getShort(bufferGpas[head] + 10));
            List<Integer> heads = new ArrayList<>();
            heads.add(head);
            for (int i = 1; i < count; i++) {
                int next = rx.poll();
                // As Linux' driver has it: all buffers of a frame become visible at once.
                assertTrue(next >= 0, "buffer " + i + " of " + count + " is missing");
                byte[] part = content(next);
                parts.add(part);
                total += part.length;
                heads.add(next);
            }
            byte[] frame = new byte[total];
            int at = 0;
            for (byte[] part : parts) {
                System.arraycopy(part, 0, frame, at, part.length);
                at += part.length;
            }
            // The heads are free again: other descriptors may carry these buffers now.
            List<long[]> again = heads.stream()
                    .map(each -> new long[] {bufferGpas[each], bufferSizes[each]})
                    .toList();
            again.forEach(each -> postAt(each[0], (int) each[1]));
            boolean _ = rx.kick();
            return frame;
        }

        /** The next frame that came, without its header; there must be one. */
        byte[] next() {
            byte[] message = receive();
            if (message == null) {
                throw new AssertionError("no frame came");
            }
            return NetBench.body(message);
        }

        private byte[] content(int head) {
            byte[] bytes = new byte[rx.usedLength()];
            memory.copyOut(bufferGpas[head], bytes, 0, bytes.length);
            return bytes;
        }

        /** Sends header and frame, in these many pieces; then the doorbell. Returns the head, or -1 if the queue is full. */
        int send(byte[] message, int pieces, boolean indirect) {
            memory.copyIn(message, 0, sendGpa, message.length);
            if (indirect) {
                tx.beginIndirect();
            } else {
                tx.begin();
            }
            int at = 0;
            for (int i = 0; i < pieces; i++) {
                int end = i == pieces - 1 ? message.length : (int) ((long) message.length * (i + 1) / pieces);
                tx.readable(sendGpa + at, end - at);
                at = end;
            }
            int head = tx.commit();
            boolean _ = tx.kick();
            return head;
        }

        int send(byte[] message) {
            return send(message, 1, false);
        }
    }

    final VirtioDriver driver;
    final GuestMemory memory;
    final List<Pair> pairs = new ArrayList<>();
    final @Nullable DriverQueue control;
    private final long controlGpa;

    Guest(NetBench bench, long features, int queueSize) {
        driver = bench.newDriver();
        memory = bench.memory;
        long agreed = driver.initialize(features);
        int count = (agreed & NetProtocol.mask(NetProtocol.VIRTIO_NET_F_MQ)) == 0 ? 1 : bench.counters.pairs();
        for (int i = 0; i < count; i++) {
            pairs.add(new Pair(i, queueSize));
        }
        control = (agreed & NetProtocol.mask(NetProtocol.VIRTIO_NET_F_CTRL_VQ)) == 0
                ? null
                : driver.setUpQueue(count == 1 ? 2 : 2 * count, 16);
        controlGpa = driver.allocate(4096, 8);
        driver.driverOk();
    }

    Pair pair() {
        return pairs.getFirst();
    }

    /** Does a command; returns its answer: 0, 1, or -1 for none. */
    int command(int... bytes) {
        DriverQueue queue = control;
        if (queue == null) {
            throw new AssertionError("no control queue");
        }
        for (int i = 0; i < bytes.length; i++) {
            memory.putByte(controlGpa + i, (byte) bytes[i]);
        }
        long answerGpa = controlGpa + 4000;
        memory.putByte(answerGpa, (byte) 0x55);
        queue.begin();
        queue.readable(controlGpa, bytes.length);
        queue.writable(answerGpa, 1);
        int head = queue.commit();
        boolean _ = queue.kick();
        if (queue.poll() != head || queue.usedLength() != 1) {
            return -1;
        }
        return memory.getByte(answerGpa);
    }

    /** A frame's header field of 16 bits. */
    static int headerField(byte[] message, int offset) {
        assertTrue(message.length >= HEADER_SIZE);
        return (message[offset] & 0xFF) | ((message[offset + 1] & 0xFF) << 8);
    }
}
