package io.javisor.images.erofs;

import static io.javisor.images.erofs.ErofsLayout.*;

import io.javisor.images.ByteSource;
import io.javisor.images.Fields;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * What matters of a superblock.
 *
 * @param rootNid of the root directory, 16 bits
 * @param inodeCount how many there are, for {@code statfs}
 * @param buildTimeSeconds when compact inodes were last modified, since 1970
 * @param blockCount the file system ends before this block
 * @param metaBlock numbers of inodes count from here
 * @param xattrBlock numbers of shared extended attributes count from here
 */
record ErofsSuperblock(
        int rootNid,
        long inodeCount,
        long buildTimeSeconds,
        int buildTimeNanos,
        long blockCount,
        long metaBlock,
        long xattrBlock,
        UUID uuid,
        String label) {
    /** Those that say nothing about files that are neither compressed nor in chunks: each inode says what it is. */
    private static final long INCOMPAT_KNOWN = FEATURE_INCOMPAT_ZERO_PADDING
            | FEATURE_INCOMPAT_COMPR_CFGS
            | FEATURE_INCOMPAT_CHUNKED_FILE
            | FEATURE_INCOMPAT_ZTAILPACKING
            | FEATURE_INCOMPAT_FRAGMENTS;

    private static final long NANOS_MAX = 999_999_999;

    /** Writes it, with what precedes it; {@link #seal} has to follow. */
    void write(MetadataOutput output) {
        output.zerosTo(EROFS_SUPER_OFFSET);
        output.u32(EROFS_SUPER_MAGIC_V1);
        output.u32(0);
        output.u32(FEATURE_COMPAT_SB_CHKSUM | FEATURE_COMPAT_MTIME);
        output.u8(BLOCK_BITS);
        output.u8(0);
        output.u16(rootNid);
        output.u64(inodeCount);
        output.u64(buildTimeSeconds);
        output.u32(buildTimeNanos);
        output.u32(blockCount);
        output.u32(metaBlock);
        output.u32(xattrBlock);
        output.u64(Long.reverseBytes(uuid.getMostSignificantBits()));
        output.u64(Long.reverseBytes(uuid.getLeastSignificantBits()));
        output.latin1(label);
        output.zerosTo(EROFS_SUPER_OFFSET + SUPERBLOCK_SIZE);
    }

    /** Puts the checksum into the first block, which starts the buffer and has zeros in its place. */
    static void seal(ByteBuffer buffer) {
        buffer.putInt(EROFS_SUPER_OFFSET + SB_CHECKSUM_OFFSET, (int) checksum(buffer));
    }

    /** CRC32C from the superblock to the end of the block, without the inversion at the end (fs/erofs/super.c, erofs_superblock_csum_verify). */
    private static long checksum(ByteBuffer block) {
        CRC32C crc = new CRC32C();
        crc.update(block.slice(EROFS_SUPER_OFFSET, BLOCK_SIZE - EROFS_SUPER_OFFSET));
        return crc.getValue() ^ 0xFFFF_FFFFL;
    }

    /**
     * Reads and checks the superblock of {@code image}.
     *
     * @throws io.javisor.images.ImageException if it is none, is damaged, or has a feature that the reader does not know
     */
    static ErofsSuperblock read(ByteSource image) {
        if (image.sizeBytes() < BLOCK_SIZE) {
            throw image.problem("it holds no EROFS file system");
        }
        byte[] block = image.fields(0, BLOCK_SIZE).copy(0, BLOCK_SIZE);
        Fields fields = Fields.littleEndian(block).slice(EROFS_SUPER_OFFSET, SUPERBLOCK_SIZE);
        if (fields.u32(0) != EROFS_SUPER_MAGIC_V1) {
            throw image.problem("it holds no EROFS file system");
        }
        int blockBits = fields.u8(SB_BLKSZBITS_OFFSET);
        if (blockBits != BLOCK_BITS || fields.u8(SB_DIRBLKBITS_OFFSET) != 0) {
            throw image.problem(
                    "its EROFS file system has blocks of other sizes than 4096 bytes, which javisor can't read");
        }
        if ((fields.u32(SB_FEATURE_COMPAT_OFFSET) & FEATURE_COMPAT_SB_CHKSUM) != 0) {
            verify(image, block, fields.u32(SB_CHECKSUM_OFFSET));
        }
        long unknown = fields.u32(SB_FEATURE_INCOMPAT_OFFSET) & ~INCOMPAT_KNOWN;
        if (unknown != 0) {
            throw image.problem(
                    "its EROFS file system has features that javisor can't read (incompat 0x%x)".formatted(unknown));
        }
        long nanos = fields.u32(SB_BUILD_TIME_NSEC_OFFSET);
        long blocks = fields.u32(SB_BLOCKS_OFFSET);
        long metaBlock = fields.u32(SB_META_BLKADDR_OFFSET);
        int slots = fields.u8(SB_EXTSLOTS_OFFSET);
        require(image, SUPERBLOCK_SIZE + slots * EXTSLOT_SIZE <= BLOCK_SIZE - EROFS_SUPER_OFFSET, "sb_extslots", slots);
        require(image, nanos <= NANOS_MAX, "build_time_nsec", nanos);
        require(image, blocks > 0, "blocks", blocks);
        require(image, metaBlock < blocks, "meta_blkaddr", metaBlock);
        if (blocks > image.sizeBytes() / BLOCK_SIZE) {
            throw image.problem(
                    "its EROFS file system has %d blocks of %d bytes, but there are only %d bytes: is it truncated?"
                            .formatted(blocks, BLOCK_SIZE, image.sizeBytes()));
        }
        return new ErofsSuperblock(
                fields.u16(SB_ROOT_NID_OFFSET),
                fields.u64(SB_INOS_OFFSET),
                fields.u64(SB_BUILD_TIME_OFFSET),
                (int) nanos,
                blocks,
                metaBlock,
                fields.u32(SB_XATTR_BLKADDR_OFFSET),
                new UUID(
                        fields.bigEndian().u64(SB_UUID_OFFSET),
                        fields.bigEndian().u64(SB_UUID_OFFSET + Long.BYTES)),
                fields.cString(SB_VOLUME_NAME_OFFSET, SB_VOLUME_NAME_SIZE));
    }

    private static void verify(ByteSource image, byte[] block, long expected) {
        ByteBuffer copy = ByteBuffer.wrap(block.clone()).putInt(EROFS_SUPER_OFFSET + SB_CHECKSUM_OFFSET, 0);
        if (checksum(copy) != expected) {
            throw image.problem("the checksum of its EROFS superblock is wrong: is it damaged?");
        }
    }

    private static void require(ByteSource image, boolean good, String field, long value) {
        if (!good) {
            throw image.problem("its EROFS superblock is damaged: %s is %d".formatted(field, value));
        }
    }
}
