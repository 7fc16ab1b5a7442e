package io.javisor.cli;

import io.javisor.api.metrics.ProcessUsage;
import io.javisor.machine.config.ConfigException;
import io.javisor.manager.Instance;
import io.javisor.manager.registry.MachineStatus;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a machine has taken of the host up to a moment.
 *
 * @param nanos the moment, of {@link System#nanoTime}
 * @param engine what it runs by
 * @param balloonBytes what the guest has given back of its memory, as it says
 * @param vcpus what the engine has counted for each
 * @param steps the instructions that it carried out singly most often
 */
record MachineUsage(
        long nanos,
        String engine,
        ProcessUsage process,
        long memoryBytes,
        long balloonBytes,
        long diskReadBytes,
        long diskWrittenBytes,
        long netReceivedBytes,
        long netSentBytes,
        long consoleBytes,
        JsonNode vcpus,
        JsonNode steps) {

    /**
     * As {@code stats} shows it.
     *
     * @param engine what it runs by
     * @param cpuPercent of one processor
     * @param balloonBytes what the guest has given back of its memory, as it says
     * @param vcpus what the engine has counted for each; JSON only
     * @param steps the instructions that it carried out singly most often
     */
    record Figures(
            String name,
            String engine,
            double cpuPercent,
            long residentBytes,
            long memoryBytes,
            long balloonBytes,
            long diskReadBytes,
            long diskWrittenBytes,
            long netReceivedBytes,
            long netSentBytes,
            long consoleBytes,
            JsonNode vcpus,
            JsonNode steps) {}

    /** Null for a machine whose guest does not run, or whose process does not answer. */
    static @Nullable MachineUsage of(Instance machine) throws InterruptedException {
        try {
            MachineStatus status = machine.entry().status();
            if (!status.phase().hasGuest()) {
                return null;
            }
            JsonNode statistics = machine.statistics();
            JsonNode devices = statistics.path("devices");
            JsonNode view = machine.description();
            return new MachineUsage(
                    System.nanoTime(),
                    statistics.path("engine").asString(""),
                    ProcessUsage.of(status.pid()),
                    view.path("memoryBytes").asLong(),
                    view.path("balloon").path("actualBytes").asLong(0),
                    sum(devices, "disk", "read_bytes"),
                    sum(devices, "disk", "written_bytes"),
                    sumQueues(devices, 0),
                    sumQueues(devices, 1),
                    sum(devices, "serial", "written_bytes"),
                    statistics.path("vcpus"),
                    statistics.path("steps"));
        } catch (ConfigException e) {
            return null;
        }
    }

    private static long sum(JsonNode devices, String kind, String counter) {
        long sum = 0;
        for (JsonNode device : devices) {
            if (device.path("kind").asString("").equals(kind)) {
                sum += device.path("counters").path(counter).asLong(0);
            }
        }
        return sum;
    }

    /** Of cards: the even queues receive, the odd ones send (virtio 1.2 §5.1.2); the last, for control, has no bytes. */
    private static long sumQueues(JsonNode devices, int parity) {
        long sum = 0;
        for (JsonNode device : devices) {
            if (device.path("kind").asString("").equals("net")) {
                List<JsonNode> queues = device.path("queues").valueStream().toList();
                for (int i = parity; i < queues.size(); i += 2) {
                    sum += queues.get(i).path("bytes").asLong(0);
                }
            }
        }
        return sum;
    }

    /** @param before null for the average since the process began */
    Figures since(String name, @Nullable MachineUsage before) {
        Duration cpu = before == null ? process.cpu() : process.cpu().minus(before.process.cpu());
        Duration time = before == null ? process.age() : Duration.ofNanos(nanos - before.nanos);
        return new Figures(
                name,
                engine,
                Math.round(MachineSummary.percent(cpu, time) * 10) / 10.0,
                process.residentBytes(),
                memoryBytes,
                balloonBytes,
                diskReadBytes,
                diskWrittenBytes,
                netReceivedBytes,
                netSentBytes,
                consoleBytes,
                vcpus,
                steps);
    }
}
