package io.javisor.devices.virtio.net.backend;

import static io.javisor.core.net.NetConstants.*;
import static io.javisor.devices.virtio.net.NetProtocol.*;

import io.javisor.core.event.Timer;
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
 *
 * <p>All queues stay attached: to attach or detach one takes the lock of all the host's interfaces (RTNL) and waits for all its processors, and a guest
 * may ask for that as often as it likes. What the kernel puts into the queue of a pair that is out of use comes in the first pair. Offloads take that lock
 * too: they are told when they have changed, and not twice within {@link #OFFLOAD_PAUSE_NANOS}.
 */
public final class TapBackend implements NetBackend {
    private static final int TCP_OFFLOADS = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;
    private static final int UDP_OFFLOADS = TUN_F_USO4 | TUN_F_USO6;

    /** Between two changes of the offloads. */
    static final long OFFLOAD_PAUSE_NANOS = 100_000_000;

    private final int[] fds;
    /** Of queues whose pairs are out of use: whether a frame may be there, as far as is known. */
    private final boolean[] mayHave;

    private final TapControl control;
    private final long offloads;
    private final List<ReadyWatch> watches = new ArrayList<>();
    private volatile @Nullable Listener listener;
    private final Timer offloadPause;
    private int activePairs;
    private int turn; // whose it is, of the first queue and those out of use
    private boolean offloadsPaused;
    private int toldOffloads;
    private int wantedOffloads;

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
        this.mayHave = new boolean[fds.length];
        Arrays.fill(mayHave, true);
        this.offloadPause = events.newTimer(name + "/offloads", this::offloadPauseEnds);
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

    private void receivable(int queue) {
        mayHave[queue] = true;
        Listener told = listener;
        if (told != null) {
            told.receivable(queue < activePairs ? queue : 0);
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
        return pair == 0 ? receiveFirst(room) : read(pair, room);
    }

    /** From the first queue and those out of use in turn. */
    private long receiveFirst(FrameVector room) {
        int queues = 1 + fds.length - activePairs;
        for (int i = 0; i < queues; i++) {
            int queue = turn == 0 ? 0 : activePairs + turn - 1;
            turn = turn + 1 >= queues ? 0 : turn + 1;
            if (queue == 0 || mayHave[queue]) {
                long result = read(queue, room);
                if (result != -Errno.EAGAIN) {
                    return result;
                }
                mayHave[queue] = false; // the watch tells
            }
        }
        return -Errno.EAGAIN;
    }

    private long read(int queue, FrameVector room) {
        return result(Libc.readv(fds[queue], room.iovecHva(), room.count()));
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
        for (int i = activePairs; pair == 0 && i < fds.length; i++) {
            watches.get(i).awaitReceive();
        }
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
        if (offloads == 0) {
            return 0;
        }
        wantedOffloads = flags;
        return offloadsPaused ? 0 : tellOffloads();
    }

    /** Until then frames come with what was told before, and the device drops those that its driver does not take any more. */
    private void offloadPauseEnds() {
        offloadsPaused = false;
        int _ = tellOffloads(); // the kernel takes all that were offered
    }

    private int tellOffloads() {
        if (wantedOffloads == toldOffloads) {
            return 0;
        }
        int result = control.setOffload(fds[0], wantedOffloads);
        if (result >= 0) {
            toldOffloads = wantedOffloads;
        }
        offloadsPaused = true;
        offloadPause.schedule(OFFLOAD_PAUSE_NANOS);
        return result;
    }

    private static int flag(long features, int feature, int tunFlag) {
        return VirtioFeature.has(features, feature) ? tunFlag : 0;
    }

    @Override
    public int setQueuePairs(int count) {
        activePairs = count;
        turn = 0;
        Arrays.fill(mayHave, true);
        return 0;
    }

    @Override
    public void close() {
        watches.forEach(ReadyWatch::close);
        offloadPause.close();
    }
}
