package io.javisor.images.erofs;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Small file systems by hand, with what the writer does not write: compact inodes, inline content, shared extended attributes, a volume
 * name. They have no checksum, so that they can be broken. Inode numbers are those of the constants; all is in block 0, and {@code /f}'s
 * first block is block 1.
 */
final class HandMadeErofs {
    static final int SUPERBLOCK = 1024;
    static final int ROOT = 40;
    static final int FILE = 50;
    static final int LINK = 60;
    static final int DEVICE = 64;
    /** Where shared extended attributes are, from {@link #FILE}'s point of view. */
    static final int SHARED_OFFSET = 3000;

    static final int FILE_SIZE = 4096 + 10;
    private static final int BLOCKS = 2;

    private final ByteBuffer image = ByteBuffer.allocate(BLOCKS * 4096).order(ByteOrder.LITTLE_ENDIAN);

    private HandMadeErofs() {}

    /** Compact inodes. */
    static byte[] compact() {
        HandMadeErofs made = new HandMadeErofs();
        made.superblock();
        made.inode(ROOT, 2, 0, 040755, 2, 0, -1);
        int size = made.directory(offset(ROOT) + 32);
        made.image.putInt(offset(ROOT) + 8, size);
        made.inode(FILE, 2, 0, 0100644, 1, FILE_SIZE, 1);
        made.text(offset(FILE) + 32, "0123456789");
        made.inode(LINK, 2, 0, 0120777, 1, 1, -1);
        made.text(offset(LINK) + 32, "f");
        made.inode(DEVICE, 0, 0, 020666, 1, 0, 0x103);
        return made.image.array();
    }

    /** The same, with an extended attribute of its own and one that is shared. */
    static byte[] shared() {
        byte[] bytes = compact();
        HandMadeErofs made = new HandMadeErofs();
        made.image.put(0, bytes);
        int xattrs = offset(FILE) + 32;
        // The header, a shared one, and an entry of 8 bytes: two units of four bytes behind the first, and one.
        made.image
                .putShort(offset(FILE) + 2, (short) 4)
                .putLong(xattrs, 0)
                .putInt(xattrs + 8, 0)
                .put(xattrs + 4, (byte) 1)
                .putInt(xattrs + 12, SHARED_OFFSET / 4);
        made.xattr(xattrs + 16, 1, "a", "own");
        made.xattr(SHARED_OFFSET, 4, "b", "one");
        made.text(xattrs + 24, "0123456789");
        return made.image.array();
    }

    static int offset(int nid) {
        return nid * 32;
    }

    private void superblock() {
        image.putInt(SUPERBLOCK, 0xE0F5E1E2)
                .put(SUPERBLOCK + 12, (byte) 12)
                .putShort(SUPERBLOCK + 14, (short) ROOT)
                .putLong(SUPERBLOCK + 16, 4)
                .putLong(SUPERBLOCK + 24, 1_000_000)
                .putInt(SUPERBLOCK + 32, 77)
                .putInt(SUPERBLOCK + 36, BLOCKS);
        text(SUPERBLOCK + 64, "box");
        for (int i = 0; i < 4096; i++) {
            image.put(4096 + i, (byte) (i % 251));
        }
    }

    private void inode(int nid, int layout, int xattrCount, int mode, int links, int size, int union) {
        image.position(offset(nid));
        image.putShort((short) (layout << 1))
                .putShort((short) xattrCount)
                .putShort((short) mode)
                .putShort((short) links)
                .putInt(size)
                .putInt(0)
                .putInt(union)
                .putInt(nid)
                .putShort((short) 1000)
                .putShort((short) 65534)
                .putInt(0);
    }

    /** Says how long it is. */
    private int directory(int at) {
        String[] names = {".", "..", "d", "f", "l"};
        int[] nids = {ROOT, ROOT, DEVICE, FILE, LINK};
        int[] types = {2, 2, 3, 1, 7};
        int name = names.length * 12;
        for (int i = 0; i < names.length; i++) {
            image.putLong(at + i * 12, nids[i])
                    .putShort(at + i * 12 + 8, (short) name)
                    .put(at + i * 12 + 10, (byte) types[i]);
            text(at + name, names[i]);
            name += names[i].length();
        }
        return name;
    }

    private void xattr(int at, int index, String name, String value) {
        image.put(at, (byte) name.length()).put(at + 1, (byte) index).putShort(at + 2, (short) value.length());
        text(at + 4, name + value);
    }

    private void text(int at, String text) {
        image.put(at, text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
