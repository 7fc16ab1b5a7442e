package io.javisor.devices.virtio;

import io.javisor.core.log.LogLimit;
import io.javisor.devices.virtio.queue.QueueCounters;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What passed a device's registers and queues, over all the lives that it is handed to. Any thread may count and read; counting allocates
 * nothing. What a kind of device counts of its own is the device's.
 */
public final class VirtioCounters {
    private final List<QueueCounters> queues;
    private final AtomicLongArray doorbells;
    private final AtomicLong slowDoorbells = new AtomicLong();
    private final AtomicLong activations = new AtomicLong();
    private final AtomicLong resets = new AtomicLong();
    private final AtomicLong queueResets = new AtomicLong();
    private final AtomicLong slowResets = new AtomicLong();
    private final AtomicLong interrupts = new AtomicLong();
    private final AtomicLong configChanges = new AtomicLong();
    private final AtomicLong needsResets = new AtomicLong();
    private final GuestLog.Limits logLimits = new GuestLog.Limits(new LogLimit(), new LogLimit());
    private final Map<VirtioFault, AtomicLong> faults = new EnumMap<>(VirtioFault.class); // filled by the constructor

    public VirtioCounters(int queueCount) {
        List<QueueCounters> all = new ArrayList<>(queueCount);
        for (int i = 0; i < queueCount; i++) {
            all.add(new QueueCounters());
        }
        queues = List.copyOf(all);
        doorbells = new AtomicLongArray(queueCount);
        for (VirtioFault fault : VirtioFault.values()) {
            faults.put(fault, new AtomicLong());
        }
    }

    /** What the lines about its driver are limited by: kept here, for a guest that resets again and again has many lives. */
    GuestLog.Limits logLimits() {
        return logLimits;
    }

    /** How many queues it counts for. */
    public int queueCount() {
        return queues.size();
    }

    /** What passed a queue. */
    public QueueCounters queue(int index) {
        return queues.get(index);
    }

    /** Doorbells of a queue that reached the event loop; several that come at once are one. */
    public long doorbells(int index) {
        return doorbells.get(index);
    }

    /** Doorbells that took the long way, through a vCPU's exit to user space. */
    public long slowDoorbells() {
        return slowDoorbells.get();
    }

    /** How often a driver set DRIVER_OK. */
    public long activations() {
        return activations.get();
    }

    /** Resets by the driver of a device that it had activated. */
    public long resets() {
        return resets.get();
    }

    /** Resets of single queues. */
    public long queueResets() {
        return queueResets.get();
    }

    /** Resets that had not ended when a transport stopped to wait for them. */
    public long slowResets() {
        return slowResets.get();
    }

    /** Pulses of the interrupt line, or messages. */
    public long interrupts() {
        return interrupts.get();
    }

    /** Configuration changes that the driver was told of. */
    public long configChanges() {
        return configChanges.get();
    }

    /** How often the device could not go on. */
    public long needsResets() {
        return needsResets.get();
    }

    /** How often a driver did that. */
    public long faults(VirtioFault fault) {
        return counter(fault).get();
    }

    /** The sum of all faults. */
    public long faults() {
        return faults.values().stream().mapToLong(AtomicLong::get).sum();
    }

    /** Those of the device by name, as statistics print them; each queue has its own. */
    public Map<String, Long> snapshot() {
        Map<String, Long> all = new LinkedHashMap<>();
        all.put("activations", activations());
        all.put("resets", resets());
        all.put("queue_resets", queueResets());
        all.put("slow_resets", slowResets());
        all.put("slow_doorbells", slowDoorbells());
        all.put("interrupts", interrupts());
        all.put("config_changes", configChanges());
        all.put("needs_reset", needsResets());
        faults.forEach((fault, count) -> all.put("fault_" + fault.name().toLowerCase(Locale.ROOT), count.get()));
        return all;
    }

    /** Those of a queue by name. */
    public Map<String, Long> snapshot(int index) {
        Map<String, Long> all = new LinkedHashMap<>();
        all.put("doorbells", doorbells(index));
        all.putAll(queues.get(index).snapshot());
        return all;
    }

    void doorbell(int index) {
        doorbells.getAndIncrement(index);
    }

    void slowDoorbell() {
        slowDoorbells.getAndIncrement();
    }

    void activated() {
        activations.getAndIncrement();
    }

    void reset() {
        resets.getAndIncrement();
    }

    void queueReset() {
        queueResets.getAndIncrement();
    }

    void slowReset() {
        slowResets.getAndIncrement();
    }

    void interrupted() {
        interrupts.getAndIncrement();
    }

    void configChanged() {
        configChanges.getAndIncrement();
    }

    void needsReset() {
        needsResets.getAndIncrement();
    }

    void fault(VirtioFault fault) {
        counter(fault).getAndIncrement();
    }

    private AtomicLong counter(VirtioFault fault) {
        return Objects.requireNonNull(faults.get(fault));
    }
}
