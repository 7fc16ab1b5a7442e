/** ACPI fixed hardware: PM1 event and control registers, the power-management timer, the power button. */
@NullMarked
package io.javisor.devices.acpi;

import org.jspecify.annotations.NullMarked;
