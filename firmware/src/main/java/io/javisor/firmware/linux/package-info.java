/** The Linux/x86 64-bit boot protocol (Documentation/x86/boot.rst, zero-page.rst). */
@NullMarked
package io.javisor.firmware.linux;

import org.jspecify.annotations.NullMarked;
