package io.javisor.devices.pic;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a pair of controllers has done since it was made.
 *
 * @param interrupts acknowledge cycles and polls that found a request
 * @param spuriousInterrupts acknowledge cycles of a chip whose request was gone
 * @param illegalAccesses accesses past a chip's last port
 */
public record PicCounters(long interrupts, long spuriousInterrupts, long illegalAccesses) {
    /** All of them by name, as statistics print them. */
    public Map<String, Long> snapshot() {
        Map<String, Long> all = new LinkedHashMap<>();
        all.put("interrupts", interrupts);
        all.put("spurious_interrupts", spuriousInterrupts);
        all.put("illegal_accesses", illegalAccesses);
        return all;
    }
}
