package io.javisor.devices.acpi;

/**
 * What the ACPI hardware has done since it was made.
 *
 * @param interrupts rising edges of the SCI
 * @param ignoredSleeps entries into sleep states that do not exist
 * @param illegalAccesses accesses that touched no register with some of their bytes
 */
public record AcpiPmCounters(long powerButtonPresses, long interrupts, long ignoredSleeps, long illegalAccesses) {}
