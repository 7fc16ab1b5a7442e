package io.javisor.container.control;

import io.javisor.api.json.JsonFields;
import io.javisor.container.spec.PrivilegesSpec;
import io.javisor.container.spec.PrivilegesSpec.ResourceLimit;
import io.javisor.container.spec.ProcessSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A further process as it is asked for: {@code docs/api.md}, "exec". */
final class ProcessText {
    private ProcessText() {}

    /** As {@link #read} reads it. */
    static Map<String, Object> of(ProcessSpec process) {
        PrivilegesSpec privileges = process.privileges();
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("arguments", process.arguments());
        fields.put("environment", process.environment());
        fields.put("directory", process.directory());
        fields.put("user", process.user());
        fields.put("groups", process.groups());
        fields.put("terminal", process.terminal());
        fields.put("input", process.input());
        fields.put("capabilities", privileges.capabilities());
        fields.put("noNewPrivileges", privileges.noNewPrivileges());
        fields.put("unconfined", privileges.unconfined());
        fields.put(
                "limits",
                privileges.limits().stream()
                        .map(each -> Map.of("resource", each.resource(), "soft", each.soft(), "hard", each.hard()))
                        .toList());
        return fields;
    }

    /**
     * Reads the fields that {@link #of} writes; those that are missing are as docker has them, and {@code capabilities} as the container's first process.
     *
     * @throws io.javisor.api.Fault with status 400
     */
    static ProcessSpec read(JsonFields fields, PrivilegesSpec first) {
        List<String> arguments = fields.strings("arguments");
        Long capabilities = fields.number("capabilities", Long.MIN_VALUE, Long.MAX_VALUE);
        PrivilegesSpec privileges = new PrivilegesSpec(
                capabilities == null ? first.capabilities() : capabilities,
                is(fields, "noNewPrivileges"),
                is(fields, "unconfined"),
                first.unmasked(),
                fields.objects("limits").stream().map(ProcessText::limit).toList());
        return new ProcessSpec(
                List.of(),
                arguments,
                fields.strings("environment"),
                text(fields, "directory"),
                text(fields, "user"),
                fields.strings("groups"),
                is(fields, "terminal"),
                is(fields, "input"),
                privileges,
                false);
    }

    private static ResourceLimit limit(JsonFields fields) {
        ResourceLimit limit = new ResourceLimit(
                (int) fields.requireNumber("resource", 0, Integer.MAX_VALUE),
                fields.requireNumber("soft", Long.MIN_VALUE, Long.MAX_VALUE),
                fields.requireNumber("hard", Long.MIN_VALUE, Long.MAX_VALUE));
        fields.end();
        return limit;
    }

    static boolean is(JsonFields fields, String name) {
        return Boolean.TRUE.equals(fields.bool(name));
    }

    private static String text(JsonFields fields, String name) {
        String value = fields.string(name);
        return value == null ? "" : value;
    }
}
