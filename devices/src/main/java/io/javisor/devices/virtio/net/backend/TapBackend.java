package io.javisor.devices.virtio.net.backend;

import static io.javisor.core.net.NetConstants.*;
import static io.javisor.devices.virtio.net.NetProtocol.*;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.Libc;
import io.javisor.devices.backend.HostEvents;
import io.javisor.devices.virtio.VirtioFeature;
import io.javisor.devices.virtio.net.FrameVector;
import io.javisor.devices.virtio.net.NetBackend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A tap of the host (Documentation/networking/tuntap.rst), one descriptor a pair of queues: a frame is one readv(2) or writev(2), its header passes as it
 * is.
 */
public final class TapBackend implements NetBackend {
    private static final int TCP_OFFLOADS = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;
    private static final int UDP_OFFLOADS = TUN_F_USO4 | TUN_F_USO6;

    private final int[] fds;
    private final boolean[] attached;
    private final TapControl control;
    private final long offloads;
    private final List<ReadyWatch> watches = new ArrayList<>();
    private volatile @Nullable Listener listener;
    private int activePairs;

    /** As {@link #TapBackend(String, List, HostEvents, TapControl)}, for a tap of the kernel's. */
    public TapBackend(String name, List<Fd> queues, HostEvents events) {
        this(name, queues, events, TapControl.ofKernel());
    }

    /**
     * Takes the descriptors in use; they stay the caller's, who closes them after this backend.
     *
     * @param name for messages
     * @param queues queues of one tap, all attached, with IFF_VNET_HDR and a header of 12 bytes, in non-blocking mode
     */
    public TapBackend(String name, List<Fd> queues, HostEvents events, TapControl control) {
        this.fds = queues.stream().mapToInt(Fd::value).toArray();
        this.attached = new boolean[fds.length];
        Arrays.fill(attached, true);
        this.control = control;
        this.activePairs = fds.length;
        this.offloads = probeOffloads();
        for (int i = 0; i < fds.length; i++) {
            int pair = i;
            watches.add(new ReadyWatch(
                    name + "/" + i, fds[i], events, () -> receivable(pair), () -> sendable(pair), this::checkAlive));
        }
    }

    private long probeOffloads() {
        boolean udp = control.setOffload(fds[0], TCP_OFFLOADS | UDP_OFFLOADS) >= 0; // Linux 6.2 and later
        boolean tcp = udp || control.setOffload(fds[0], TCP_OFFLOADS) >= 0;
        int _ = control.setOffload(fds[0], 0);
        long mask = 0;
        if (tcp) {
            mask |= VirtioFeature.mask(VIRTIO_NET_F_CSUM)
                    | VirtioFeature.mask(VIRTIO_NET_F_GUEST_CSUM)
                    | VirtioFeature.mask(VIRTIO_NET_F_HOST_TSO4)
                    | VirtioFeature.mask(VIRTIO_NET_F_HOST_TSO6)
                    | VirtioFeature.mask(VIRTIO_NET_F_HOST_ECN)
                    | VirtioFeature.mask(VIRTIO_NET_F_GUEST_TSO4)
                    | VirtioFeature.mask(VIRTIO_NET_F_GUEST_TSO6)
                    | VirtioFeature.mask(VIRTIO_NET_F_GUEST_ECN);
        }
        if (udp) {
            mask |= VirtioFeature.mask(VIRTIO_NET_F_HOST_USO)
                    | VirtioFeature.mask(VIRTIO_NET_F_GUEST_USO4)
                    | VirtioFeature.mask(VIRTIO_NET_F_GUEST_USO6);
        }
        return mask;
    }

    @Override
    public long offloads() {
        return offloads;
    }

    @Override
    public int queuePairs() {
        return fds.length;
    }

    @Override
    public boolean hasHeader() {
        return true;
    }

    @Override
    public void attach(Listener newListener) {
        listener = newListener;
    }

    @Override
    public void detach() {
        listener = null;
    }

    @Override
    public String goneReason() {
        return "the tap was deleted";
    }

    private void receivable(int pair) {
        Listener told = listener;
        if (told != null) {
            told.receivable(pair);
        }
    }

    private void sendable(int pair) {
        Listener told = listener;
        if (told != null) {
            told.sendable(pair);
        }
    }

    /** A tap's descriptor reports an error when its interface is deleted, also while nobody reads it. */
    private void checkAlive() {
        Listener told = listener;
        if (told != null && control.probe(fds[0]) == -Errno.EBADFD) {
            told.gone(goneReason());
        }
    }

    @Override
    public long send(int pair, FrameVector frame) {
        return result(Libc.writev(fds[sendingPair(pair)], frame.iovecHva(), frame.count()));
    }

    /** What is left in the queue of a pair that is out of use goes the first one's way: its own takes nothing. */
    private int sendingPair(int pair) {
        return pair < activePairs ? pair : 0;
    }

    @Override
    public long receive(int pair, FrameVector room) {
        return result(Libc.readv(fds[pair], room.iovecHva(), room.count()));
    }

    private static long result(long result) {
        if (result == -Errno.EBADFD || result == -Errno.ENODEV) {
            return GONE;
        }
        return result == -Errno.EINTR ? -Errno.EAGAIN : result;
    }

    @Override
    public void awaitSend(int pair) {
        watches.get(sendingPair(pair)).awaitSend();
    }

    @Override
    public void awaitReceive(int pair) {
        watches.get(pair).awaitReceive();
    }

    @Override
    public int setOffloads(long guestOffloads) {
        int flags = flag(guestOffloads, VIRTIO_NET_F_GUEST_CSUM, TUN_F_CSUM)
                | flag(guestOffloads, VIRTIO_NET_F_GUEST_TSO4, TUN_F_TSO4)
                | flag(guestOffloads, VIRTIO_NET_F_GUEST_TSO6, TUN_F_TSO6)
                | flag(guestOffloads, VIRTIO_NET_F_GUEST_ECN, TUN_F_TSO_ECN);
        // The kernel takes both or none; a driver that has but one gets none.
        if (flag(guestOffloads, VIRTIO_NET_F_GUEST_USO4, 1) + flag(guestOffloads, VIRTIO_NET_F_GUEST_USO6, 1) == 2) {
            flags |= UDP_OFFLOADS;
        }
        return offloads == 0 ? 0 : control.setOffload(fds[0], flags);
    }

    private static int flag(long features, int feature, int tunFlag) {
        return VirtioFeature.has(features, feature) ? tunFlag : 0;
    }

    @Override
    public int setQueuePairs(int count) {
        activePairs = count;
        // The first is always in use. A tap of one queue knows no other.
        for (int i = 1; i < fds.length; i++) {
            boolean use = i < count;
            if (attached[i] != use) {
                int result = control.setAttached(fds[i], use);
                if (result < 0) {
                    activePairs = Math.min(count, i);
                    return result;
                }
                attached[i] = use;
            }
        }
        return 0;
    }

    @Override
    public void close() {
        watches.forEach(ReadyWatch::close);
    }
}
