package io.javisor.devices.pit;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a timer has done since it was made.
 *
 * @param interrupts edges of counter 0 that were delivered
 * @param lateInterrupts those of them behind which another one already waited
 * @param lostInterrupts edges that were not delivered, for too many were owed
 * @param illegalAccesses accesses past the last port, and reads of the control word
 */
public record PitCounters(long interrupts, long lateInterrupts, long lostInterrupts, long illegalAccesses) {
    /** All of them by name, as statistics print them. */
    public Map<String, Long> snapshot() {
        Map<String, Long> all = new LinkedHashMap<>();
        all.put("interrupts", interrupts);
        all.put("late_interrupts", lateInterrupts);
        all.put("lost_interrupts", lostInterrupts);
        all.put("illegal_accesses", illegalAccesses);
        return all;
    }
}
