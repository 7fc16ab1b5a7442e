package io.javisor.devices.virtio.vsock;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** What a virtio socket device has done, over all the lives of its machine. Written on the loop and by vCPUs, read by any thread. */
public final class VsockCounters {
    final AtomicLong guestConnections = new AtomicLong();
    final AtomicLong hostConnections = new AtomicLong();
    final AtomicLong ended = new AtomicLong();
    final AtomicLong refused = new AtomicLong();
    final AtomicLong tooMany = new AtomicLong();
    final AtomicLong timeouts = new AtomicLong();
    final AtomicLong droppedBytes = new AtomicLong();
    final AtomicLong transportResets = new AtomicLong();
    final AtomicLong malformed = new AtomicLong();
    final AtomicLong badAddresses = new AtomicLong();
    final AtomicLong unexpected = new AtomicLong();
    final AtomicLong badCredit = new AtomicLong();
    final AtomicLong badBuffers = new AtomicLong();
    final AtomicLong resetsSent = new AtomicLong();
    final AtomicLong configWrites = new AtomicLong();
    final AtomicLong receivedPackets = new AtomicLong();
    final AtomicLong receivedBytes = new AtomicLong();
    final AtomicLong sentPackets = new AtomicLong();
    final AtomicLong sentBytes = new AtomicLong();
    private final AtomicLong badClients = new AtomicLong();
    private final AtomicLong hostErrors = new AtomicLong();

    /** A program of the host's asked for no port, or was not heard out. */
    public void badClient() {
        badClients.getAndIncrement();
    }

    /** The host failed otherwise than by having no listener. */
    public void hostError() {
        hostErrors.getAndIncrement();
    }

    /** Those of the device by name, as statistics print them. */
    public Map<String, Long> snapshot() {
        Map<String, Long> all = new LinkedHashMap<>();
        all.put("guest_connections", guestConnections.get()); // that the guest asked for and got
        all.put("host_connections", hostConnections.get()); // that the host asked the guest for
        all.put("ended_connections", ended.get()); // of both
        all.put("refused", refused.get()); // that the guest asked for where nobody listens
        all.put("too_many", tooMany.get()); // beyond the most that there can be
        all.put("timeouts", timeouts.get()); // that a guest did not answer, or end
        all.put("dropped_bytes", droppedBytes.get()); // that the guest sent to who had gone
        all.put("transport_resets", transportResets.get());
        all.put("resets_sent", resetsSent.get());
        all.put("malformed", malformed.get()); // no header, another length than it says, or a buffer to be written
        all.put("bad_addresses", badAddresses.get()); // from or to a context that there is not, or of another type
        all.put("unexpected", unexpected.get()); // unknown, or not what a connection's state allows
        all.put("bad_credit", badCredit.get()); // more than there was room for, or forwarded what was not sent
        all.put("bad_buffers", badBuffers.get()); // too small for what is to be received
        all.put("bad_config_writes", configWrites.get());
        all.put("bad_clients", badClients.get());
        all.put("host_errors", hostErrors.get());
        return all;
    }

    /** Those of a queue by name: what the guest received, and what it sent; empty for events. */
    public Map<String, Long> snapshot(int queue) {
        return switch (queue) {
            case VsockDevice.RX -> packets(receivedPackets, receivedBytes);
            case VsockDevice.TX -> packets(sentPackets, sentBytes);
            default -> Map.of();
        };
    }

    private static Map<String, Long> packets(AtomicLong packets, AtomicLong bytes) {
        Map<String, Long> all = new LinkedHashMap<>();
        all.put("packets", packets.get());
        all.put("bytes", bytes.get());
        return all;
    }
}
