package io.javisor.devices.virtio.vsock;

import static io.javisor.devices.virtio.vsock.VsockProtocol.VIRTIO_ID_VSOCK;
import static io.javisor.devices.virtio.vsock.VsockProtocol.VIRTIO_VSOCK_EVENT_TRANSPORT_RESET;

import io.javisor.core.event.Timers;
import io.javisor.core.memory.GuestMemory;
import io.javisor.core.memory.MemoryLease;
import io.javisor.devices.virtio.VirtioDevice;
import io.javisor.devices.virtio.VirtioFeature;
import io.javisor.devices.virtio.VirtioLink;
import io.javisor.devices.virtio.queue.ChainBytes;
import io.javisor.devices.virtio.queue.DescriptorChain;
import io.javisor.devices.virtio.queue.Virtqueue;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A virtio socket device (virtio 1.2 §5.10) over a {@link VsockHost}: stream sockets between the guest and the host, whichever asks, with credit and half
 * closes both ways.
 *
 * <p>Payloads pass between guest memory and the host's end without a copy, but for what the host does not take at once. A host's end is read when the guest
 * has credit and a buffer, and not before. Nothing is in flight between two calls. What a guest sends that is not allowed is answered with a RST, but for what has
 * no header or another sender; while it takes no such answers its packets are not taken either.
 *
 * <table>
 * <caption>Configuration space</caption>
 * <tr><th>offset</th><th>field</th><th>read</th><th>write</th></tr>
 * <tr><td>0</td><td>guest_cid</td><td>the guest's context id, 64 bits</td><td>counted</td></tr>
 * </table>
 *
 * <p>Queues: receive, transmit, events. A guest that was restored from a snapshot finds VIRTIO_VSOCK_EVENT_TRANSPORT_RESET in the last, and its
 * connections gone. Left out: SOCK_SEQPACKET, datagrams, contexts but the guest's and the host's.
 */
public final class VsockDevice implements VirtioDevice<VsockState> {
    public static final int QUEUE_MAX_SIZE = 256;

    /** Stream sockets; not in the kernel's headers, whose devices have them in any case (virtio 1.2 §5.10.3). */
    public static final int VIRTIO_VSOCK_F_STREAM = 0;

    static final int RX = 0;
    static final int TX = 1;
    static final int EVENT = 2;

    /** Each may be 64 KiB to copy, or a socket to connect. */
    private static final int PACKETS_PER_TURN = 32;

    private static final int CONFIG_SIZE = Long.BYTES;
    private static final int EVENT_SIZE = Integer.BYTES;

    /** A piece of a chain that crosses adjoining regions takes two of the lease's. */
    private static final int LEASE_PIECES = 2 * QUEUE_MAX_SIZE;

    private final String id;
    private final long guestCid;
    private final VsockHost host;
    private final VsockCounters counters;
    private final VsockConnection.Owner owner = this::hostChanged;
    private final VsockConnections connections;
    private final VsockReplies replies = new VsockReplies();
    private final VsockDeadlines deadlines;
    private final VsockTransmitter transmitter;
    private final VsockReceiver receiver;
    private final DescriptorChain chain = new DescriptorChain(QUEUE_MAX_SIZE);
    private @Nullable VirtioLink link;
    private @Nullable MemoryLease lease;
    private boolean eventDue;

    /**
     * Makes a device.
     *
     * @param id for messages
     * @param guestCid the guest's context id, 3 to 2³²−2
     * @param host stays the caller's, who closes it after the device
     * @param clock nanoseconds, monotonic
     * @param timers of the device's loop
     * @param counters where it counts
     */
    public VsockDevice(
            String id, long guestCid, VsockHost host, LongSupplier clock, Timers timers, VsockCounters counters) {
        this.id = id;
        this.guestCid = guestCid;
        this.host = host;
        this.counters = counters;
        connections = new VsockConnections(counters);
        deadlines = new VsockDeadlines(id + "/deadlines", connections, clock, timers, this::work);
        transmitter = new VsockTransmitter(guestCid, host, connections, replies, owner, counters);
        receiver = new VsockReceiver(guestCid, connections, replies, deadlines, counters);
        host.attach(this::connect);
    }

