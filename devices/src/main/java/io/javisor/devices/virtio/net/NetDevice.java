package io.javisor.devices.virtio.net;

import static io.javisor.devices.virtio.net.NetProtocol.*;

import io.javisor.core.event.Timers;
import io.javisor.devices.virtio.VirtioDevice;
import io.javisor.devices.virtio.VirtioFeature;
import io.javisor.devices.virtio.VirtioLink;
import io.javisor.devices.virtio.queue.Virtqueue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A network card (virtio 1.2 §5.1) over a {@link NetBackend}: mergeable receive buffers, checksum and segmentation offloads both ways as far as the
 * backend has them, several pairs of queues, link status, MTU, and a control queue for receive modes, addresses, pairs and offloads.
 *
 * <p>Frames pass between guest memory and the host's side without a copy, but for two: a frame for which the guest has too few buffers, and
 * one that is to be segmented after many that were not. Nothing is in flight between two calls. What a driver sends that is no frame, or has a header that
 * says what is not true, is dropped and counted; when the host's side goes the link goes down, and the guest lives on.
 *
 * <p>Queues: receive 2n and transmit 2n+1 for the pair n, then the control queue; without VIRTIO_NET_F_MQ that is queue 2 (§5.1.2). Left out: UFO,
 * VLAN filtering, announcements, hash reports and RSS, notification coalescing, speed and duplex, standby.
 */
public final class NetDevice implements VirtioDevice<NetState> {
    public static final int QUEUE_MAX_SIZE = 256;

    private static final Logger LOG = LoggerFactory.getLogger(NetDevice.class);

    private static final int NO_QUEUE = -1;

    private final String id;
    private final NetBackend backend;
    private final NetConfigSpace space;
    private final NetCounters counters;
    private final NetContext context;
    private final List<RxQueue> receivers = new ArrayList<>();
    private final List<TxQueue> senders = new ArrayList<>();
    private final ControlQueue control;
    private int controlIndex = NO_QUEUE;
    private int usedPairs = 1;
    private @Nullable NetState restored;

    /**
     * Makes a card.
     *
     * @param id for messages
     * @param backend stays the caller's, who closes it after the device
     * @param timers of the device's loop
     * @param counters where it counts, over several lives; made for as many pairs as the backend has
     */
    public NetDevice(String id, NetDeviceConfig config, NetBackend backend, Timers timers, NetCounters counters) {
        int pairs = backend.queuePairs();
        if (counters.pairs() != pairs) {
            throw new IllegalArgumentException(id + ": counters for " + counters.pairs() + " pairs, not " + pairs);
        }
        this.id = id;
        this.backend = backend;
        this.counters = counters;
        this.space = new NetConfigSpace(config, pairs, backend.offloads());
        this.context = new NetContext(backend, space, counters, this::gone);
        for (int pair = 0; pair < pairs; pair++) {
            receivers.add(new RxQueue(id, context, pair, timers));
            senders.add(new TxQueue(context, pair));
        }
        this.control = new ControlQueue(context, this::pairsChanged);
        backend.attach(new NetBackend.Listener() {
            @Override
            public void receivable(int pair) {
                receivers.get(pair).work();
            }

            @Override
            public void sendable(int pair) {
                // Frames of a pair that is out of use go another's way.
                for (int i = 0; i < senders.size(); i++) {
                    senders.get(i).work();
                }
            }

            @Override
            public void gone(String why) {
                NetDevice.this.gone(why);
            }
        });
    }

