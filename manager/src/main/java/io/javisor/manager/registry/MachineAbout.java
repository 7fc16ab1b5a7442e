package io.javisor.manager.registry;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is settled when a machine is made.
 *
 * @param createdMillis when, in milliseconds since 1970
 * @param restart when it is started again
 * @param removeAtEnd whether nothing is kept of it when it has ended
 */
public record MachineAbout(long createdMillis, RestartPolicy restart, boolean removeAtEnd) {
    String json() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("createdMillis", createdMillis);
        values.put("restart", restart);
        values.put("removeAtEnd", removeAtEnd);
        return FlatJson.text(values);
    }

    /** @throws IllegalArgumentException if a value is not of its kind */
    static MachineAbout of(Map<String, String> values) {
        return new MachineAbout(
                Long.parseLong(values.getOrDefault("createdMillis", "")),
                RestartPolicy.parse(values.getOrDefault("restart", "")),
                Boolean.parseBoolean(values.get("removeAtEnd")));
    }
}
