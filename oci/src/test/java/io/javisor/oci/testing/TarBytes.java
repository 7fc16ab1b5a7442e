package io.javisor.oci.testing;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/** Writes tar archives byte by byte, wrong ones too; it shares nothing with the code that reads them. Names are ISO 8859-1. */
public final class TarBytes {
    public static final int BLOCK = 512;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** A ustar header with its checksum: mode 0644, uid 1, gid 2, mtime 3. */
    public static byte[] header(char type, String name, long size) {
        byte[] header = new byte[BLOCK];
        put(header, 0, name);
        put(header, 100, "0000644\0" + "0000001\0" + "0000002\0");
        put(header, 124, String.format(Locale.ROOT, "%011o\0", size));
        put(header, 136, "00000000003\0");
        header[156] = (byte) type;
        put(header, 257, "ustar\0" + "00");
        put(header, 329, "0000000\0" + "0000000\0");
        return sum(header);
    }

    /** Puts text into a header, without a new checksum. */
    public static byte[] put(byte[] header, int offset, String text) {
        byte[] bytes = latin1(text);
        System.arraycopy(bytes, 0, header, offset, bytes.length);
        return header;
    }

    /** Gives a header its checksum. */
    public static byte[] sum(byte[] header) {
        Arrays.fill(header, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte each : header) {
            sum += each & 0xFF;
        }
        return put(header, 148, String.format(Locale.ROOT, "%06o\0 ", sum));
    }

    /** A header with text at an offset, and the checksum that is right then. */
    public static byte[] changed(byte[] header, int offset, String text) {
        return sum(put(header.clone(), offset, text));
    }

    public static byte[] latin1(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** A record of pax. */
    public static String record(String key, String value) {
        int length = key.length() + value.length() + 3;
        int digits = 1;
        while (Integer.toString(length + digits).length() > digits) {
            digits++;
        }
        return length + digits + " " + key + "=" + value + "\n";
    }

    /** Adds bytes as they are. */
    public TarBytes raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    /** Adds a header, and bytes filled up to blocks. */
    public TarBytes entry(byte[] header, byte[] content) {
        return raw(header).raw(content).raw(new byte[-content.length & (BLOCK - 1)]);
    }

    public TarBytes file(String name, String content) {
        return entry(header('0', name, content.length()), latin1(content));
    }

    public TarBytes directory(String name) {
        return raw(changed(header('5', name, 0), 100, "0000755"));
    }

    public TarBytes symlink(String name, String target) {
        return raw(changed(header('2', name, 0), 157, target));
    }

    public TarBytes hardLink(String name, String target) {
        return raw(changed(header('1', name, 0), 157, target));
    }

    /** An extended header of whole records. */
    public TarBytes pax(char type, String records) {
        return entry(header(type, "pax", records.length()), latin1(records));
    }

    /** An extended header of one record for the next entry. */
    public TarBytes pax(String key, String value) {
        return pax('x', record(key, value));
    }

    /** GNU's long name, {@code L}, or long target, {@code K}, with its NUL. */
    public TarBytes gnu(char type, String name) {
        return entry(changed(header(type, "././@LongLink", name.length() + 1), 257, "ustar  \0"), latin1(name + "\0"));
    }

    /** The end: two blocks of zeros. */
    public byte[] end() {
        return raw(new byte[2 * BLOCK]).bytes();
    }

    /** What was added, without an end. */
    public byte[] bytes() {
        return out.toByteArray();
    }
}
