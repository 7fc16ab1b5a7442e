package io.javisor.api.firecracker;

import io.javisor.api.Fault;
import io.javisor.api.json.JsonFields;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Operations of Firecracker's API for devices that there are none of here. */
final class UnsupportedDevices {
    private record Operation(Pattern request, String missing) {
        static Operation of(String request, String missing) {
            return new Operation(Pattern.compile(request), missing);
        }
    }

    private static final String NO_HINTING = "no free page hinting; its balloon has free_page_reporting";
    private static final String NO_MMDS = "no metadata service";
    private static final String NO_HOTPLUG = "no memory to plug in while a machine runs";

    private static final List<Operation> OPERATIONS = List.of(
            Operation.of("PATCH /balloon/hinting/(start|stop)", NO_HINTING),
            Operation.of("GET /balloon/hinting/status", NO_HINTING),
            Operation.of("PUT /cpu-config", "no CPU configuration of Firecracker's form"),
            Operation.of("(PUT|PATCH) /pmem/[^/]+", "no persistent-memory device"),
            Operation.of("(GET|PUT|PATCH) /mmds", NO_MMDS),
            Operation.of("PUT /mmds/config", NO_MMDS),
            Operation.of("PUT /serial", "its serial port on standard input and output only"),
            Operation.of("(GET|PUT|PATCH) /hotplug/memory", NO_HOTPLUG),
            Operation.of("PUT /snapshot/(create|load)", "no snapshots"));

    /** Sections of a configuration file. */
    private static final Map<String, String> SECTIONS = Map.of(
            "cpu-config", "no CPU configuration of Firecracker's form",
            "memory-hotplug", NO_HOTPLUG,
            "mmds-config", NO_MMDS,
            "pmem", "no persistent-memory device",
            "serial", "its serial port on standard input and output only");

    private UnsupportedDevices() {}

    /** What is missing for a request; null if it is not one of these. */
    static @Nullable String missing(String method, String path) {
        String request = method + " " + path;
        return OPERATIONS.stream()
                .filter(operation -> operation.request.matcher(request).matches())
                .map(Operation::missing)
                .findFirst()
                .orElse(null);
    }

    /** Throws a {@link Fault} if a configuration file asks for one of them. */
    static void refuse(JsonFields file) {
        SECTIONS.forEach((section, missing) -> {
            if (file.hasContents(section)) {
                throw Fault.badRequest("\"" + section + "\" is not supported: javisor has " + missing);
            }
        });
    }
}
