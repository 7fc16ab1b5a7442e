package io.javisor.firmware;

/** How a kernel is entered. */
public enum BootProtocol {
    /** In 64-bit mode with a zero page: Documentation/x86/boot.rst, "64-bit Boot Protocol". */
    LINUX64,
    /** In 32-bit protected mode with a start_info: Xen's docs/misc/pvh.pandoc. */
    PVH;

    /** The name on the command line. */
    public String optionName() {
        return this == LINUX64 ? "linux64" : "pvh";
    }
}
