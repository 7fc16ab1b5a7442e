package io.javisor.firmware.bzimage;

import static io.javisor.firmware.bzimage.SetupHeaderLayout.*;

import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import org.jspecify.annotations.Nullable;

/** What a boot loader writes to the setup header in memory before it enters the 16-bit setup (boot.rst, "Sample Boot Configuration"). */
public final class RealModeHeader {
    /** The setup's heap ends, and its stack starts, so far behind the boot sector. */
    public static final int HEAP_END = 0xE000;

    /** A boot loader without a registered number. */
    private static final byte LOADER_UNDEFINED = (byte) 0xFF;
    /** boot.rst, heap_end_ptr: relative to the setup, less 0x200. */
    private static final int HEAP_END_PTR = HEAP_END - 0x200;

    private RealModeHeader() {}

    /** Completes the header of {@code header}'s image, whose boot sector is at {@code setupGpa}. */
    public static void write(
            GuestMemory memory, long setupGpa, SetupHeader header, long commandLineGpa, @Nullable GpaRange initrd) {
        memory.putByte(setupGpa + TYPE_OF_LOADER_OFFSET, LOADER_UNDEFINED);
        memory.putByte(setupGpa + LOADFLAGS_OFFSET, (byte) (header.loadflags() | CAN_USE_HEAP));
        memory.putShort(setupGpa + HEAP_END_PTR_OFFSET, (short) HEAP_END_PTR);
        memory.putInt(setupGpa + CMD_LINE_PTR_OFFSET, (int) commandLineGpa);
        if (initrd != null) {
            memory.putInt(setupGpa + RAMDISK_IMAGE_OFFSET, (int) initrd.startGpa());
            memory.putInt(setupGpa + RAMDISK_SIZE_OFFSET, (int) initrd.sizeBytes());
        }
    }
}
