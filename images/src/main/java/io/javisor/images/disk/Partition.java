package io.javisor.images.disk;

import io.javisor.images.ByteSource;

/**
 * A partition, as its table has it.
 *
 * @param number from 1, as in {@code /dev/vda1}
 * @param offsetBytes where it starts in the image; an MBR may say at its very start
 * @param sizeBytes its length; it lies in the image
 * @param type GPT: the type GUID in lower case; MBR: two hexadecimal digits
 * @param uuid what {@code root=PARTUUID=} takes
 */
public record Partition(int number, long offsetBytes, long sizeBytes, String type, String uuid) {
    /** Extended Boot Loader Partition (The Boot Loader Specification, "The Partitions"). */
    public static final String XBOOTLDR_TYPE = "bc13c2ff-59e6-4262-a352-b275fd6f7172";

    /** EFI System Partition (UEFI 2.10 §5.3.3, table 5-7). */
    public static final String ESP_TYPE = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";

    /** BIOS boot partition, which holds GRUB itself and no file system (GRUB manual, "BIOS installation"). */
    public static final String BIOS_BOOT_TYPE = "21686148-6449-6e6f-744e-656564454649";

    /** Root file system, x86-64 (The Discoverable Partitions Specification). */
    public static final String ROOT_X86_64_TYPE = "4f68bce3-e8cd-4db1-96e7-fbcaf984b709";

    /** Its bytes in {@code disk}. */
    public ByteSource in(ByteSource disk) {
        return disk.slice("%s, partition %d".formatted(disk.name(), number), offsetBytes, sizeBytes);
    }
}
