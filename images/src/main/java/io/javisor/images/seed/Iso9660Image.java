package io.javisor.images.seed;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Writes a few files into an ISO 9660 file system: one directory, read-only, with their real names as Rock Ridge entries. The same files
 * give the same bytes: times are fixed, owner is root.
 *
 * <p>Sources: ECMA-119, 3rd edition (the section numbers below); IEEE P1281 (SUSP) 1.12, 5.3 SP and 5.5 ER; IEEE P1282 (RRIP) 1.12, 4.1.1
 * PX and 4.1.4 NM, with the entry lengths of RRIP_1991A.
 *
 * <p>Sectors of 2048 bytes: 0 to 15 system area, 16 primary volume descriptor, 17 terminator, 18 and 19 path tables, 20 the root
 * directory, then the files.
 */
final class Iso9660Image {
    static final int SECTOR_SIZE = 2048;

    private static final int DESCRIPTOR_SECTOR = 16;
    private static final int TERMINATOR_SECTOR = 17;
    private static final int L_PATH_TABLE_SECTOR = 18;
    private static final int M_PATH_TABLE_SECTOR = 19;
    private static final int ROOT_SECTOR = 20;
    private static final int FIRST_FILE_SECTOR = 21;

    private static final int VOLUME_LABEL_MAX = 32;
    private static final int FILE_NAME_MAX = 27; // and ".;1" make the 30 of §7.5.1 with a version
    private static final int PATH_TABLE_SIZE = 10;
    private static final int RECORD_FIXED_SIZE = 33;
    private static final int DIRECTORY_FLAG = 0x02;

    /** §9.1.5: 1 January 1980, 00:00:00 UTC, as years since 1900 and so on; all zero would be shown as 1899. */
    private static final byte[] DATE = {80, 1, 1, 0, 0, 0, 0};

    private static final int DIRECTORY_MODE = 0040555;
    private static final int FILE_MODE = 0100444;

    private Iso9660Image() {}

    /** A file: its name as the guest sees it, printable ASCII without a slash, and its contents, which are not copied. */
    record File(String name, ByteBuffer contents) {
        File {
            if (!name.matches("[a-z0-9_-]{1," + FILE_NAME_MAX + "}")) {
                throw new IllegalArgumentException("file name " + name);
            }
        }

        /** The name for a reader without Rock Ridge: d-characters (§7.4.1), no extension, version 1. */
        byte[] identifier() {
            return ascii(name.toUpperCase(Locale.ROOT).replace('-', '_') + ".;1");
        }
    }

    /**
     * An image with these files.
     *
     * @param label up to 32 characters of ASCII; kept as it is, also in lower case, as other writers do
     * @throws IllegalArgumentException if the label, the names or their number do not fit
     */
    static byte[] of(String label, List<File> files) {
        if (label.isEmpty() || label.length() > VOLUME_LABEL_MAX) {
            throw new IllegalArgumentException("label " + label);
        }
        List<File> sorted = files.stream()
                .sorted(Comparator.comparing(File::identifier, Arrays::compareUnsigned)) // §9.3
                .toList();
        int sectorCount = FIRST_FILE_SECTOR;
        for (File file : sorted) {
            sectorCount = Math.addExact(sectorCount, sectorsOf(file));
        }
        ByteBuffer image = ByteBuffer.allocate(Math.multiplyExact(sectorCount, SECTOR_SIZE));
        writeDescriptors(image, label, sectorCount);
        writePathTables(image);

        ByteBuffer directory = image.slice(ROOT_SECTOR * SECTOR_SIZE, SECTOR_SIZE);
        writeDirectory(
                directory, new byte[] {0}, concat(sharingProtocol(), attributes(DIRECTORY_MODE, 2), extension()));
        writeDirectory(directory, new byte[] {1}, attributes(DIRECTORY_MODE, 2));
        int sector = FIRST_FILE_SECTOR;
        for (File file : sorted) {
            int size = file.contents().remaining();
            byte[] systemUse = concat(attributes(FILE_MODE, 1), alternateName(file.name()));
            byte[] entry = record(file.identifier(), sector, size, 0, systemUse);
            if (entry.length > directory.remaining()) {
                throw new IllegalArgumentException(files.size() + " files do not fit into a directory of one sector");
            }
            directory.put(entry);
            image.put(sector * SECTOR_SIZE, file.contents(), file.contents().position(), size);
            sector += sectorsOf(file);
        }
        return image.array();
    }

    private static int sectorsOf(File file) {
        return Math.ceilDiv(file.contents().remaining(), SECTOR_SIZE);
    }

