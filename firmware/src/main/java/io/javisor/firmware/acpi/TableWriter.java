package io.javisor.firmware.acpi;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes a table field by field, little-endian, and mends its length and checksum at the end. */
final class TableWriter {
    /** Offsets in the system description table header (ACPI 6.5 §5.2.6). */
    static final int LENGTH_OFFSET = 4;

    static final int CHECKSUM_OFFSET = 9;
    static final int HEADER_SIZE = 36;

    static final String OEM_ID = "JAVISR";
    private static final String OEM_TABLE_ID = "JAVISOR ";
    private static final int OEM_REVISION = 1;
    private static final String CREATOR_ID = "JVSR";
    private static final int CREATOR_REVISION = 1;

    /** Generic address structure (§5.2.3.2). */
    private static final int GAS_SYSTEM_IO = 1;

    private final ByteArrayOutputStream content = new ByteArrayOutputStream();

    /** A structure without the common header. */
    TableWriter() {}

    /** A table with the common header. */
    TableWriter(String signature, int revision) {
        text(signature);
        u32(0); // length, at the end
        u8(revision);
        u8(0); // checksum, at the end
        text(OEM_ID);
        text(OEM_TABLE_ID);
        u32(OEM_REVISION);
        text(CREATOR_ID);
        u32(CREATOR_REVISION);
    }

    TableWriter text(String ascii) {
        content.writeBytes(ascii.getBytes(StandardCharsets.US_ASCII));
        return this;
    }

    TableWriter u8(int value) {
        return put(1, value);
    }

    TableWriter u16(int value) {
        return put(2, value);
    }

    TableWriter u32(long value) {
        return put(4, value);
    }

    TableWriter u64(long value) {
        return put(8, value);
    }

    TableWriter zeros(int count) {
        content.writeBytes(new byte[count]);
        return this;
    }

    TableWriter aml(AmlTerm term) {
        content.writeBytes(term.bytes());
        return this;
    }

    /** An address in port space, of {@code size} bytes, accessed as a whole. */
    TableWriter ports(int port, int size) {
        int accessSize =
                switch (size) {
                    case 1 -> 1;
                    case 2 -> 2;
                    case 4 -> 3;
                    default -> throw new IllegalArgumentException("a register of " + size + " bytes");
                };
        return u8(GAS_SYSTEM_IO).u8(8 * size).u8(0).u8(accessSize).u64(port);
    }

    /** An address structure that says that there is no register. */
    TableWriter noAddress() {
        return zeros(12);
    }

    int size() {
        return content.size();
    }

    /** The bytes as they are. */
    byte[] bytes() {
        return content.toByteArray();
    }

    /** The table, its length and checksum right. */
    byte[] table() {
        byte[] table = bytes();
        for (int i = 0; i < 4; i++) {
            table[LENGTH_OFFSET + i] = (byte) (table.length >>> (8 * i));
        }
        putChecksum(table, CHECKSUM_OFFSET, table.length);
        return table;
    }

    /** Makes the first {@code size} bytes sum up to 0, modulo 256. */
    static void putChecksum(byte[] table, int checksumOffset, int size) {
        table[checksumOffset] = 0;
        int sum = 0;
        for (int i = 0; i < size; i++) {
            sum += table[i];
        }
        table[checksumOffset] = (byte) -sum;
    }

    private TableWriter put(int size, long value) {
        for (int i = 0; i < size; i++) {
            content.write((int) (value >>> (8 * i)));
        }
        return this;
    }
}
