package io.javisor.images.ext4;

import static io.javisor.images.ext4.JournalLayout.*;

import io.javisor.images.Fields;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Goes through the log once, as fs/jbd2/recovery.c does in three passes. The log ends where a block is not the next transaction's, or where
 * one's checksum (version 2 or 3) is wrong: what was being written when the machine went down. No block of the log is looked at twice.
 */
final class JournalLog {
    private record Tag(long block, Journal.Copy copy) {}

    /** @param revoked blocks whose copies of this transaction and of those before it don't count */
    private record Transaction(List<Tag> tags, List<Long> revoked) {}

    private final Blocks raw;
    private final BlockMap map;
    private final JournalHeader journal;
    private final JournalBudget budget;
    private final List<Transaction> committed = new ArrayList<>();
    private List<Tag> tags = new ArrayList<>();
    private List<Long> revoked = new ArrayList<>();
    private BlockMap.Run run = new BlockMap.Run(0, 0);
    private long runStart;

    JournalLog(Blocks raw, BlockMap map, JournalHeader journal, JournalBudget budget) {
        this.raw = raw;
        this.map = map;
        this.journal = journal;
        this.budget = budget;
    }

    /** The newest copy of each block that counts, by the block's number in the file system. */
    Map<Long, Journal.Copy> replay() {
        scan();
        Map<Long, Integer> revokedUntil = new HashMap<>();
        for (int i = 0; i < committed.size(); i++) {
            for (long block : committed.get(i).revoked) {
                revokedUntil.put(block, i);
            }
        }
        Map<Long, Journal.Copy> copies = new HashMap<>();
        for (int i = 0; i < committed.size(); i++) {
            for (Tag tag : committed.get(i).tags) {
                if (i > revokedUntil.getOrDefault(tag.block, -1)) {
                    copies.put(tag.block, tag.copy);
                }
            }
        }
        return copies;
    }

    private void scan() {
        long position = journal.start();
        long sequence = journal.sequence();
        long left = journal.end() - journal.first();
        while (left > 0) {
            budget.takeBlocks(raw, 1);
            // Not by way of the cache, nor counted as work: each is read once, and their number is bounded.
            byte[] bytes = new byte[raw.size()];
            raw.read(physical(position), 1, 0, MemorySegment.ofArray(bytes));
            Fields block = Fields.littleEndian(bytes).bigEndian();
            if (block.u32(0) != JBD2_MAGIC || block.u32(H_SEQUENCE_OFFSET) != sequence) {
                return;
            }
            long used = 1;
            switch ((int) block.u32(H_BLOCKTYPE_OFFSET)) {
                case DESCRIPTOR_BLOCK -> {
                    if (!tailChecksumHolds(block)) {
                        return;
                    }
                    int count = readTags(block, position, left - 1);
                    if (count < 0) {
                        return;
                    }
                    used += count;
                }
                case COMMIT_BLOCK -> {
                    if (journal.checksums() && !checksumHolds(block, H_CHKSUM_OFFSET)) {
                        return;
                    }
                    committed.add(new Transaction(tags, revoked));
                    tags = new ArrayList<>();
                    revoked = new ArrayList<>();
                    sequence = (sequence + 1) & 0xFFFF_FFFFL;
                }
                case REVOKE_BLOCK -> {
                    if (!tailChecksumHolds(block) || !readRevoked(block)) {
                        return;
                    }
                }
                default -> {
                    return;
                }
            }
            left -= used;
            position = advance(position, used);
        }
    }

    /** How many blocks follow; -1 if more than {@code limit}. */
    private int readTags(Fields block, long position, long limit) {
        int tagSize = journal.tagSize();
        int end = raw.size() - (journal.checksums() ? CHECKSUM_SIZE : 0);
        boolean version3 = journal.has(INCOMPAT_CSUM_V3);
        int count = 0;
        int offset = HEADER_SIZE;
        while (offset + tagSize <= end) {
            long number = block.u32(offset);
            if (journal.has(INCOMPAT_64BIT)) {
                number |= block.u32(offset + T_BLOCKNR_HIGH_OFFSET) << 32;
            }
            int flags = version3 ? (int) block.u32(offset + T3_FLAGS_OFFSET) : block.u16(offset + T_FLAGS_OFFSET);
            if (++count > limit) {
                return -1;
            }
            budget.takeBlocks(raw, 1);
            long copy = physical(advance(position, count));
            tags.add(new Tag(number, new Journal.Copy(copy, (flags & FLAG_ESCAPE) != 0)));
            if ((flags & FLAG_LAST_TAG) != 0) {
                break;
            }
            offset += tagSize + ((flags & FLAG_SAME_UUID) != 0 ? 0 : S_UUID_SIZE);
        }
        return count;
    }

    private boolean readRevoked(Fields block) {
        long end = block.u32(R_COUNT_OFFSET);
        int size = journal.has(INCOMPAT_64BIT) ? Long.BYTES : Integer.BYTES;
        if (end > raw.size() - (journal.checksums() ? CHECKSUM_SIZE : 0)) {
            return false;
        }
        for (int offset = REVOKE_HEADER_SIZE; offset + size <= end; offset += size) {
            budget.takeRevoked(raw);
            revoked.add(size == Long.BYTES ? block.u64(offset) : block.u32(offset));
        }
        return true;
    }

    private boolean tailChecksumHolds(Fields block) {
        return !journal.checksums() || checksumHolds(block, raw.size() - CHECKSUM_SIZE);
    }

    /** CRC32C of the journal's UUID and of the block with zeros in the checksum's place, without the inversion at the end. */
    private boolean checksumHolds(Fields block, int offset) {
        byte[] bytes = block.copy(0, block.sizeBytes());
        Arrays.fill(bytes, offset, offset + CHECKSUM_SIZE, (byte) 0);
        CRC32C crc = new CRC32C();
        crc.update(journal.uuid().copy(0, S_UUID_SIZE));
        crc.update(bytes);
        return (crc.getValue() ^ 0xFFFF_FFFFL) == block.u32(offset);
    }

    /** The log goes round. */
    private long advance(long position, long count) {
        long length = journal.end() - journal.first();
        return journal.first() + (position - journal.first() + count) % length;
    }

    private long physical(long position) {
        if (position < runStart || position - runStart >= run.count()) {
            run = map.run(position);
            runStart = position;
        }
        if (run.hole()) {
            throw raw.damaged("its journal has a hole");
        }
        return run.physical() + (position - runStart);
    }
}