    @Override
    public int deviceId() {
        return DEVICE_ID;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String kind() {
        return "net";
    }

    @Override
    public long features() {
        return space.features();
    }

    @Override
    public boolean accepts(long features) {
        return NetConfigSpace.accepts(features);
    }

    @Override
    public int queueCount() {
        return 2 * space.pairs() + 1;
    }

    @Override
    public int queueMaxSize(int index) {
        return QUEUE_MAX_SIZE;
    }

    @Override
    public int chainsPerTurn(int index, long features) {
        return index == controlIndex(features)
                ? ControlQueue.COMMANDS_PER_TURN
                : VirtioDevice.super.chainsPerTurn(index, features);
    }

    @Override
    public int configSizeBytes() {
        return CONFIG_SIZE;
    }

    @Override
    public long readConfig(int offset, int size, long features) {
        return space.read(offset, size);
    }

    @Override
    public void writeConfig(int offset, int size, long value, long features) {
        counters.configWritten(); // nothing there is the driver's to write (§5.1.4.2)
    }

    @Override
    public int configGeneration() {
        return space.generation();
    }

    // ---- what the driver does ----

    @Override
    public void activate(VirtioLink newLink) {
        context.activate(newLink);
        boolean multiQueue = context.has(VIRTIO_NET_F_MQ);
        usedPairs = multiQueue ? space.pairs() : 1;
        controlIndex = controlIndex(context.features);
        control.activate(controlIndex);
        NetState state = restored;
        restored = null;
        if (state != null) {
            space.setMac(state.mac());
            context.filter.restore(state.filter());
        }
        int _ = context.tellPairs(state == null ? 1 : Math.min(state.queuePairs(), usedPairs));
        long offloads = context.features & GUEST_OFFLOADS;
        int _ = context.tellOffloads(state == null ? offloads : offloads & state.guestOffloads());
        if (state == null) {
            discardStale();
        }
        workAll();
    }

    private int controlIndex(long features) {
        if (!VirtioFeature.has(features, VIRTIO_NET_F_CTRL_VQ)) {
            return NO_QUEUE;
        }
        return VirtioFeature.has(features, VIRTIO_NET_F_MQ) ? 2 * space.pairs() : 2;
    }

    @Override
    public void queueNotified(int index) {
        if (index == controlIndex) {
            control.work();
        } else if (index >= 2 * usedPairs) {
            return; // such as a pair's while the driver has agreed to none but the first
        } else if (index % 2 == 0) {
            receivers.get(index / 2).work();
        } else {
            senders.get(index / 2).work();
        }
    }

    @Override
    public void resetQueue(int index, Runnable done) {
        if (index != controlIndex && index % 2 == 0 && index < 2 * space.pairs()) {
            receivers.get(index / 2).reset();
        }
        done.run();
    }

    @Override
    public void queueEnabled(int index, Virtqueue queue) {
        queueNotified(index);
    }

    @Override
    public void reset(Runnable done) {
        restored = null;
        controlIndex = NO_QUEUE;
        usedPairs = 1;
        control.activate(NO_QUEUE);
        receivers.forEach(RxQueue::reset);
        context.reset();
        space.reset();
        done.run();
    }

    @Override
    public void close() {
        receivers.forEach(RxQueue::close);
        backend.detach();
        context.close();
    }

    private void workAll() {
        if (controlIndex != NO_QUEUE) {
            control.work();
        }
        for (int pair = 0; pair < usedPairs; pair++) {
            senders.get(pair).work();
            receivers.get(pair).work();
        }
    }

    private void pairsChanged() {
        for (int pair = 0; pair < usedPairs; pair++) {
            if (pair < context.activePairs) {
                receivers.get(pair).work();
            } else {
                receivers.get(pair).pause();
            }
        }
    }

    private void discardStale() {
        if (!space.isBackendGone()) {
            for (int pair = 0; pair < context.activePairs; pair++) {
                receivers.get(pair).discardStale();
            }
        }
    }

    // ---- what the host does ----

    /** Plugs the cable in or pulls it. On the loop. With the backend gone the link stays down. */
    public void setLink(boolean up) {
        if (!space.setLink(up)) {
            return;
        }
        linkChanged();
        if (up) {
            discardStale();
            workAll();
        }
    }

    /** Whether the driver sees the link up. Any thread. */
    public boolean isLinkUp() {
        return space.isLinkUp();
    }

    /** The host's side is no more: the link goes down for good. On the loop. */
    public void gone(String why) {
        if (space.isBackendGone()) {
            return;
        }
        boolean wasUp = space.setBackendGone();
        counters.backendError();
        counters.goneLines().warn(LOG, "{}: the link is down: {}", id, why);
        if (wasUp) {
            linkChanged();
        }
    }

    private void linkChanged() {
        counters.linkChanged();
        VirtioLink active = context.link;
        if (active != null && context.has(VIRTIO_NET_F_STATUS)) {
            active.notifyConfigChange();
        }
    }

    // ---- pause ----

    /** Frames wait from now on where the host keeps them. */
    @Override
    public void pause(Runnable done) {
        receivers.forEach(RxQueue::giveBack);
        done.run(); // nothing is in flight between two calls
    }

    /** Goes on after {@link #pause} or {@link #save}, if the machine does. On the loop. */
    @Override
    public void resume() {
        workAll();
    }

    // ---- state ----

    /**
     * The state at this moment. On the loop, before that of its function is saved: buffers that were taken ahead go back into their queues, and a frame
     * that waits for buffers is dropped.
     */
    @Override
    public NetState save() {
        receivers.forEach(RxQueue::pause);
        return new NetState(
                NetState.VERSION,
                space.isLinkSet(),
                space.mac(),
                context.activePairs,
                context.guestOffloads,
                context.filter.save());
    }

    /**
     * Takes a saved state over, before the device is activated.
     *
     * @throws IllegalArgumentException if it has more pairs of queues than this device
     */
    @Override
    public void restore(NetState state) {
        if (state.queuePairs() > space.pairs()) {
            throw new IllegalArgumentException(
                    id + ": a state with " + state.queuePairs() + " pairs of queues of " + space.pairs());
        }
        boolean _ = space.setLink(state.linkUp());
        restored = state;
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
