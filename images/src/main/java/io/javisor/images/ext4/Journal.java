package io.javisor.images.ext4;

import io.javisor.images.ByteSource;
import io.javisor.images.Fields;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;

/**
 * What the journal of a file system that was not unmounted holds: for each block that a finished transaction has written, where in the
 * journal its newest copy is.
 *
 * @param copies by the block's number in the file system
 * @param notes what the user should know, a line each
 */
record Journal(Map<Long, Copy> copies, List<String> notes) {
    /**
     * A block in the journal.
     *
     * @param physical its number on the disk
     * @param escaped whether its first four bytes were zeroed, as they were the journal's own magic number
     */
    record Copy(long physical, boolean escaped) {
        /** Fills {@code target} from {@code offset} in the block on. */
        void read(ByteSource partition, int blockSize, int offset, MemorySegment target) {
            partition.read(physical * blockSize + offset, target);
            for (int i = offset; escaped && i < Integer.BYTES && i - offset < target.byteSize(); i++) {
                target.set(ValueLayout.JAVA_BYTE, i - offset, (byte) (JournalLayout.JBD2_MAGIC >> (24 - 8 * i)));
            }
        }
    }

    /**
     * Reads the journal of a file system whose blocks are given as they are on the disk.
     *
     * @throws io.javisor.images.ImageException if it is damaged
     */
    static Journal read(Blocks raw, JournalBudget budget) {
        String name = raw.partition().name();
        Superblock superblock = raw.superblock();
        if (superblock.journalInode() == 0) {
            return without(name, "its journal is on another device");
        }
        Inode inode = new Inodes(raw).inode(superblock.journalInode());
        BlockMap map = BlockMap.of(raw, inode);
        BlockMap.Run first = map.run(0);
        if (!inode.isRegular() || inode.sizeBytes() < raw.size() || first.hole()) {
            throw raw.damaged("its journal is not there");
        }
        Fields header = raw.block(first.physical()).bigEndian();
        JournalHeader journal = JournalHeader.parse(raw, header, inode.sizeBytes() / raw.size());
        if (journal.empty()) {
            return new Journal(Map.of(), List.of());
        }
        if (journal.unknownFeatures() != 0) {
            return without(
                    name,
                    "its journal has features that javisor can't read (0x%x)".formatted(journal.unknownFeatures()));
        }
        Map<Long, Copy> copies = new JournalLog(raw, map, journal, budget).replay();
        String fast = journal.fastCommits() ? "; fast commits in it are not" : "";
        return new Journal(
                copies,
                List.of("%s: it was not unmounted; the %d blocks in its journal are taken into account%s"
                        .formatted(name, copies.size(), fast)));
    }

    private static Journal without(String name, String why) {
        return new Journal(
                Map.of(), List.of("%s: it was not unmounted, and %s: it is read as it is".formatted(name, why)));
    }
}
