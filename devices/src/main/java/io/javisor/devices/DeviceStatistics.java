package io.javisor.devices;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a device has counted, at one moment.
 *
 * @param id as the dry run lists it: {@code com1}, {@code disk0}
 * @param kind what it is: {@link Device#kind}
 * @param counters of the device, by name, in an order that suits a reader; names end in {@code _bytes} where they count bytes, else they count events
 * @param queues those of each of its queues; empty for a device without
 */
public record DeviceStatistics(String id, String kind, Map<String, Long> counters, List<Map<String, Long>> queues) {
    public DeviceStatistics {
        counters = Collections.unmodifiableMap(new LinkedHashMap<>(counters));
        queues = queues.stream()
                .map(queue -> Collections.unmodifiableMap(new LinkedHashMap<>(queue)))
                .toList();
    }

    /** Of a device without queues. */
    public DeviceStatistics(String id, String kind, Map<String, Long> counters) {
        this(id, kind, counters, List.of());
    }

    /** The sum of both, counter by counter; {@code other} is of the same device, in this life or in another. */
    public DeviceStatistics plus(DeviceStatistics other) {
        return combined(other, 1);
    }

    /** What came since {@code earlier}, of the same device. */
    public DeviceStatistics minus(DeviceStatistics earlier) {
        return combined(earlier, -1);
    }

    private DeviceStatistics combined(DeviceStatistics other, int sign) {
        List<Map<String, Long>> all = new ArrayList<>();
        for (int i = 0; i < Math.max(queues.size(), other.queues.size()); i++) {
            all.add(combined(
                    i < queues.size() ? queues.get(i) : Map.of(),
                    i < other.queues.size() ? other.queues.get(i) : Map.of(),
                    sign));
        }
        return new DeviceStatistics(id, kind, combined(counters, other.counters, sign), all);
    }

    private static Map<String, Long> combined(Map<String, Long> one, Map<String, Long> other, int sign) {
        Map<String, Long> all = new LinkedHashMap<>(one);
        other.forEach((name, value) -> all.merge(name, sign * value, Long::sum));
        return all;
    }
}
