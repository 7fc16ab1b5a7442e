package io.javisor.devices.virtio.net;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/** What passed one direction of one pair, over all lives. Written by the device's loop, read by any thread; counting allocates nothing. */
public final class NetQueueCounters {
    private final AtomicLong frames = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong segmentedFrames = new AtomicLong();
    private final AtomicLong waits = new AtomicLong();
    private final AtomicLong heldFrames = new AtomicLong();
    private final AtomicLong badBuffers = new AtomicLong();
    private final Map<NetDrop, AtomicLong> drops = new EnumMap<>(NetDrop.class); // complete, never changed

    public NetQueueCounters() {
        for (NetDrop reason : NetDrop.values()) {
            drops.put(reason, new AtomicLong());
        }
    }

    /** Frames that passed. */
    public long frames() {
        return frames.get();
    }

    /** Their bytes, without headers before the frame. */
    public long bytes() {
        return bytes.get();
    }

    /** Those of them that stand for several (TSO, USO). */
    public long segmentedFrames() {
        return segmentedFrames.get();
    }

    /** How often the host had nothing, or no room. */
    public long waits() {
        return waits.get();
    }

    /** Frames that had to be kept until buffers enough were taken, or given by the driver. */
    public long heldFrames() {
        return heldFrames.get();
    }

    /** Receive buffers that no frame fits in. */
    public long badBuffers() {
        return badBuffers.get();
    }

    /** Frames that were dropped for that reason. */
    public long drops(NetDrop reason) {
        return counter(reason).get();
    }

    /** Frames that were dropped. */
    public long drops() {
        return drops.values().stream().mapToLong(AtomicLong::get).sum();
    }

    /** All of them by name, as statistics print them. */
    public Map<String, Long> snapshot() {
        Map<String, Long> all = new LinkedHashMap<>();
        all.put("frames", frames());
        all.put("bytes", bytes());
        all.put("segmented_frames", segmentedFrames());
        all.put("waits", waits());
        all.put("held_frames", heldFrames());
        all.put("bad_buffers", badBuffers());
        drops.forEach((reason, count) -> all.put("drop_" + reason.name().toLowerCase(Locale.ROOT), count.get()));
        return all;
    }

    void passed(long frameBytes, boolean segmented) {
        add(frames, 1);
        add(bytes, frameBytes);
        if (segmented) {
            add(segmentedFrames, 1);
        }
    }

    void waited() {
        add(waits, 1);
    }

    void held() {
        add(heldFrames, 1);
    }

    void badBuffer() {
        add(badBuffers, 1);
    }

    void dropped(NetDrop reason) {
        add(counter(reason), 1);
    }

    private AtomicLong counter(NetDrop reason) {
        return Objects.requireNonNull(drops.get(reason));
    }

    /** One writer: needs no atomic addition. */
    private static void add(AtomicLong counter, long value) {
        counter.lazySet(counter.getPlain() + value);
    }
}
