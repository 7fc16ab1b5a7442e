/**
 * ACPI tables (ACPI 6.5) for a full, not hardware-reduced, machine: the fixed tables, and a DSDT in AML that a small writer of our own makes.
 */
@NullMarked
package io.javisor.firmware.acpi;

import org.jspecify.annotations.NullMarked;
