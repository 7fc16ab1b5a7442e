package io.javisor.devices.acpi;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the ACPI hardware has done since it was made.
 *
 * @param interrupts rising edges of the SCI
 * @param ignoredSleeps entries into sleep states that do not exist
 * @param illegalAccesses accesses that touched no register with some of their bytes
 */
public record AcpiPmCounters(long powerButtonPresses, long interrupts, long ignoredSleeps, long illegalAccesses) {
    /** All of them by name, as statistics print them. */
    public Map<String, Long> snapshot() {
        Map<String, Long> all = new LinkedHashMap<>();
        all.put("power_button_presses", powerButtonPresses);
        all.put("interrupts", interrupts);
        all.put("ignored_sleeps", ignoredSleeps);
        all.put("illegal_accesses", illegalAccesses);
        return all;
    }
}
