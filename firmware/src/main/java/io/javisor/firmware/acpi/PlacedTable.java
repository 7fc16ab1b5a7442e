package io.javisor.firmware.acpi;

import java.lang.foreign.MemorySegment;

/**
 * A table and where it goes.
 *
 * @param name its signature; {@code RSDP} for the pointer
 * @param gpa guest-physical, as its alignment asks
 * @param content read-only
 */
public record PlacedTable(String name, long gpa, MemorySegment content) {}
