package io.javisor.images.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.images.ByteSource;
import io.javisor.images.ImageException;
import io.javisor.testkit.image.DiskBuilder;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartitionTableTest {
    private static final int SECTOR = 512;
    private static final String XBOOTLDR = Partition.XBOOTLDR_TYPE;

    private static ByteSource disk(byte[] bytes) {
        return ByteSource.of("disk box.raw", MemorySegment.ofArray(bytes));
    }

    private static PartitionTable read(byte[] bytes) {
        return PartitionTable.read(disk(bytes));
    }

    private static void refused(byte[] bytes, String... expected) {
        String message = String.valueOf(
                assertThrows(ImageException.class, () -> read(bytes)).getMessage());
        assertEquals(1, message.lines().count(), message);
        for (String part : expected) {
            assertTrue(message.contains(part), message);
        }
    }

    private static byte[] content(int sectors, int fill) {
        byte[] content = new byte[sectors * SECTOR];
        Arrays.fill(content, (byte) fill);
        return content;
    }

    private static DiskBuilder two() {
        return new DiskBuilder()
                .partition(DiskBuilder.LINUX_TYPE, content(8, 'a'))
                .partition(XBOOTLDR, content(16, 'b'));
    }

    private static ByteBuffer buffer(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void readsGpt(int sectorSize) {
        byte[] bytes = two().sectorSize(sectorSize).gpt();
        PartitionTable table = read(bytes);
        assertEquals(PartitionTable.Kind.GPT, table.kind());
        assertEquals(List.of(), table.notes());
        assertEquals(2, table.partitions().size());
        Partition second = table.partitions().getLast();
        assertEquals(2, second.number());
        assertEquals(XBOOTLDR, second.type());
        assertEquals(DiskBuilder.gptUuid(2), second.uuid());
        assertEquals('b', second.in(disk(bytes)).fields(0, 1).u8(0));
        assertEquals("disk box.raw, partition 2", second.in(disk(bytes)).name());
    }

    @Test
    void takesTheBackupOfADamagedGpt() {
        byte[] bytes = two().gpt();
        bytes[SECTOR + 40] ^= 1;
        PartitionTable table = read(bytes);
        assertEquals(2, table.partitions().size());
        assertTrue(
                table.notes().getFirst().contains("its backup is used"),
                table.notes().toString());

        byte[] entries = two().gpt();
        entries[2 * SECTOR + 33] ^= 1;
        assertEquals(2, read(entries).partitions().size());
    }

    @Test
    void refusesAGptThatIsDamagedTwice() {
        byte[] bytes = two().gpt();
        bytes[SECTOR + 40] ^= 1;
        bytes[bytes.length - SECTOR + 40] ^= 1;
        refused(bytes, "disk box.raw: its GPT is damaged", "primary header", "backup header", "checksum");
        refused(Arrays.copyOf(bytes, SECTOR), "neither header is there");
    }

    @Test
    void refusesImpossibleHeaders() {
        for (long entryCount : new long[] {0x7FFF_FFFFL, 0xFFFF_FFFFL, 100_000}) {
            byte[] bytes = two().gpt();
            for (int at : new int[] {SECTOR, bytes.length - SECTOR}) {
                buffer(bytes).putInt(at + 80, (int) entryCount);
                DiskBuilder.sealGptHeader(bytes, at);
            }
            refused(bytes, "impossible table of " + entryCount);
        }
        byte[] bytes = two().gpt();
        for (int at : new int[] {SECTOR, bytes.length - SECTOR}) {
            buffer(bytes).putLong(at + 72, Long.MIN_VALUE);
            DiskBuilder.sealGptHeader(bytes, at);
        }
        refused(bytes, "impossible table");
        buffer(bytes).putInt(SECTOR + 12, 513);
        refused(bytes, "impossible size of 513");
    }

    @Test
    void refusesATruncatedImage() {
        byte[] bytes = two().gpt();
        refused(
                Arrays.copyOf(bytes, 36 * SECTOR),
                "partition 1 takes 8 sectors from 34 on, but the image has 36",
                "truncated");
    }

    @Test
    void readsMbrWithLogicalPartitions() {
        DiskBuilder builder = new DiskBuilder();
        for (int i = 0; i < 7; i++) {
            builder.partition("", content(2 + i, 'a' + i));
        }
        byte[] bytes = builder.mbr();
        PartitionTable table = read(bytes);
        assertEquals(PartitionTable.Kind.MBR, table.kind());
        assertEquals(
                List.of(1, 2, 3, 5, 6, 7, 8),
                table.partitions().stream().map(Partition::number).toList());
        for (int i = 0; i < 7; i++) {
            Partition partition = table.partitions().get(i);
            assertEquals((2L + i) * SECTOR, partition.sizeBytes());
            assertEquals('a' + i, partition.in(disk(bytes)).fields(0, 1).u8(0));
            assertEquals("83", partition.type());
            assertEquals("deadbeef-%02x".formatted(partition.number()), partition.uuid());
        }
    }

    private static void noted(byte[] bytes, List<Integer> numbers, String... notes) {
        PartitionTable table = read(bytes);
        assertEquals(numbers, table.partitions().stream().map(Partition::number).toList());
        assertEquals(Arrays.stream(notes).map(note -> "disk box.raw: " + note).toList(), table.notes());
    }

    /** As Linux does (6.12, block/partitions). */
    @Test
    void takesAnMbrsPartitionsAsFarAsTheyGo() {
        byte[] bytes = Arrays.copyOf(two().mbr(), 5 * SECTOR);
        assertEquals(4 * SECTOR, read(bytes).partitions().getFirst().sizeBytes());
        noted(
                bytes,
                List.of(1),
                "partition 1 has 8 sectors, but the image only 4 of them: is it truncated?",
                "partition 2 begins at sector 9, behind the image's end, and is left out");
        bytes = two().mbr();
        DiskBuilder.mbrEntry(buffer(bytes), 0, 3, 0x83, -1, -1);
        DiskBuilder.mbrEntry(buffer(bytes), 0, 2, 0x17, 0, 4);
        noted(
                bytes,
                List.of(1, 2, 3),
                "partition 4 begins at sector 4294967295, behind the image's end, and is left out");
        assertEquals(0, read(bytes).partitions().getLast().offsetBytes());
    }

    @Test
    void endsAChainOfLogicalPartitionsWhereItIsDamaged() {
        byte[] bytes = new byte[64 * SECTOR];
        DiskBuilder.mbrEntry(buffer(bytes), 0, 0, 0x83, 1, 2);
        DiskBuilder.mbrEntry(buffer(bytes), 0, 1, 0x05, 4, 32);
        // The table at sector 4 names itself as the next.
        DiskBuilder.mbrEntry(buffer(bytes), 4 * SECTOR, 1, 0x05, 0, 32);
        noted(bytes, List.of(1), "the chain of logical partitions has no end within 256 links");
        DiskBuilder.mbrEntry(buffer(bytes), 4 * SECTOR, 0, 0x83, 1, 2);
        DiskBuilder.mbrEntry(buffer(bytes), 4 * SECTOR, 1, 0x05, 5, 32);
        noted(bytes, List.of(1, 5), "the table of logical partitions at sector 9 has no signature");
        DiskBuilder.mbrEntry(buffer(bytes), 4 * SECTOR, 1, 0x05, 0x7FFF_FFFF, 32);
        noted(bytes, List.of(1, 5), "the table of logical partitions at sector 2147483651 is not in the image");
        DiskBuilder.mbrEntry(buffer(bytes), 0, 1, 0x05, -1, 32);
        noted(bytes, List.of(1), "the table of logical partitions at sector 4294967295 is not in the image");
    }

    @Test
    void seesThatThereIsNoTable() {
        assertEquals(PartitionTable.Kind.NONE, read(new byte[0]).kind());
        assertEquals(PartitionTable.Kind.NONE, read(new byte[100]).kind());
        assertEquals(PartitionTable.Kind.NONE, read(new byte[4096]).kind());
        byte[] bootSector = two().mbr();
        // A boot loader's code where the entries would be.
        bootSector[0x1BE] = 0x12;
        assertEquals(PartitionTable.Kind.NONE, read(bootSector).kind());
        byte[] unused = new byte[4096];
        unused[0x1FE] = 0x55;
        unused[0x1FF] = (byte) 0xAA;
        assertEquals(PartitionTable.Kind.NONE, read(unused).kind());
    }
}
