package io.javisor.devices.virtio.net;

import io.javisor.core.memory.MemoryLease;
import io.javisor.devices.virtio.VirtioFeature;
import io.javisor.devices.virtio.VirtioLink;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the queues of a network device share. The loop's own: they take turns, so that one lease and one vector are enough. */
final class NetContext {
    /** Room in a lease beyond what is asked of it: a piece that crosses adjoining regions takes one more for each. */
    private static final int LEASE_PIECES = FrameVector.CAPACITY - 1;

    final NetBackend backend;
    final NetConfigSpace space;
    final NetCounters counters;
    final RxFilter filter = new RxFilter();
    /** Of the device, for its life. */
    final Arena buffers = Arena.ofShared();

    final FrameVector vector = new FrameVector(buffers);
    /** What of a frame finds no room in the guest's buffers. */
    final MemorySegment overflow = buffers.allocate(NetProtocol.MAX_FRAME_SIZE + NetProtocol.HEADER_SIZE, Long.BYTES);

    @Nullable
    VirtioLink link;

    @Nullable
    MemoryLease lease;

    long features;
    int activePairs = 1;
    /** What of {@link NetProtocol#GUEST_OFFLOADS} is on. */
    long guestOffloads;

    private final Consumer<String> gone;

    /** @param gone called with the reason when a call finds the backend gone */
    NetContext(NetBackend backend, NetConfigSpace space, NetCounters counters, Consumer<String> gone) {
        this.backend = backend;
        this.space = space;
        this.counters = counters;
        this.gone = gone;
    }

    void activate(VirtioLink newLink) {
        link = newLink;
        if (lease == null) { // a guest may reset its devices as often as it likes
            lease = newLink.memory().newLease(LEASE_PIECES);
        }
        features = newLink.features();
    }

    void reset() {
        link = null;
        features = 0;
        guestOffloads = 0;
        activePairs = 1;
        filter.reset();
    }

    /** Nothing is in flight between two calls, so that all can go. */
    void close() {
        buffers.close();
    }

    boolean has(int feature) {
        return VirtioFeature.has(features, feature);
    }

    void backendGone() {
        gone.accept(backend.goneReason());
    }

    /** What a receive buffer, or several together, should hold (virtio 1.2 §5.1.6.3.1), with the header. */
    int wantedBytes() {
        return (features & NetProtocol.guestSegments()) != 0
                ? NetProtocol.MAX_FRAME_SIZE + NetProtocol.HEADER_SIZE
                : plainBytes();
    }

    /** What the longest frame takes that is not to be segmented, with the header. */
    int plainBytes() {
        return space.longestPlainFrame() + NetProtocol.HEADER_SIZE;
    }

    /** Tells the backend how frames are to come. Returns 0 or a negated errno, which was counted. */
    int tellOffloads(long offloads) {
        int result = backend.setOffloads(offloads);
        if (result < 0) {
            counters.backendError();
        } else {
            guestOffloads = offloads;
        }
        return result;
    }

    /** As {@link #tellOffloads}, in how many pairs. */
    int tellPairs(int count) {
        int result = backend.setQueuePairs(count);
        if (result < 0) {
            counters.backendError();
        } else {
            activePairs = count;
        }
        return result;
    }
}
