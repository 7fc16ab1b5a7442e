package io.javisor.devices.virtio.net;

import io.javisor.core.log.LogLimit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** What a network device counts, over all the lives that it is handed to. Any thread. */
public final class NetCounters {
    private final List<NetQueueCounters> received;
    private final List<NetQueueCounters> sent;
    private final AtomicLong commands = new AtomicLong();
    private final AtomicLong refusedCommands = new AtomicLong();
    private final AtomicLong linkChanges = new AtomicLong();
    private final AtomicLong backendErrors = new AtomicLong();
    private final AtomicLong configWrites = new AtomicLong();

    private final LogLimit goneLines = new LogLimit();

    /** @param pairs how many pairs of queues the device has */
    public NetCounters(int pairs) {
        received = Stream.generate(NetQueueCounters::new).limit(pairs).toList();
        sent = Stream.generate(NetQueueCounters::new).limit(pairs).toList();
    }

    /** Of lines that say that the host's side is gone, which each life finds anew. */
    LogLimit goneLines() {
        return goneLines;
    }

    /** What the guest got in a pair. */
    public NetQueueCounters received(int pair) {
        return received.get(pair);
    }

    /** What the guest sent in a pair. */
    public NetQueueCounters sent(int pair) {
        return sent.get(pair);
    }

    public int pairs() {
        return sent.size();
    }

    /** Control commands that were done. */
    public long commands() {
        return commands.get();
    }

    /** Control commands that do not exist, were not negotiated, or have bad arguments. */
    public long refusedCommands() {
        return refusedCommands.get();
    }

    /** How often the link went up or down. */
    public long linkChanges() {
        return linkChanges.get();
    }

    /** How often the host's side failed otherwise than for one frame. */
    public long backendErrors() {
        return backendErrors.get();
    }

    /** Writes to the configuration space, of which a driver may write nothing. */
    public long configWrites() {
        return configWrites.get();
    }

    /** Those of the device by name, as statistics print them; each queue has its own. */
    public Map<String, Long> snapshot() {
        Map<String, Long> all = new LinkedHashMap<>();
        all.put("commands", commands());
        all.put("refused_commands", refusedCommands());
        all.put("link_changes", linkChanges());
        all.put("backend_errors", backendErrors());
        all.put("config_writes", configWrites());
        return all;
    }

    /** Those of a queue by name: the pairs' queues, receiving first (virtio 1.2 §5.1.2); empty for the control queue. */
    public Map<String, Long> snapshot(int queue) {
        int pair = queue / 2;
        return pair < pairs() ? (queue % 2 == 0 ? received(pair) : sent(pair)).snapshot() : Map.of();
    }

    void command(boolean done) {
        (done ? commands : refusedCommands).getAndIncrement();
    }

    void linkChanged() {
        linkChanges.getAndIncrement();
    }

    void backendError() {
        backendErrors.getAndIncrement();
    }

    void configWritten() {
        configWrites.getAndIncrement();
    }
}
