package io.javisor.firmware;

import java.util.Locale;

/** How a kernel is entered. */
public enum BootProtocol {
    /** In 64-bit mode with a zero page: Documentation/x86/boot.rst, "64-bit Boot Protocol". */
    LINUX64,
    /** In 32-bit protected mode with a start_info: Xen's docs/misc/pvh.pandoc. */
    PVH,
    /** In 32-bit protected mode with Multiboot information: Multiboot Specification 0.6.96. */
    MULTIBOOT,
    /** By a bzImage's own entry, the best that it has; a plan has one of the three below instead. */
    BZIMAGE,
    /** By a bzImage's own 64-bit entry, with a zero page. */
    BZIMAGE64,
    /** By a bzImage's own 32-bit entry, with a zero page: boot.rst, "32-bit Boot Protocol". */
    BZIMAGE32,
    /** By a bzImage's real-mode setup: boot.rst, "Running the Kernel". It finds no BIOS. */
    BZIMAGE16;

    /** The name on the command line. */
    public String optionName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether it enters a bzImage's own code instead of the kernel inside it. */
    public boolean bzImageEntry() {
        return this == BZIMAGE || this == BZIMAGE64 || this == BZIMAGE32 || this == BZIMAGE16;
    }
}
