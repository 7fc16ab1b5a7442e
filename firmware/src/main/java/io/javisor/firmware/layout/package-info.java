/** Guest-physical ranges that the boot uses, and the memory map that the guest is told. */
@NullMarked
package io.javisor.firmware.layout;

import org.jspecify.annotations.NullMarked;
