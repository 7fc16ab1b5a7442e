package io.javisor.images.ext4;

import static io.javisor.images.ext4.Ext4Layout.*;

import io.javisor.images.ByteSource;
import io.javisor.images.Fields;
import java.util.UUID;

/**
 * What the reader needs of a superblock, checked.
 *
 * @param blockSize 1024 to 65536
 * @param blockCount the file system ends before this block, and the partition not before
 * @param descriptorSize of a group, 32 to 1024
 * @param firstMetaGroup from here on group descriptors lie in the groups; only with META_BG
 * @param backupGroups the two with a copy of the superblock; only with SPARSE_SUPER2
 */
record Superblock(
        int blockSize,
        long blockCount,
        long firstDataBlock,
        long blocksPerGroup,
        long inodesPerGroup,
        int inodeSize,
        int descriptorSize,
        long firstMetaGroup,
        Features features,
        BackupGroups backupGroups,
        long journalInode,
        String uuid,
        String label) {
    /** The three sets of feature flags. */
    record Features(long compat, long incompat, long roCompat) {
        boolean incompat(long flag) {
            return (incompat & flag) != 0;
        }
    }

    /** Group numbers; 0 for none. */
    record BackupGroups(long first, long second) {}

    private static final long INCOMPAT_KNOWN = INCOMPAT_FILETYPE
            | INCOMPAT_RECOVER
            | INCOMPAT_META_BG
            | INCOMPAT_EXTENTS
            | INCOMPAT_64BIT
            | INCOMPAT_MMP
            | INCOMPAT_FLEX_BG
            | INCOMPAT_EA_INODE
            | INCOMPAT_CSUM_SEED
            | INCOMPAT_LARGEDIR
            | INCOMPAT_INLINE_DATA
            | INCOMPAT_ENCRYPT
            | INCOMPAT_CASEFOLD;

    private static final int LOG_BLOCK_SIZE_MAX = 6;
    private static final int DESCRIPTOR_SIZE_MAX = 1024;

    /** Of groups, from which follows how far group numbers may be multiplied without overflow. */
    private static final long BLOCK_COUNT_MAX = 1L << 48;

    /**
     * Reads and checks {@code fields}, the superblock of the file system in {@code partition}.
     *
     * @throws io.javisor.images.ImageException if it is none, is damaged, or has a feature that the reader does not know
     */
    static Superblock parse(ByteSource partition, Fields fields) {
        if (fields.u16(S_MAGIC_OFFSET) != EXT4_SUPER_MAGIC) {
            throw partition.problem("it holds no ext2, ext3 or ext4 file system");
        }
        boolean revision0 = fields.u32(S_REV_LEVEL_OFFSET) == 0;
        Features features = revision0
                ? new Features(0, 0, 0)
                : new Features(
                        fields.u32(S_FEATURE_COMPAT_OFFSET),
                        fields.u32(S_FEATURE_INCOMPAT_OFFSET),
                        fields.u32(S_FEATURE_RO_COMPAT_OFFSET));
        long unknown = features.incompat & ~INCOMPAT_KNOWN;
        if (unknown != 0) {
            throw partition.problem("its ext4 file system has features that javisor can't read (incompat 0x%x)%s"
                    .formatted(unknown, (unknown & INCOMPAT_JOURNAL_DEV) != 0 ? ": it is another one's journal" : ""));
        }
        boolean is64Bit = features.incompat(INCOMPAT_64BIT);
        long logBlockSize = fields.u32(S_LOG_BLOCK_SIZE_OFFSET);
        require(partition, logBlockSize <= LOG_BLOCK_SIZE_MAX, "s_log_block_size", logBlockSize);
        int blockSize = 1024 << logBlockSize;
        Superblock superblock = new Superblock(
                blockSize,
                fields.u32(S_BLOCKS_COUNT_LO_OFFSET) | (is64Bit ? fields.u32(S_BLOCKS_COUNT_HI_OFFSET) << 32 : 0),
                fields.u32(S_FIRST_DATA_BLOCK_OFFSET),
                fields.u32(S_BLOCKS_PER_GROUP_OFFSET),
                fields.u32(S_INODES_PER_GROUP_OFFSET),
                revision0 ? INODE_SIZE : fields.u16(S_INODE_SIZE_OFFSET),
                is64Bit ? fields.u16(S_DESC_SIZE_OFFSET) : GROUP_DESCRIPTOR_SIZE,
                fields.u32(S_FIRST_META_BG_OFFSET),
                features,
                new BackupGroups(fields.u32(S_BACKUP_BGS_OFFSET), fields.u32(S_BACKUP_BGS_OFFSET + Integer.BYTES)),
                fields.u32(S_JOURNAL_INUM_OFFSET),
                new UUID(
                                fields.bigEndian().u64(S_UUID_OFFSET),
                                fields.bigEndian().u64(S_UUID_OFFSET + Long.BYTES))
                        .toString(),
                fields.cString(S_VOLUME_NAME_OFFSET, S_VOLUME_NAME_SIZE));
        superblock.check(partition);
        return superblock;
    }

    private void check(ByteSource partition) {
        require(partition, firstDataBlock <= 1, "s_first_data_block", firstDataBlock);
        require(partition, blockCount > firstDataBlock && blockCount <= BLOCK_COUNT_MAX, "s_blocks_count", blockCount);
        require(partition, blocksPerGroup > 0, "s_blocks_per_group", blocksPerGroup);
        require(
                partition,
                inodesPerGroup > 0 && inodesPerGroup <= 8L * blockSize,
                "s_inodes_per_group",
                inodesPerGroup);
        require(
                partition,
                inodeSize >= INODE_SIZE && inodeSize <= blockSize && Integer.bitCount(inodeSize) == 1,
                "s_inode_size",
                inodeSize);
        int descriptorMin = features.incompat(INCOMPAT_64BIT) ? GROUP_DESCRIPTOR_64BIT_SIZE : GROUP_DESCRIPTOR_SIZE;
        require(
                partition,
                descriptorSize >= descriptorMin
                        && descriptorSize <= DESCRIPTOR_SIZE_MAX
                        && Integer.bitCount(descriptorSize) == 1,
                "s_desc_size",
                descriptorSize);
        if (blockCount > partition.sizeBytes() / blockSize) {
            throw partition.problem(
                    "its ext4 file system has %d blocks of %d bytes, but the partition only %d bytes: is it truncated?"
                            .formatted(blockCount, blockSize, partition.sizeBytes()));
        }
    }

    private static void require(ByteSource partition, boolean good, String field, long value) {
        if (!good) {
            throw partition.problem("its ext4 superblock is damaged: %s is %s; try: e2fsck"
                    .formatted(field, Long.toUnsignedString(value)));
        }
    }

    long groupCount() {
        return (blockCount - firstDataBlock + blocksPerGroup - 1) / blocksPerGroup;
    }

    /** Where the descriptor of {@code group} starts, in bytes from the start of the file system. */
    long descriptorOffset(long group) {
        long perBlock = blockSize / descriptorSize;
        long metaGroup = group / perBlock;
        // blockgroup.rst: the table follows the first superblock; with META_BG each block of it lies
        // in the first group that it describes, behind a copy of the superblock if that group has one.
        long block = SUPERBLOCK_OFFSET / blockSize + 1 + metaGroup;
        if (features.incompat(INCOMPAT_META_BG) && metaGroup >= firstMetaGroup) {
            long home = metaGroup * perBlock;
            // Blocks of 1 KiB: the boot block is before the superblock, and with BIGALLOC in group 0.
            boolean bootBlock = home == 0 && blockSize == SUPERBLOCK_OFFSET && firstDataBlock == 0;
            block = firstDataBlock + home * blocksPerGroup + (hasSuperblock(home) ? 1 : 0) + (bootBlock ? 1 : 0);
        }
        return block * blockSize + group % perBlock * descriptorSize;
    }

    private boolean hasSuperblock(long group) {
        if (group == 0) {
            return true;
        }
        if ((features.compat & COMPAT_SPARSE_SUPER2) != 0) {
            return group == backupGroups.first || group == backupGroups.second;
        }
        return (features.roCompat & RO_COMPAT_SPARSE_SUPER) == 0
                || group == 1
                || isPower(group, 3)
                || isPower(group, 5)
                || isPower(group, 7);
    }

    private static boolean isPower(long value, int base) {
        long power = base;
        while (power < value) {
            power *= base;
        }
        return power == value;
    }
}
