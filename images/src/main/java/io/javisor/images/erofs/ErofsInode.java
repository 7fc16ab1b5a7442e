package io.javisor.images.erofs;

/**
 * An inode that was read.
 *
 * @param nid its number; names with the same one are hard links of one file
 * @param mode permissions, set-user-id, set-group-id and sticky bits: 0 to 07777 (octal)
 * @param uid as an int without sign, as is {@code gid}
 * @param linkCount at least 1
 * @param sizeBytes of the content, of the target or, of no meaning for users, of the directory; at least 0
 * @param mtimeNanos 0 to 999,999,999
 * @param device for Linux (new_encode_dev); 0 if it is no device
 * @param dataLayout as on disk
 * @param startBlock of the content, as on disk
 * @param headBytes how long the inode itself is
 * @param xattrBytes how long its extended attributes are, which follow
 */
public record ErofsInode(
        long nid,
        ErofsKind kind,
        int mode,
        int uid,
        int gid,
        long linkCount,
        long sizeBytes,
        long mtimeSeconds,
        int mtimeNanos,
        int device,
        int dataLayout,
        long startBlock,
        int headBytes,
        int xattrBytes) {
    /** Of a device, 0 to 4095. */
    public int major() {
        return ErofsDevice.major(device);
    }

    /** Of a device, 0 to 0xFFFFF. */
    public int minor() {
        return ErofsDevice.minor(device);
    }
}
