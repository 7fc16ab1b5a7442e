package io.javisor.api.firecracker;

import io.javisor.api.json.Json;
import io.javisor.core.engine.EngineVcpu;
import io.javisor.devices.DeviceStatistics;
import io.javisor.machine.Machine;
import io.javisor.machine.MachineStatistics;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Firecracker's metrics, of what is counted here: a JSON object on a line at each flush. As there, a counter tells what came since the flush before. Not for
 * use by several threads at once.
 */
final class FirecrackerMetrics implements AutoCloseable {
    private final ClientLineFile file;
    private final String path;
    private final ApiCounters api;
    private Map<String, Map<String, Long>> flushed = Map.of();

    FirecrackerMetrics(ClientLineFile file, String path, ApiCounters api) {
        this.file = file;
        this.path = path;
        this.api = api;
    }

    String path() {
        return path;
    }

    /** Writes a line. */
    void flush(MicroVm vm) {
        Map<String, Map<String, Long>> totals = totals(vm);
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("utc_timestamp_ms", System.currentTimeMillis());
        totals.forEach((group, counters) -> {
            Map<String, Long> before = flushed.getOrDefault(group, Map.of());
            Map<String, Long> since = new LinkedHashMap<>();
            counters.forEach((name, value) -> since.put(name, value - before.getOrDefault(name, 0L)));
            line.put(group, since);
        });
        flushed = totals;
        file.writeLine(Json.text(line));
    }

    private Map<String, Map<String, Long>> totals(MicroVm vm) {
        Map<String, Map<String, Long>> all = new TreeMap<>(api.snapshot());
        Map<String, Long> logger = new TreeMap<>();
        logger.put("missed_log_count", vm.log().missed());
        logger.put("missed_metrics_count", file.missed());
        all.put("logger", logger);
        Machine machine = vm.machine();
        if (machine != null) {
            Map<String, DeviceStatistics> devices = new HashMap<>();
            MachineStatistics statistics = machine.statistics();
            statistics.devices().forEach(device -> devices.put(device.id(), device));
            all.put("vcpu", vcpu(statistics.vcpus()));
            VmResources resources = vm.resources();
            for (Drive drive : resources.drives()) {
                addTo(all, "block", drive.id(), block(device(devices, resources.deviceOfDrive(drive.id()))));
            }
            for (NetworkInterface card : resources.cards()) {
                addTo(all, "net", card.id(), net(device(devices, resources.deviceOfCard(card.id()))));
            }
            if (resources.hasEntropy()) {
                all.put("entropy", entropy(device(devices, resources.entropyDevice())));
            }
            if (resources.hasVsock()) {
                all.put("vsock", vsock(device(devices, resources.vsockDevice())));
            }
            all.put("uart", uart(device(devices, "com1")));
        }
        return all;
    }

    private static DeviceStatistics device(Map<String, DeviceStatistics> devices, String id) {
        return devices.getOrDefault(id, new DeviceStatistics(id, "", Map.of()));
    }

    /** Each device has an object, and all of a kind together. */
    private static void addTo(Map<String, Map<String, Long>> all, String kind, String id, Map<String, Long> counters) {
        all.put(kind + "_" + id, counters);
        Map<String, Long> sum = all.computeIfAbsent(kind, _ -> new LinkedHashMap<>());
        counters.forEach((name, value) -> sum.merge(name, value, Long::sum));
    }

    private static long sum(Map<String, Long> counters, String... names) {
        long sum = 0;
        for (String name : names) {
            sum += counters.getOrDefault(name, 0L);
        }
        return sum;
    }

    private static long sumOfQueues(DeviceStatistics device, int first, int step, String name) {
        long sum = 0;
        for (int i = first; i < device.queues().size(); i += step) {
            sum += device.queues().get(i).getOrDefault(name, 0L);
        }
        return sum;
    }

