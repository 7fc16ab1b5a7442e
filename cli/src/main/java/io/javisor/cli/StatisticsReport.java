package io.javisor.cli;

import io.javisor.devices.DeviceStatistics;
import io.javisor.machine.MachineStatistics;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What engine and devices have counted, as {@code --stats} prints it at the end: JSON has every counter, the table those that are not zero.
 *
 * @param counted of the machine
 */
record StatisticsReport(MachineStatistics counted) {
    /** How it is written. */
    enum Format {
        TABLE,
        JSON;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    String text(Format format) {
        return switch (format) {
            case TABLE -> table();
            case JSON -> json();
        };
    }

    private String json() {
        return JsonMapper.builder()
                        .enable(SerializationFeature.INDENT_OUTPUT)
                        .build()
                        .writeValueAsString(counted) + "\n";
    }

    private String table() {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("DEVICE", "QUEUE", "VALUE", "COUNTER"));
        for (int i = 0; i < counted.vcpus().size(); i++) {
            add(rows, "vcpu" + i, "-", counted.vcpus().get(i));
        }
        for (DeviceStatistics device : counted.devices()) {
            add(rows, device.id(), "-", device.counters());
            for (int i = 0; i < device.queues().size(); i++) {
                add(rows, device.id(), Integer.toString(i), device.queues().get(i));
            }
        }
        return "engine: " + counted.engine() + "\n" + Columns.of(4, rows) + steps();
    }

    private String steps() {
        if (counted.steps().isEmpty()) {
            return "";
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("INSTRUCTION", "REASON", "STEPS"));
        counted.steps()
                .forEach(step -> rows.add(List.of(step.instruction(), step.reason(), Long.toString(step.count()))));
        return Columns.of(3, rows);
    }

    private static void add(List<List<String>> rows, String device, String queue, Map<String, Long> counters) {
        counters.forEach((name, value) -> {
            if (value != 0) {
                rows.add(List.of(device, queue, Long.toString(value), name));
            }
        });
    }
}
