/** The state of the boot processor at the guest's first instruction, as data. */
@NullMarked
package io.javisor.firmware.cpu;

import org.jspecify.annotations.NullMarked;
