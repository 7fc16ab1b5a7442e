package io.javisor.devices.rtc;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a clock has done since it was made.
 *
 * @param interrupts rising edges of the interrupt
 * @param timeSets how often the guest has set the time
 * @param illegalAccesses accesses past the last port
 */
public record RtcCounters(long interrupts, long timeSets, long illegalAccesses) {
    /** All of them by name, as statistics print them. */
    public Map<String, Long> snapshot() {
        Map<String, Long> all = new LinkedHashMap<>();
        all.put("interrupts", interrupts);
        all.put("time_sets", timeSets);
        all.put("illegal_accesses", illegalAccesses);
        return all;
    }
}
