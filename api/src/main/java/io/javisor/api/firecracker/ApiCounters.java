package io.javisor.api.firecracker;

import java.util.Map;
import java.util.TreeMap;

/** How often each request came, and failed, by Firecracker's names for them. */
final class ApiCounters {
    private final Map<String, Map<String, Long>> counts = new TreeMap<>(); // guarded by this

    /**
     * A request was answered.
     *
     * @param group {@code put_api_requests}
     * @param request {@code drive}
     */
    synchronized void count(String group, String request, boolean success) {
        Map<String, Long> requests = counts.computeIfAbsent(group, _ -> new TreeMap<>());
        requests.merge(request + "_count", 1L, Long::sum);
        if (!group.startsWith("get")) {
            requests.merge(request + "_fails", success ? 0L : 1L, Long::sum);
        }
    }

    synchronized Map<String, Map<String, Long>> snapshot() {
        Map<String, Map<String, Long>> copy = new TreeMap<>();
        counts.forEach((group, requests) -> copy.put(group, new TreeMap<>(requests)));
        return copy;
    }
}
