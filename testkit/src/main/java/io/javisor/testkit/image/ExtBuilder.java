package io.javisor.testkit.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Builds small ext file systems by hand: one group, blocks of 1 KiB, inodes of 128 bytes; files in extents or in direct and indirect
 * blocks. Where things ended up can be asked, to break them.
 */
public final class ExtBuilder {
    public static final int BLOCK_SIZE = 1024;
    public static final int SUPERBLOCK = 1024;
    public static final int DESCRIPTORS = 2 * BLOCK_SIZE;
    public static final String UUID = "01020304-0506-0708-090a-0b0c0d0e0f10";
    public static final int INODE_COUNT = 64;
    private static final int INODE_TABLE_BLOCK = 5;
    private static final int INODE_SIZE = 128;
    private static final int DATA_BLOCK = 13;
    private static final int DIRECT_COUNT = 12;

    private final ByteBuffer image;
    private final boolean extents;
    private final Map<String, Integer> inodes = new LinkedHashMap<>();
    private final Map<Integer, ByteBuffer> directories = new LinkedHashMap<>();
    private int nextInode = 11;
    private int nextBlock = DATA_BLOCK;

    private ExtBuilder(int blockCount, boolean extents) {
        this.image = ByteBuffer.allocate(blockCount * BLOCK_SIZE).order(ByteOrder.LITTLE_ENDIAN);
        this.extents = extents;
        image.putInt(SUPERBLOCK, INODE_COUNT)
                .putInt(SUPERBLOCK + 0x04, blockCount)
                .putInt(SUPERBLOCK + 0x14, 1)
                .putInt(SUPERBLOCK + 0x20, 8192)
                .putInt(SUPERBLOCK + 0x28, INODE_COUNT)
                .putShort(SUPERBLOCK + 0x38, (short) 0xEF53)
                .putInt(SUPERBLOCK + 0x4C, 1)
                .putInt(SUPERBLOCK + 0x54, 11)
                .putShort(SUPERBLOCK + 0x58, (short) INODE_SIZE)
                .putInt(SUPERBLOCK + 0x60, 0x2 | (extents ? 0x40 : 0));
        for (int i = 0; i < 16; i++) {
            image.put(SUPERBLOCK + 0x68 + i, (byte) (i + 1));
        }
        image.put(SUPERBLOCK + 0x78, "box".getBytes(StandardCharsets.US_ASCII));
        image.putInt(DESCRIPTORS + 8, INODE_TABLE_BLOCK);
        inodes.put("", 2);
        makeDirectory(2, 2);
    }

    /** ext4, of 192 KiB. */
    public static ExtBuilder ext4() {
        return new ExtBuilder(192, true);
    }

    /** ext2, of 192 KiB. */
    public static ExtBuilder ext2() {
        return new ExtBuilder(192, false);
    }

    /** Of as many blocks as are asked for. */
    public static ExtBuilder ext4(int blockCount) {
        return new ExtBuilder(blockCount, true);
    }

    public ExtBuilder file(String path, byte[] content) {
        int inode = add(path);
        setInode(inode, 0x81A4, content.length);
        store(inode, content);
        return this;
    }

    public ExtBuilder file(String path, String content) {
        return file(path, content.getBytes(StandardCharsets.ISO_8859_1));
    }

    public ExtBuilder link(String path, String target) {
        int inode = add(path);
        byte[] bytes = target.getBytes(StandardCharsets.ISO_8859_1);
        setInode(inode, 0xA1FF, bytes.length);
        if (bytes.length < 60) {
            image.putInt(inodeOffset(inode) + 0x20, 0).put(inodeOffset(inode) + 0x28, bytes);
        } else {
            store(inode, bytes);
        }
        return this;
    }

    public ExtBuilder directory(String path) {
        if (!inodes.containsKey(path)) {
            int parent = parent(path);
            makeDirectory(add(path), parent);
        }
        return this;
    }

    /** The inode's number of what is at {@code path}. */
    public int inode(String path) {
        return Objects.requireNonNull(inodes.get(path), path);
    }

    /** Where an inode is in the image. */
    public static int inodeOffset(int inode) {
        return INODE_TABLE_BLOCK * BLOCK_SIZE + (inode - 1) * INODE_SIZE;
    }

    /** Where the first block of what is at {@code path} is in the image. */
    public int contentOffset(String path) {
        int at = inodeOffset(inode(path)) + 0x28;
        return BLOCK_SIZE * image.getInt(extents ? at + 12 + 8 : at);
    }

    /** The image, in which a test may break what it likes. */
    public ByteBuffer image() {
        return image;
    }

    public byte[] bytes() {
        return image.array();
    }

    private int parent(String path) {
        String parent = path.substring(0, path.lastIndexOf('/'));
        directory(parent);
        return inode(parent);
    }

    private int add(String path) {
        int parent = parent(path);
        int inode = nextInode++;
        if (inode > INODE_COUNT) {
            throw new IllegalStateException("no inode left");
        }
        inodes.put(path, inode);
        addEntry(Objects.requireNonNull(directories.get(parent)), inode, path.substring(path.lastIndexOf('/') + 1));
        return inode;
    }

    private void makeDirectory(int inode, int parent) {
        setInode(inode, 0x41ED, BLOCK_SIZE);
        store(inode, new byte[BLOCK_SIZE]);
        int at = inodeOffset(inode) + 0x28;
        int block = image.getInt(extents ? at + 12 + 8 : at);
        ByteBuffer content = image.slice(block * BLOCK_SIZE, BLOCK_SIZE).order(ByteOrder.LITTLE_ENDIAN);
        directories.put(inode, content);
        addEntry(content, inode, ".");
        addEntry(content, parent, "..");
    }

    /** The last entry reaches to the block's end. */
    private static void addEntry(ByteBuffer directory, int inode, String name) {
        int last = 0;
        int at = 0;
        while (at < directory.capacity() && directory.getInt(at) != 0) {
            last = at;
            at += directory.getShort(at + 4);
        }
        if (directory.getInt(0) != 0) {
            int used = (8 + directory.get(last + 6) + 3) & ~3;
            directory.putShort(last + 4, (short) used);
            at = last + used;
        }
        byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
        directory
                .putInt(at, inode)
                .putShort(at + 4, (short) (directory.capacity() - at))
                .put(at + 6, (byte) bytes.length)
                .put(at + 8, bytes);
    }

    private void setInode(int inode, int mode, int size) {
        int at = inodeOffset(inode);
        image.putShort(at, (short) mode).putInt(at + 4, size).putInt(at + 0x20, extents ? 0x8_0000 : 0);
    }

    private void store(int inode, byte[] content) {
        int count = (content.length + BLOCK_SIZE - 1) / BLOCK_SIZE;
        int first = nextBlock;
        nextBlock += count;
        image.put(first * BLOCK_SIZE, content);
        int at = inodeOffset(inode) + 0x28;
        if (extents) {
            image.putShort(at, (short) 0xF30A).putShort(at + 2, (short) 1).putShort(at + 4, (short) 4);
            image.putShort(at + 12 + 4, (short) count).putInt(at + 12 + 8, first);
            return;
        }
        for (int i = 0; i < Math.min(count, DIRECT_COUNT); i++) {
            image.putInt(at + 4 * i, first + i);
        }
        if (count > DIRECT_COUNT) {
            int indirect = nextBlock++;
            image.putInt(at + 4 * DIRECT_COUNT, indirect);
            for (int i = DIRECT_COUNT; i < count; i++) {
                image.putInt(indirect * BLOCK_SIZE + 4 * (i - DIRECT_COUNT), first + i);
            }
        }
    }
}