    @Override
    public int deviceId() {
        return VIRTIO_ID_VSOCK;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String kind() {
        return "vsock";
    }

    @Override
    public long features() {
        return VirtioFeature.mask(VIRTIO_VSOCK_F_STREAM);
    }

    @Override
    public int queueCount() {
        return EVENT + 1;
    }

    @Override
    public int queueMaxSize(int index) {
        return QUEUE_MAX_SIZE;
    }

    @Override
    public int chainsPerTurn(int index, long features) {
        return PACKETS_PER_TURN;
    }

    @Override
    public int configSizeBytes() {
        return CONFIG_SIZE;
    }

    @Override
    public long readConfig(int offset, int size, long features) {
        long value = guestCid >>> (Byte.SIZE * offset);
        return size == Long.BYTES ? value : value & (1L << (Byte.SIZE * size)) - 1;
    }

    @Override
    public void writeConfig(int offset, int size, long value, long features) {
        counters.configWrites.getAndIncrement(); // nothing there is the driver's to write (§5.10.4)
    }

    @Override
    public int configGeneration() {
        return 0; // it never changes
    }

    // ---- what the driver does ----

    @Override
    public void activate(VirtioLink newLink) {
        link = newLink;
        if (lease == null) { // a guest may reset its devices as often as it likes
            lease = newLink.memory().newLease(LEASE_PIECES);
        }
        receiver.begin();
        work();
    }

    @Override
    public void queueNotified(int index) {
        work();
    }

    @Override
    public void resetQueue(int index, Runnable done) {
        done.run(); // nothing is taken ahead
    }

    @Override
    public void queueEnabled(int index, Virtqueue queue) {
        if (index == RX) {
            receiver.begin();
        }
        work();
    }

    @Override
    public void reset(Runnable done) {
        link = null;
        eventDue = false;
        connections.abandonAll();
        replies.clear();
        deadlines.cancel();
        done.run();
    }

    @Override
    public void close() {
        host.detach();
        deadlines.close();
    }

    // ---- all that can be done ----

    private void work() {
        VirtioLink active = link;
        MemoryLease loan = lease;
        if (active == null || loan == null) {
            return;
        }
        boolean stalled;
        do {
            stalled = transmitter.work(active, loan);
            receiver.work(active, loan);
        } while (stalled && !replies.isFull()); // the guest has taken some
        tellOfReset(active);
    }

    // ---- events ----

    /** Tells the guest that its connections are gone, as soon as it takes that (§5.10.6.7). */
    private void tellOfReset(VirtioLink active) {
        Virtqueue queue = active.queue(EVENT);
        if (queue == null) {
            return;
        }
        while (eventDue) {
            if (queue.take(chain)) {
                boolean fits = chain.writableBytes() >= EVENT_SIZE;
                if (fits) {
                    putEvent(active.memory());
                    eventDue = false;
                    counters.transportResets.getAndIncrement();
                } else {
                    counters.badBuffers.getAndIncrement();
                }
                queue.complete(chain.token(), fits ? EVENT_SIZE : 0);
            } else if (queue.isTurnOver() || !queue.enableDoorbell()) {
                break;
            }
        }
        if (queue.needsNotification()) {
            active.notifyUsed(EVENT);
        }
    }

    private void putEvent(GuestMemory memory) {
        for (int i = 0; i < EVENT_SIZE; i++) {
            boolean _ = ChainBytes.putByte(
                    memory, chain, i, (byte) (VIRTIO_VSOCK_EVENT_TRANSPORT_RESET >>> (Byte.SIZE * i)));
        }
    }

    // ---- what the host does ----

    private boolean connect(VsockStream stream, int guestPort) {
        if (link == null) {
            return false;
        }
        if (connections.isFull()) {
            counters.tooMany.getAndIncrement();
            return false;
        }
        VsockConnection connection = VsockConnection.ofHost(
                connections.newHostPort(guestPort), guestPort, connections.bufferBytes(), stream, counters, owner);
        counters.hostConnections.getAndIncrement();
        connections.add(connection);
        deadlines.requested(connection);
        connections.settle(connection);
        work();
        return true;
    }

    private void hostChanged(VsockConnection connection) {
        connections.settle(connection);
        work();
    }

    // ---- state ----

    /** The state at this moment; the connections go on. */
    @Override
    public VsockState save() {
        return new VsockState(VsockState.VERSION, connections.nextHostPort());
    }

    /** Takes a saved state over, before the device is activated: its driver is told that all connections are gone. */
    @Override
    public void restore(VsockState state) {
        connections.setNextHostPort(state.nextHostPort());
        eventDue = true;
    }

    @Override
    public Map<String, Long> counters() {
        return counters.snapshot();
    }

    @Override
    public Map<String, Long> queueCounters(int index) {
        return counters.snapshot(index);
    }
}