    /** §8.4, the primary volume descriptor, and §8.3, the end of the set. */
    private static void writeDescriptors(ByteBuffer image, String label, int sectorCount) {
        ByteBuffer primary = image.slice(DESCRIPTOR_SECTOR * SECTOR_SIZE, SECTOR_SIZE);
        primary.put((byte) 1).put(ascii("CD001")).put((byte) 1).put((byte) 0);
        primary.put(padded("", 32)).put(padded(label, VOLUME_LABEL_MAX));
        primary.position(80);
        putBoth(primary, sectorCount);
        primary.position(120);
        putBoth(primary, (short) 1); // volume set size
        putBoth(primary, (short) 1); // number in the set
        putBoth(primary, (short) SECTOR_SIZE);
        putBoth(primary, PATH_TABLE_SIZE);
        primary.order(ByteOrder.LITTLE_ENDIAN).putInt(L_PATH_TABLE_SECTOR).putInt(0);
        primary.order(ByteOrder.BIG_ENDIAN).putInt(M_PATH_TABLE_SECTOR).putInt(0);
        primary.put(record(new byte[] {0}, ROOT_SECTOR, SECTOR_SIZE, DIRECTORY_FLAG, new byte[0]));
        primary.put(padded("", 4 * 128 + 3 * 37)); // set, publisher, preparer, application; three names of files
        for (int date = 0; date < 4; date++) {
            primary.put(ascii("0".repeat(16))).put((byte) 0); // §8.4.26.1: not specified
        }
        primary.put((byte) 1); // file structure version

        ByteBuffer terminator = image.slice(TERMINATOR_SECTOR * SECTOR_SIZE, SECTOR_SIZE);
        terminator.put((byte) 255).put(ascii("CD001")).put((byte) 1);
    }

    /** §9.4: the root directory only, with the low byte first and with the high byte first. */
    private static void writePathTables(ByteBuffer image) {
        for (int sector : new int[] {L_PATH_TABLE_SECTOR, M_PATH_TABLE_SECTOR}) {
            image.slice(sector * SECTOR_SIZE, PATH_TABLE_SIZE)
                    .order(sector == L_PATH_TABLE_SECTOR ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN)
                    .put((byte) 1)
                    .put((byte) 0)
                    .putInt(ROOT_SECTOR)
                    .putShort((short) 1);
        }
    }

    private static void writeDirectory(ByteBuffer directory, byte[] identifier, byte[] systemUse) {
        directory.put(record(identifier, ROOT_SECTOR, SECTOR_SIZE, DIRECTORY_FLAG, systemUse));
    }

    /** §9.1, a directory record. Its length is even, and so is the offset of its system use field. */
    private static byte[] record(byte[] identifier, int sector, int size, int flags, byte[] systemUse) {
        int systemUseOffset = (RECORD_FIXED_SIZE + identifier.length + 1) & ~1;
        int length = (systemUseOffset + systemUse.length + 1) & ~1;
        ByteBuffer entry = ByteBuffer.allocate(length);
        entry.put((byte) length).put((byte) 0);
        putBoth(entry, sector);
        putBoth(entry, size);
        entry.put(DATE).put((byte) flags).put((byte) 0).put((byte) 0);
        putBoth(entry, (short) 1);
        entry.put((byte) identifier.length).put(identifier);
        entry.put(systemUseOffset, systemUse);
        return entry.array();
    }

    // ---- system use entries: signature, length, version, data ----

    /** SUSP 5.3: the first entry of the root directory says that there are entries. */
    private static byte[] sharingProtocol() {
        return entry("SP", new byte[] {(byte) 0xbe, (byte) 0xef, 0});
    }

    /** SUSP 5.5: which extension the entries are of, without the optional texts about it. */
    private static byte[] extension() {
        byte[] identifier = ascii("RRIP_1991A");
        return entry("ER", concat(new byte[] {(byte) identifier.length, 0, 0, 1}, identifier));
    }

    /** RRIP 4.1.1: mode, links, and the owner, root. */
    private static byte[] attributes(int mode, int linkCount) {
        ByteBuffer data = ByteBuffer.allocate(32);
        putBoth(data, mode);
        putBoth(data, linkCount);
        return entry("PX", data.array());
    }

    /** RRIP 4.1.4: the real name, in one piece. */
    private static byte[] alternateName(String name) {
        return entry("NM", concat(new byte[] {0}, ascii(name)));
    }

    private static byte[] entry(String signature, byte[] data) {
        return concat(ascii(signature), new byte[] {(byte) (4 + data.length), 1}, data);
    }

    // ---- fields ----

    /** §7.3.3: low byte first, then high byte first. */
    private static void putBoth(ByteBuffer buffer, int value) {
        buffer.putInt(Integer.reverseBytes(value)).putInt(value);
    }

    /** §7.2.3. */
    private static void putBoth(ByteBuffer buffer, short value) {
        buffer.putShort(Short.reverseBytes(value)).putShort(value);
    }

    private static byte[] padded(String text, int size) {
        return ascii(text + " ".repeat(size - text.length()));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] concat(byte[]... parts) {
        ByteBuffer all = ByteBuffer.allocate(
                Arrays.stream(parts).mapToInt(part -> part.length).sum());
        for (byte[] part : parts) {
            all.put(part);
        }
        return all.array();
    }
}
