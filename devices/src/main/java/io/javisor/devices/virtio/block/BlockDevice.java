package io.javisor.devices.virtio.block;

import io.javisor.core.event.Timers;
import io.javisor.core.host.Fd;
import io.javisor.core.io.AsyncFileBackend;
import io.javisor.devices.backend.TokenLevels;
import io.javisor.devices.virtio.VirtioDevice;
import io.javisor.devices.virtio.VirtioLink;
import io.javisor.devices.virtio.queue.Virtqueue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A disk (virtio 1.2 §5.2) over an open file or block device of the host: read, write, flush, get-id, discard, write-zeroes; several queues,
 * topology, a write cache that the driver may switch off, resizing while it runs. Data goes between the file and the guest's memory without a copy,
 * except where O_DIRECT wants another alignment.
 *
 * <p>A flush completes when everything that completed before it came is on stable storage, except in {@link CacheMode#UNSAFE}. A driver that does not
 * negotiate VIRTIO_BLK_F_FLUSH gets every write that completes on stable storage.
 *
 * <p>What a driver does wrong ends in VIRTIO_BLK_S_IOERR or VIRTIO_BLK_S_UNSUPP, and is counted; what the host's file refuses too. Left out:
 * SCSI pass-through, secure erase, lifetime, zoned disks, the legacy geometry.
 */
public final class BlockDevice implements VirtioDevice<BlockState> {
    /** Queues of this size at most; also the most pieces of a request. */
    public static final int QUEUE_MAX_SIZE = 256;

    private final String id;
    private final BlockDeviceConfig config;
    private final BlockConfigSpace space;
    private final BlockLimits limits;
    private final BlockCounters counters;
    final BlockRequests requests;
    private @Nullable VirtioLink link;
    private boolean untoldResize;
    private boolean paused;
    private List<BlockState.Request> restored = List.of();

    /**
     * Makes a disk.
     *
     * @param id for messages
     * @param opener makes the backend of {@code file}, whose completions come on the device's loop
     * @param file stays the caller's, and open until the device is closed
     * @param clock nanoseconds, monotonic
     * @param timers of the device's loop
     * @param levels what is left of the limits, over several lives
     * @param counters where it counts, over several lives
     */
    public BlockDevice(
            String id,
            BlockDeviceConfig config,
            AsyncFileBackend.Opener opener,
            Fd file,
            LongSupplier clock,
            Timers timers,
            TokenLevels levels,
            BlockCounters counters) {
        this.id = id;
        this.config = config;
        this.counters = counters;
        this.space = new BlockConfigSpace(config);
        this.limits = new BlockLimits(id, config, levels, clock, timers, this::limitRefilled);
        this.requests = new BlockRequests(id, config, space, limits, counters, opener, file);
    }

    private void limitRefilled() {
        requests.workAll();
    }

    @Override
    public int deviceId() {
        return BlockProtocol.DEVICE_ID;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String kind() {
        return "disk";
    }

    @Override
    public long features() {
        return space.features();
    }

    @Override
    public int queueCount() {
        return config.queueCount();
    }

    @Override
    public int queueMaxSize(int index) {
        return QUEUE_MAX_SIZE;
    }

    @Override
    public int configSizeBytes() {
        return BlockProtocol.CONFIG_SIZE;
    }

    @Override
    public long readConfig(int offset, int size, long features) {
        return space.read(offset, size);
    }

    @Override
    public void writeConfig(int offset, int size, long value, long features) {
        boolean _ = space.write(offset, size, value, features);
    }

    @Override
    public int configGeneration() {
        return space.generation();
    }

    @Override
    public void activate(VirtioLink newLink) {
        link = newLink;
        requests.activate(newLink);
        if (untoldResize) { // since the last driver; this one may have read the old size
            untoldResize = false;
            newLink.notifyConfigChange();
        }
        retake();
        for (int i = 0; i < config.queueCount(); i++) {
            requests.work(i);
        }
    }

    /** What a saved device had in flight begins anew, after the pause if there is one. */
    private void retake() {
        if (!paused) {
            restored.forEach(request -> requests.retake(request.queue(), request.token()));
            restored = List.of();
        }
    }

    @Override
    public void pause(Runnable done) {
        paused = true;
        requests.pause(done);
    }

    @Override
    public void resume() {
        paused = false;
        requests.resume();
        if (link != null) {
            retake();
            requests.workAll();
        }
    }

    @Override
    public void queueNotified(int index) {
        requests.work(index);
    }

    @Override
    public void resetQueue(int index, Runnable done) {
        requests.resetQueue(index, done);
    }

    @Override
    public void queueEnabled(int index, Virtqueue queue) {
        requests.work(index);
    }

    @Override
    public void reset(Runnable done) {
        link = null;
        restored = List.of();
        space.reset();
        requests.reset(done);
    }

    /**
     * The disk has another size from now on; the driver is told. On the loop.
     *
     * @param capacityBytes a multiple of the logical block size
     */
    public void resize(long capacityBytes) {
        if (capacityBytes < 0 || capacityBytes % config.logicalBlockSize() != 0) {
            throw new IllegalArgumentException(id + ": a capacity of " + capacityBytes + " bytes");
        }
        space.resize(capacityBytes);
        VirtioLink active = link;
        if (active != null) {
            active.notifyConfigChange();
        } else {
            untoldResize = true;
        }
    }

    /** The size at present, in bytes. Any thread. */
    public long capacityBytes() {
        return space.capacityBytes();
    }

    /** The state at this moment, requests in flight included. On the loop, while no vCPU runs. */
    @Override
    public BlockState save() {
        List<BlockState.Request> inFlight = new ArrayList<>(restored);
        inFlight.addAll(requests.inFlight());
        return new BlockState(BlockState.VERSION, space.capacityBytes(), space.writeback(), inFlight);
    }

    /** Takes a saved state over, before the device is activated. */
    @Override
    public void restore(BlockState state) {
        requirePossible(state);
        space.restore(state.capacityBytes(), state.writeback());
        restored = state.inFlight();
    }

    /** A file may have grown since its state was saved, and did not shrink. */
    private void requirePossible(BlockState state) {
        long capacity = state.capacityBytes();
        if (capacity < 0 || capacity % config.logicalBlockSize() != 0 || capacity > space.capacityBytes()) {
            throw new IllegalArgumentException(
                    id + ": a saved capacity of " + capacity + " bytes, and a file of " + space.capacityBytes());
        }
        for (BlockState.Request request : state.inFlight()) {
            if (request.queue() < 0 || request.queue() >= config.queueCount()) {
                throw new IllegalArgumentException(id + ": a saved request of queue " + request.queue());
            }
        }
        if (Set.copyOf(state.inFlight()).size() != state.inFlight().size()
                || state.inFlight().size() > BlockRequests.DEPTH) {
            throw new IllegalArgumentException(
                    id + ": " + state.inFlight().size() + " saved requests, or one of them twice");
        }
    }

    @Override
    public Map<String, Long> counters() {
        return counters.snapshot();
    }

    @Override
    public void close() {
        requests.close();
        limits.close();
    }
}
