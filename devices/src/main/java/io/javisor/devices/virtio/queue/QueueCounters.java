package io.javisor.devices.virtio.queue;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/** What passed a queue, over all its lives. Written by one thread, the queue's, and read by any; counting allocates nothing. */
public final class QueueCounters {
    private final AtomicLong chains = new AtomicLong();
    private final AtomicLong descriptors = new AtomicLong();
    private final AtomicLong emptyDescriptors = new AtomicLong();
    private final AtomicLong completions = new AtomicLong();
    private final AtomicLong notifications = new AtomicLong();
    private final AtomicLong suppressedNotifications = new AtomicLong();
    private final Map<QueueFault, AtomicLong> faults = new EnumMap<>(QueueFault.class); // complete, never changed

    public QueueCounters() {
        for (QueueFault fault : QueueFault.values()) {
            faults.put(fault, new AtomicLong());
        }
    }

    /** Chains taken. */
    public long chains() {
        return chains.get();
    }

    /** Descriptors walked, those of indirect tables included. */
    public long descriptors() {
        return descriptors.get();
    }

    /** Descriptors of no bytes, which are passed over. */
    public long emptyDescriptors() {
        return emptyDescriptors.get();
    }

    /** Chains given back. */
    public long completions() {
        return completions.get();
    }

    /** How often the driver wanted an interrupt when it was asked. */
    public long notifications() {
        return notifications.get();
    }

    /** How often it did not. */
    public long suppressedNotifications() {
        return suppressedNotifications.get();
    }

    /** How often the queue broke that way. */
    public long faults(QueueFault fault) {
        return counter(fault).get();
    }

    /** All of them by name, as statistics print them. */
    public Map<String, Long> snapshot() {
        Map<String, Long> all = new LinkedHashMap<>();
        all.put("chains", chains());
        all.put("descriptors", descriptors());
        all.put("empty_descriptors", emptyDescriptors());
        all.put("completions", completions());
        all.put("notifications", notifications());
        all.put("suppressed_notifications", suppressedNotifications());
        faults.forEach((fault, count) -> all.put("fault_" + fault.name().toLowerCase(Locale.ROOT), count.get()));
        return all;
    }

    void chainTaken(int descriptorCount) {
        add(chains, 1);
        add(descriptors, descriptorCount);
    }

    void chainPutBack(int descriptorCount) {
        add(chains, -1);
        add(descriptors, -descriptorCount);
    }

    void chainsPutBack(int count) {
        add(chains, -count);
    }

    void emptyDescriptor() {
        add(emptyDescriptors, 1);
    }

    void completed() {
        add(completions, 1);
    }

    void notificationAsked(boolean wanted) {
        add(wanted ? notifications : suppressedNotifications, 1);
    }

    void broke(QueueFault fault) {
        counter(fault).incrementAndGet();
    }

    private AtomicLong counter(QueueFault fault) {
        return Objects.requireNonNull(faults.get(fault));
    }

    /** One writer: needs no atomic addition. */
    private static void add(AtomicLong counter, long value) {
        counter.lazySet(counter.getPlain() + value);
    }
}