    private static Map<String, Long> block(DeviceStatistics disk) {
        Map<String, Long> counted = disk.counters();
        Map<String, Long> block = new LinkedHashMap<>();
        block.put("execute_fails", sum(counted, "host_errors"));
        block.put("invalid_reqs_count", sum(counted, "malformed", "out_of_range", "read_only_writes", "unsupported"));
        block.put("flush_count", sum(counted, "flushes"));
        block.put("queue_event_count", sumOfQueues(disk, 0, 1, "doorbells"));
        block.put("read_bytes", sum(counted, "read_bytes"));
        block.put("write_bytes", sum(counted, "written_bytes"));
        block.put("read_count", sum(counted, "reads"));
        block.put("write_count", sum(counted, "writes"));
        block.put("rate_limiter_throttled_events", sum(counted, "throttled"));
        return block;
    }

    /** Queues of a pair: receiving first (virtio 1.2 §5.1.2). */
    private static Map<String, Long> net(DeviceStatistics card) {
        Map<String, Long> net = new LinkedHashMap<>();
        net.put("rx_queue_event_count", sumOfQueues(card, 0, 2, "doorbells"));
        net.put("rx_bytes_count", sumOfQueues(card, 0, 2, "bytes"));
        net.put("rx_packets_count", sumOfQueues(card, 0, 2, "frames"));
        net.put("tx_queue_event_count", sumOfQueues(card, 1, 2, "doorbells"));
        net.put("tx_bytes_count", sumOfQueues(card, 1, 2, "bytes"));
        net.put("tx_packets_count", sumOfQueues(card, 1, 2, "frames"));
        net.put("event_fails", sum(card.counters(), "backend_errors"));
        return net;
    }

    private static Map<String, Long> entropy(DeviceStatistics rng) {
        Map<String, Long> entropy = new LinkedHashMap<>();
        entropy.put("entropy_event_count", sum(rng.counters(), "requests"));
        entropy.put("entropy_bytes", sum(rng.counters(), "bytes"));
        entropy.put("host_rng_fails", sum(rng.counters(), "failures"));
        entropy.put("entropy_rate_limiter_throttled", sum(rng.counters(), "throttled"));
        return entropy;
    }

    /** Queues: receive, transmit, events (virtio 1.2 §5.10.2). */
    private static Map<String, Long> vsock(DeviceStatistics sockets) {
        Map<String, Long> vsock = new LinkedHashMap<>();
        vsock.put("conns_added", sum(sockets.counters(), "guest_connections", "host_connections"));
        vsock.put("conns_removed", sum(sockets.counters(), "ended_connections"));
        vsock.put("conns_killed", sum(sockets.counters(), "timeouts"));
        vsock.put("muxer_event_fails", sum(sockets.counters(), "host_errors", "bad_clients"));
        vsock.put("rx_queue_event_count", sumOfQueues(sockets, 0, 3, "doorbells"));
        vsock.put("rx_bytes_count", sumOfQueues(sockets, 0, 3, "bytes"));
        vsock.put("rx_packets_count", sumOfQueues(sockets, 0, 3, "packets"));
        vsock.put("tx_queue_event_count", sumOfQueues(sockets, 1, 3, "doorbells"));
        vsock.put("tx_bytes_count", sumOfQueues(sockets, 1, 3, "bytes"));
        vsock.put("tx_packets_count", sumOfQueues(sockets, 1, 3, "packets"));
        return vsock;
    }

    private static Map<String, Long> uart(DeviceStatistics com1) {
        Map<String, Long> uart = new LinkedHashMap<>();
        uart.put("read_count", sum(com1.counters(), "read_bytes"));
        uart.put("write_count", sum(com1.counters(), "written_bytes"));
        uart.put("missed_write_count", sum(com1.counters(), "lost_bytes", "discarded_bytes"));
        return uart;
    }

    /** What was answered here, of all vCPUs. */
    private static Map<String, Long> vcpu(List<Map<String, Long>> vcpus) {
        Map<String, Long> sums = new LinkedHashMap<>();
        for (Map<String, Long> counters : vcpus) {
            sums.merge("exit_io_in", sum(counters, EngineVcpu.PORT_READS), Long::sum);
            sums.merge("exit_io_out", sum(counters, EngineVcpu.PORT_WRITES), Long::sum);
            sums.merge("exit_mmio_read", sum(counters, EngineVcpu.DEVICE_READS), Long::sum);
            sums.merge("exit_mmio_write", sum(counters, EngineVcpu.DEVICE_WRITES), Long::sum);
        }
        return sums;
    }

    @Override
    public void close() {
        file.close();
    }
}
