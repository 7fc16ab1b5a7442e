package io.javisor.images.disk;

import io.javisor.images.ByteSource;
import io.javisor.images.Fields;
import io.javisor.images.ImageException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/** The GUID Partition Table (UEFI 2.10 §5.3), in sectors of 512 or of 4096 bytes. */
final class GptReader {
    private static final int[] SECTOR_SIZES = {512, 4096};

    // UEFI 2.10 §5.3.2, table 5-5.
    private static final long SIGNATURE = 0x5452_4150_2049_4645L; // "EFI PART"
    private static final int HEADER_SIZE = 92;
    private static final int HEADER_SIZE_OFFSET = 12;
    private static final int HEADER_CRC32_OFFSET = 16;
    private static final int MY_LBA_OFFSET = 24;
    private static final int ENTRIES_LBA_OFFSET = 72;
    private static final int ENTRY_COUNT_OFFSET = 80;
    private static final int ENTRY_SIZE_OFFSET = 84;
    private static final int ENTRIES_CRC32_OFFSET = 88;

    // UEFI 2.10 §5.3.3, table 5-6.
    private static final int ENTRY_SIZE_MIN = 128;
    private static final int UNIQUE_GUID_OFFSET = 16;
    private static final int STARTING_LBA_OFFSET = 32;
    private static final int ENDING_LBA_OFFSET = 40;
    private static final int GUID_SIZE = 16;

    /** Of all entries: 8192 of the usual size; the usual number is 128. */
    private static final long ENTRIES_SIZE_MAX = 1 << 20;

    /** A header whose checksum is right. */
    private record Header(int sectorSize, long entriesOffset, int entryCount, int entrySize, long entriesCrc) {}

    private final ByteSource disk;
    private final List<String> damage = new ArrayList<>();

    private GptReader(ByteSource disk) {
        this.disk = disk;
    }

    /**
     * Reads the table by its primary header, or by its backup in the last sector if that is damaged.
     *
     * @throws ImageException if both are, or a partition is not in the image
     */
    static PartitionTable read(ByteSource disk) {
        return new GptReader(disk).read();
    }

    private PartitionTable read() {
        for (int sectorSize : SECTOR_SIZES) {
            List<Partition> partitions = table(sectorSize, 1, "primary");
            if (partitions != null) {
                return new PartitionTable(PartitionTable.Kind.GPT, partitions, List.of());
            }
        }
        for (int sectorSize : SECTOR_SIZES) {
            List<Partition> partitions = table(sectorSize, disk.sizeBytes() / sectorSize - 1, "backup");
            if (partitions != null) {
                return new PartitionTable(
                        PartitionTable.Kind.GPT,
                        partitions,
                        List.of(disk.name() + ": the primary GPT is damaged; its backup is used. Mend it: sgdisk -e"));
            }
        }
        String found = damage.isEmpty() ? "neither header is there" : String.join("; ", damage);
        throw disk.problem("its GPT is damaged: " + found);
    }

    /** Null if there is none that is sound. */
    private @Nullable List<Partition> table(int sectorSize, long lba, String which) {
        Header header = header(sectorSize, lba, which);
        if (header == null) {
            return null;
        }
        Fields entries = disk.fields(header.entriesOffset, header.entryCount * header.entrySize);
        if (crc32(entries.copy(0, entries.sizeBytes())) != header.entriesCrc) {
            damage.add("the %s table's entries have a wrong checksum".formatted(which));
            return null;
        }
        return partitions(header, entries);
    }

    private @Nullable Header header(int sectorSize, long lba, String which) {
        if (lba < 1 || (lba + 1) * sectorSize > disk.sizeBytes()) {
            return null;
        }
        Fields header = disk.fields(lba * sectorSize, sectorSize);
        if (header.u64(0) != SIGNATURE) {
            return null;
        }
        long headerSize = header.u32(HEADER_SIZE_OFFSET);
        if (headerSize < HEADER_SIZE || headerSize > sectorSize) {
            damage.add("the %s header has an impossible size of %d bytes".formatted(which, headerSize));
            return null;
        }
        byte[] covered = header.copy(0, (int) headerSize);
        Arrays.fill(covered, HEADER_CRC32_OFFSET, HEADER_CRC32_OFFSET + Integer.BYTES, (byte) 0);
        if (crc32(covered) != header.u32(HEADER_CRC32_OFFSET) || header.u64(MY_LBA_OFFSET) != lba) {
            damage.add("the %s header has a wrong checksum or place".formatted(which));
            return null;
        }
        long entrySize = header.u32(ENTRY_SIZE_OFFSET);
        long entryCount = header.u32(ENTRY_COUNT_OFFSET);
        long entriesLba = header.u64(ENTRIES_LBA_OFFSET);
        long sectors = disk.sizeBytes() / sectorSize;
        if (entrySize < ENTRY_SIZE_MIN
                || entrySize > ENTRIES_SIZE_MAX
                || entrySize * entryCount > ENTRIES_SIZE_MAX
                || entriesLba < 1
                || entriesLba >= sectors
                || entrySize * entryCount > (sectors - entriesLba) * sectorSize) {
            damage.add("the %s header names an impossible table of %d entries".formatted(which, entryCount));
            return null;
        }
        return new Header(
                sectorSize,
                entriesLba * sectorSize,
                (int) entryCount,
                (int) entrySize,
                header.u32(ENTRIES_CRC32_OFFSET));
    }

    private List<Partition> partitions(Header header, Fields entries) {
        List<Partition> partitions = new ArrayList<>();
        for (int i = 0; i < header.entryCount; i++) {
            Fields entry = entries.slice(i * header.entrySize, header.entrySize);
            if (entry.slice(0, GUID_SIZE).isZero()) {
                continue;
            }
            long first = entry.u64(STARTING_LBA_OFFSET);
            long count = entry.u64(ENDING_LBA_OFFSET) - first + 1;
            PartitionTable.requireInside(disk, i + 1, first, count, header.sectorSize);
            partitions.add(new Partition(
                    i + 1,
                    first * header.sectorSize,
                    count * header.sectorSize,
                    guid(entry, 0),
                    guid(entry, UNIQUE_GUID_OFFSET)));
        }
        return partitions;
    }

    /** The first three parts of a GUID are little-endian numbers, the rest are bytes (UEFI 2.10, appendix A). */
    private static String guid(Fields entry, int offset) {
        long high = (entry.u32(offset) << 32) | ((long) entry.u16(offset + 4) << 16) | entry.u16(offset + 6);
        return new UUID(high, entry.bigEndian().u64(offset + 8)).toString();
    }

    private static long crc32(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return crc.getValue();
    }
}
