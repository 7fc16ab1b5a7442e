package io.javisor.firmware.bzimage;

import io.javisor.images.ImageException;
import io.javisor.images.ImageFile;

/**
 * The setup header of a bzImage (boot.rst, "The Real-Mode Kernel Header"), checked. A field that the image's protocol version does not have
 * has the value that boot.rst gives for such images.
 *
 * @param version of the boot protocol: 0x020F is 2.15
 * @param setupSizeBytes of boot sector and setup together; what follows is the protected-mode part
 * @param protectedModeSizeBytes from {@code syssize}, less what the last paragraph lacks in the file
 * @param loadflags as in the file; LOADED_HIGH is set
 * @param code32Start the 32-bit entry, for an image loaded at 1 MiB; 0 if it names none
 * @param initrdAddrMax the highest address that the initrd's last byte may have
 * @param kernelAlignment of the load address, if relocatable; a power of two
 * @param xloadflags XLF_ bits
 * @param cmdlineSizeBytes longest command line without its NUL
 * @param payloadOffset in the protected-mode part
 * @param payloadLength 0 if there is none
 * @param prefAddressGpa where it wants to be loaded
 * @param initSizeBytes what it needs from there on before it looks at the memory map
 * @param endOffset the first byte after the header in the file
 */
public record SetupHeader(
        int version,
        long setupSizeBytes,
        long protectedModeSizeBytes,
        int loadflags,
        long code32Start,
        long initrdAddrMax,
        boolean relocatable,
        long kernelAlignment,
        int xloadflags,
        long cmdlineSizeBytes,
        long payloadOffset,
        long payloadLength,
        long prefAddressGpa,
        long initSizeBytes,
        int endOffset) {
    /**
     * Reads and checks the header of {@code file}.
     *
     * @throws ImageException at the first field that is out of range
     */
    public static SetupHeader read(ImageFile file) {
        return new SetupHeaderReader(file).read();
    }

    /** Whether it has the 64-bit entry, 0x200 into its protected-mode part. */
    public boolean has64BitEntry() {
        return (xloadflags & SetupHeaderLayout.XLF_KERNEL_64) != 0;
    }

    /** Whether it names a 32-bit entry. */
    public boolean has32BitEntry() {
        return code32Start != 0;
    }
}
