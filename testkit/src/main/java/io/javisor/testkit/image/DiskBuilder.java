package io.javisor.testkit.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32;

/** Builds small disk images with a partition table; sectors of 512 bytes unless told. */
public final class DiskBuilder {
    public static final String LINUX_TYPE = "0fc63daf-8483-4772-8e79-3d69d8477de4";
    public static final long DISK_SIGNATURE = 0xDEAD_BEEFL;
    private static final int GPT_ENTRY_COUNT = 128;
    private static final int GPT_ENTRY_SIZE = 128;

    private record Part(String type, ByteBuffer content) {}

    private final List<Part> parts = new ArrayList<>();
    private int sectorSize = 512;

    public DiskBuilder sectorSize(int bytes) {
        sectorSize = bytes;
        return this;
    }

    /** The next partition; its type matters in a GPT only. */
    public DiskBuilder partition(String type, byte[] content) {
        parts.add(new Part(type, ByteBuffer.wrap(content)));
        return this;
    }

    /** The PARTUUID that a GPT of this builder gives to partition {@code number}. */
    public static String gptUuid(int number) {
        return "11223344-5566-7788-99aa-%012x".formatted(number);
    }

    private int sectors(ByteBuffer content) {
        return (content.capacity() + sectorSize - 1) / sectorSize;
    }

    private void put(ByteBuffer disk, int sector, ByteBuffer content) {
        disk.put(sector * sectorSize, content, 0, content.capacity());
    }

    /** A GPT, with its backup and a protective MBR. */
    public byte[] gpt() {
        int tableSectors = GPT_ENTRY_COUNT * GPT_ENTRY_SIZE / sectorSize;
        int first = 2 + tableSectors;
        int end = first + parts.stream().mapToInt(part -> sectors(part.content)).sum();
        int total = end + tableSectors + 1;
        ByteBuffer disk = ByteBuffer.allocate(total * sectorSize).order(ByteOrder.LITTLE_ENDIAN);
        mbrEntry(disk, 0, 0, 0xEE, 1, total - 1);
        byte[] entries = new byte[GPT_ENTRY_COUNT * GPT_ENTRY_SIZE];
        ByteBuffer entry = ByteBuffer.wrap(entries).order(ByteOrder.LITTLE_ENDIAN);
        int sector = first;
        for (int i = 0; i < parts.size(); i++) {
            entry.position(i * GPT_ENTRY_SIZE);
            putGuid(entry, parts.get(i).type);
            putGuid(entry, gptUuid(i + 1));
            entry.putLong(sector).putLong(sector + sectors(parts.get(i).content) - 1);
            put(disk, sector, parts.get(i).content);
            sector += sectors(parts.get(i).content);
        }
        disk.put(2 * sectorSize, entries);
        disk.put(end * sectorSize, entries);
        byte[] bytes = disk.array();
        gptHeader(bytes, 1, total - 1, 2, entries);
        gptHeader(bytes, total - 1, 1, end, entries);
        return bytes;
    }

    private void gptHeader(byte[] bytes, int lba, int otherLba, int entriesLba, byte[] entries) {
        int at = lba * sectorSize;
        ByteBuffer disk = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).position(at);
        disk.put("EFI PART".getBytes(StandardCharsets.US_ASCII))
                .putInt(0x1_0000)
                .putInt(92);
        disk.putLong(0).putLong(lba).putLong(otherLba).putLong(34).putLong(otherLba);
        putGuid(disk, gptUuid(0xFFFF));
        disk.putLong(entriesLba).putInt(GPT_ENTRY_COUNT).putInt(GPT_ENTRY_SIZE).putInt(crc(entries));
        sealGptHeader(bytes, at);
    }

    /** Puts the checksum of the header at {@code offset} right. */
    public static void sealGptHeader(byte[] disk, int offset) {
        ByteBuffer.wrap(disk).order(ByteOrder.LITTLE_ENDIAN).putInt(offset + 16, 0);
        byte[] header = new byte[92];
        System.arraycopy(disk, offset, header, 0, header.length);
        ByteBuffer.wrap(disk).order(ByteOrder.LITTLE_ENDIAN).putInt(offset + 16, crc(header));
    }

    private static int crc(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    private static void putGuid(ByteBuffer out, String guid) {
        UUID uuid = UUID.fromString(guid);
        long high = uuid.getMostSignificantBits();
        out.putInt((int) (high >>> 32)).putShort((short) (high >>> 16)).putShort((short) high);
        out.order(ByteOrder.BIG_ENDIAN).putLong(uuid.getLeastSignificantBits()).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** An MBR; from the fourth on, partitions are logical ones in an extended partition. */
    public byte[] mbr() {
        int primary = parts.size() > 4 ? 3 : parts.size();
        int sector = 1;
        int total = 1 + parts.stream().mapToInt(part -> sectors(part.content)).sum() + (parts.size() - primary);
        ByteBuffer disk = ByteBuffer.allocate(total * sectorSize).order(ByteOrder.LITTLE_ENDIAN);
        disk.putInt(0x1B8, (int) DISK_SIGNATURE);
        for (int i = 0; i < primary; i++) {
            mbrEntry(disk, 0, i, 0x83, sector, sectors(parts.get(i).content));
            put(disk, sector, parts.get(i).content);
            sector += sectors(parts.get(i).content);
        }
        int extended = sector;
        if (primary < parts.size()) {
            mbrEntry(disk, 0, 3, 0x05, extended, total - extended);
        }
        for (int i = primary; i < parts.size(); i++) {
            int table = sector;
            ByteBuffer content = parts.get(i).content;
            mbrEntry(disk, table * sectorSize, 0, 0x83, 1, sectors(content));
            put(disk, table + 1, content);
            sector += 1 + sectors(content);
            if (i + 1 < parts.size()) {
                mbrEntry(disk, table * sectorSize, 1, 0x05, sector - extended, total - sector);
            }
        }
        return disk.array();
    }

    /** Writes one of the four entries of the table in the sector at {@code offset}, and the sector's signature. */
    public static void mbrEntry(ByteBuffer disk, int offset, int index, int type, int firstSector, int sectorCount) {
        int at = offset + 0x1BE + index * 16;
        disk.put(at + 4, (byte) type).putInt(at + 8, firstSector).putInt(at + 12, sectorCount);
        disk.putShort(offset + 0x1FE, (short) 0xAA55);
    }
}
