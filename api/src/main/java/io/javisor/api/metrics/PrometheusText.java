package io.javisor.api.metrics;

import io.javisor.devices.DeviceStatistics;
import io.javisor.machine.Lifecycle;
import io.javisor.machine.Machine;
import io.javisor.machine.MachineStatistics;
import io.javisor.machine.config.MachineConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A machine's metrics in Prometheus' text format, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats). A device's counter {@code X} is
 * {@code javisor_device_X_total}, that of one of its queues {@code javisor_queue_X_total}, and what the engine has counted for a vCPU
 * {@code javisor_vcpu_X_total}.
 */
public final class PrometheusText {
    /** Of the answer. */
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final String name;
    private final StringBuilder text = new StringBuilder();

    private PrometheusText(String name) {
        this.name = name;
    }

    /** Of a process without a machine. */
    public static String ofProcess(String name) {
        PrometheusText metrics = new PrometheusText(name);
        metrics.process();
        return metrics.text.toString();
    }

    /**
     * Of a process with its machine.
     *
     * @param uptime since the guest was let run
     */
    public static String of(String name, Machine machine, Duration uptime) {
        PrometheusText metrics = new PrometheusText(name);
        metrics.process();
        metrics.machine(machine, uptime);
        MachineStatistics statistics = machine.statistics();
        metrics.engine(statistics.engine());
        metrics.vcpus(statistics.vcpus());
        metrics.devices(statistics.devices());
        return metrics.text.toString();
    }

    private void process() {
        ProcessUsage usage = ProcessUsage.now();
        single(
                "javisor_process_cpu_seconds_total",
                "counter",
                "CPU time of the machine's process.",
                seconds(usage.cpu()));
        single(
                "javisor_process_resident_memory_bytes",
                "gauge",
                "Resident memory of the machine's process.",
                Long.toString(usage.residentBytes()));
    }

    private void machine(Machine machine, Duration uptime) {
        MachineConfig config = machine.plan().config();
        single("javisor_uptime_seconds", "gauge", "Since the guest was let run.", seconds(uptime));
        single(
                "javisor_vcpus",
                "gauge",
                "Virtual CPUs.",
                Integer.toString(config.cpus().count()));
        single(
                "javisor_guest_memory_bytes",
                "gauge",
                "RAM of the guest.",
                Long.toString(config.memory().sizeBytes()));
        Lifecycle present = machine.state();
        header("javisor_state", "gauge", "1 for the state that the machine is in.");
        for (Lifecycle state : Lifecycle.values()) {
            Map<String, String> labels = labels();
            labels.put("state", state.name().toLowerCase(Locale.ROOT));
            sample("javisor_state", labels, state == present ? "1" : "0");
        }
    }

    private void engine(String engine) {
        header("javisor_engine_info", "gauge", "1 for the engine that the machine runs by.");
        Map<String, String> labels = labels();
        labels.put("engine", engine);
        sample("javisor_engine_info", labels, "1");
    }

    private record Sample(Map<String, String> labels, long value) {}

    private void vcpus(List<Map<String, Long>> vcpus) {
        Map<String, List<Sample>> metrics = new LinkedHashMap<>();
        for (int vcpu = 0; vcpu < vcpus.size(); vcpu++) {
            String number = Integer.toString(vcpu);
            vcpus.get(vcpu).forEach((counter, value) -> {
                Map<String, String> labels = labels();
                labels.put("vcpu", number);
                add(metrics, "javisor_vcpu_" + counter + "_total", new Sample(labels, value));
            });
        }
        counters(metrics, "What the engine has counted for a virtual CPU.");
    }

    private void devices(List<DeviceStatistics> all) {
        Map<String, List<Sample>> devices = new LinkedHashMap<>();
        Map<String, List<Sample>> queues = new LinkedHashMap<>();
        for (DeviceStatistics device : all) {
            device.counters().forEach((counter, value) -> {
                Map<String, String> labels = labels();
                labels.put("device", device.id());
                add(devices, "javisor_device_" + counter + "_total", new Sample(labels, value));
            });
            for (int queue = 0; queue < device.queues().size(); queue++) {
                String number = Integer.toString(queue);
                device.queues().get(queue).forEach((counter, value) -> {
                    Map<String, String> labels = labels();
                    labels.put("device", device.id());
                    labels.put("queue", number);
                    add(queues, "javisor_queue_" + counter + "_total", new Sample(labels, value));
                });
            }
        }
        counters(devices, "What devices have counted.");
        counters(queues, "What queues have counted.");
    }

    /** All samples of a metric must be together. */
    private void counters(Map<String, List<Sample>> metrics, String help) {
        metrics.forEach((metric, samples) -> {
            header(metric, "counter", help);
            samples.forEach(sample -> sample(metric, sample.labels(), Long.toString(sample.value())));
        });
    }

    private static void add(Map<String, List<Sample>> metrics, String metric, Sample sample) {
        metrics.computeIfAbsent(metric, _ -> new ArrayList<>()).add(sample);
    }

    private Map<String, String> labels() {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("machine", name);
        return labels;
    }

    private void single(String metric, String type, String help, String value) {
        header(metric, type, help);
        sample(metric, labels(), value);
    }

    private void header(String metric, String type, String help) {
        text.append("# HELP ").append(metric).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(metric).append(' ').append(type).append('\n');
    }

    /** No label has a quote, a backslash or a line's end in it: names of machines, devices and states don't. */
    private void sample(String metric, Map<String, String> labels, String value) {
        text.append(metric).append('{');
        String separator = "";
        for (Map.Entry<String, String> label : labels.entrySet()) {
            text.append(separator)
                    .append(label.getKey())
                    .append("=\"")
                    .append(label.getValue())
                    .append('"');
            separator = ",";
        }
        text.append("} ").append(value).append('\n');
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.3f", duration.toMillis() / 1000.0);
    }
}
