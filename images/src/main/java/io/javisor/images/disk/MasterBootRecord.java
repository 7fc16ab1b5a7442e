package io.javisor.images.disk;

import io.javisor.images.ByteSource;
import io.javisor.images.Fields;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The partition table of a PC's boot sector (UEFI 2.10 §5.2.1 for its four entries; the chain of logical partitions as in Linux,
 * block/partitions/msdos.c).
 */
final class MasterBootRecord {
    private static final int SECTOR_SIZE = 512;
    private static final int DISK_SIGNATURE_OFFSET = 0x1B8;
    private static final int ENTRIES_OFFSET = 0x1BE;
    private static final int ENTRY_SIZE = 16;
    private static final int ENTRY_COUNT = 4;
    private static final int SIGNATURE_OFFSET = 0x1FE;
    private static final int SIGNATURE = 0xAA55;
    private static final int FIRST_LOGICAL = 5;

    /** Linux gives a disk no more numbers than this. */
    private static final int PARTITION_MAX = 256;

    private static final int NOTE_COUNT_MAX = 8;

    private static final int TYPE_EMPTY = 0;
    private static final int TYPE_PROTECTIVE = 0xEE;

    /** An entry of a table. */
    private record Entry(int status, int type, long firstSector, long sectorCount) {
        static Entry at(Fields sector, int index) {
            int offset = ENTRIES_OFFSET + index * ENTRY_SIZE;
            return new Entry(sector.u8(offset), sector.u8(offset + 4), sector.u32(offset + 8), sector.u32(offset + 12));
        }

        boolean used() {
            return type != TYPE_EMPTY && sectorCount != 0;
        }

        boolean extended() {
            return type == 0x05 || type == 0x0F || type == 0x85;
        }
    }

    private final ByteSource disk;
    private final long diskSignature;
    private final List<Entry> entries;
    private final List<Partition> partitions = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    private MasterBootRecord(ByteSource disk, long diskSignature, List<Entry> entries) {
        this.disk = disk;
        this.diskSignature = diskSignature;
        this.entries = entries;
    }

    /** Null if the disk has none: no signature, a file system's boot sector, or no entry in use. */
    static @Nullable MasterBootRecord read(ByteSource disk) {
        if (disk.sizeBytes() < SECTOR_SIZE) {
            return null;
        }
        Fields sector = disk.fields(0, SECTOR_SIZE);
        if (sector.u16(SIGNATURE_OFFSET) != SIGNATURE) {
            return null;
        }
        List<Entry> entries = entries(sector);
        // As Linux judges it: the boot sector of a FAT or of a boot loader has other bytes here.
        boolean table = entries.stream().allMatch(entry -> (entry.status() & 0x7F) == 0)
                && entries.stream().anyMatch(Entry::used);
        return table ? new MasterBootRecord(disk, sector.u32(DISK_SIGNATURE_OFFSET), entries) : null;
    }

    private static List<Entry> entries(Fields sector) {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < ENTRY_COUNT; i++) {
            entries.add(Entry.at(sector, i));
        }
        return entries;
    }

    /** Whether it only guards a GPT, or is a hybrid beside one. */
    boolean protective() {
        return entries.stream().anyMatch(entry -> entry.type() == TYPE_PROTECTIVE);
    }

    /** What {@link #partitions} left out or cut off, a line each. */
    List<String> notes() {
        return notes;
    }

    /**
     * The primary partitions, then the logical ones. As in Linux, one that begins behind the image's end is left out, one that reaches beyond is
     * cut off there, and a chain of logical ones ends where it is damaged.
     */
    List<Partition> partitions() {
        partitions.clear();
        notes.clear();
        for (int i = 0; i < ENTRY_COUNT; i++) {
            Entry entry = entries.get(i);
            if (entry.used() && !entry.extended()) {
                add(i + 1, entry, entry.firstSector());
            }
        }
        int number = FIRST_LOGICAL;
        for (Entry entry : entries) {
            if (entry.used() && entry.extended()) {
                number = addLogical(entry, number);
            }
        }
        return partitions;
    }

    /** Follows the chain; gives the next number. Each link counts, whether it holds a partition or not: so a loop ends. */
    private int addLogical(Entry extended, int firstNumber) {
        int number = firstNumber;
        long tableSector = extended.firstSector();
        for (int links = 0; tableSector != 0; links++) {
            if (links == PARTITION_MAX || number == PARTITION_MAX) {
                note("the chain of logical partitions has no end within %d links".formatted(PARTITION_MAX));
                break;
            }
            if (tableSector >= disk.sizeBytes() / SECTOR_SIZE) {
                note("the table of logical partitions at sector %d is not in the image".formatted(tableSector));
                break;
            }
            Fields sector = disk.fields(tableSector * SECTOR_SIZE, SECTOR_SIZE);
            if (sector.u16(SIGNATURE_OFFSET) != SIGNATURE) {
                note("the table of logical partitions at sector %d has no signature".formatted(tableSector));
                break;
            }
            long next = 0;
            for (Entry entry : entries(sector)) {
                if (entry.used() && entry.extended()) {
                    next = extended.firstSector() + entry.firstSector();
                } else if (entry.used()) {
                    add(number++, entry, tableSector + entry.firstSector());
                }
            }
            tableSector = next;
        }
        return number;
    }

    private void note(String what) {
        if (notes.size() < NOTE_COUNT_MAX) {
            notes.add(disk.name() + ": " + what);
        }
    }

    private void add(int number, Entry entry, long firstSector) {
        long left = disk.sizeBytes() / SECTOR_SIZE - firstSector;
        if (left <= 0) {
            note("partition %d begins at sector %d, behind the image's end, and is left out"
                    .formatted(number, firstSector));
            return;
        }
        if (entry.sectorCount() > left) {
            note("partition %d has %d sectors, but the image only %d of them: is it truncated?"
                    .formatted(number, entry.sectorCount(), left));
        }
        partitions.add(new Partition(
                number,
                firstSector * SECTOR_SIZE,
                Math.min(entry.sectorCount(), left) * SECTOR_SIZE,
                "%02x".formatted(entry.type()),
                "%08x-%02x".formatted(diskSignature, number)));
    }
}
