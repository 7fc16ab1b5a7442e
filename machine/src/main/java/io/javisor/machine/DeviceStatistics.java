package io.javisor.machine;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a device has counted over all of a machine's lives, at one moment.
 *
 * @param id as the dry run lists it: {@code com1}, {@code disk0}
 * @param counters of the device, by name, in an order that suits a reader; names end in {@code _bytes} where they count bytes, else they count events
 * @param queues those of each of its queues; empty for a device without
 */
public record DeviceStatistics(String id, Map<String, Long> counters, List<Map<String, Long>> queues) {
    public DeviceStatistics {
        counters = Collections.unmodifiableMap(new LinkedHashMap<>(counters));
        queues = queues.stream()
                .map(queue -> Collections.unmodifiableMap(new LinkedHashMap<>(queue)))
                .toList();
    }
}
