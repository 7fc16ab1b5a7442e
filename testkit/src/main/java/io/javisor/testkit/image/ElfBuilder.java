package io.javisor.testkit.image;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Builds ELF files by hand: header, program headers, then each segment's bytes. Says whatever it is told, true or not. */
public final class ElfBuilder {
    public static final int PT_LOAD = 1;
    public static final int PT_INTERP = 3;
    public static final int PT_NOTE = 4;

    private record Header(int type, long vaddr, long paddr, ByteBuffer bytes, long filesz, long memsz, long align) {}

    private final boolean is64Bit;
    private final List<Header> headers = new ArrayList<>();
    private int type = 2;
    private int machine;
    private long entry;

    private ElfBuilder(boolean is64Bit, int machine) {
        this.is64Bit = is64Bit;
        this.machine = machine;
    }

    /** An x86-64 executable without segments. */
    public static ElfBuilder elf64() {
        return new ElfBuilder(true, 62);
    }

    /** An i386 executable without segments. */
    public static ElfBuilder elf32() {
        return new ElfBuilder(false, 3);
    }

    /** What a kernel looks like: text at 2 MiB with the entry, data with a .bss at 3 MiB. */
    public static ElfBuilder kernel() {
        return elf64().entry(0x20_0000)
                .load(0x20_0000, pattern(0x1234, 1), 0x1234)
                .load(0x30_0000, pattern(0x100, 2), 0x5000);
    }

    /** {@code size} bytes that are not zero and differ by {@code seed}. */
    public static byte[] pattern(int size, int seed) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (1 + (i * 7 + seed * 31) % 255);
        }
        return bytes;
    }

    public ElfBuilder type(int value) {
        type = value;
        return this;
    }

    public ElfBuilder machine(int value) {
        machine = value;
        return this;
    }

    public ElfBuilder entry(long value) {
        entry = value;
        return this;
    }

    public ElfBuilder load(long paddr, byte[] bytes, long memsz) {
        return loadLinkedAt(paddr, paddr, bytes, memsz);
    }

    /** A segment that is linked for another address than it is loaded to. */
    public ElfBuilder loadLinkedAt(long vaddr, long paddr, byte[] bytes, long memsz) {
        headers.add(new Header(PT_LOAD, vaddr, paddr, ByteBuffer.wrap(bytes), bytes.length, memsz, 0x1000));
        return this;
    }

    /** A segment whose file size is a claim of its own. */
    public ElfBuilder loadClaiming(long paddr, byte[] bytes, long filesz, long memsz) {
        headers.add(new Header(PT_LOAD, paddr, paddr, ByteBuffer.wrap(bytes), filesz, memsz, 0x1000));
        return this;
    }

    public ElfBuilder segment(int segmentType, byte[] bytes) {
        headers.add(new Header(segmentType, 0, 0, ByteBuffer.wrap(bytes), bytes.length, bytes.length, 4));
        return this;
    }

    /** One PT_NOTE with {@code notes}, padded to {@code align}. */
    public ElfBuilder notes(int align, byte[]... notes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] note : notes) {
            out.writeBytes(note);
        }
        headers.add(new Header(PT_NOTE, 0, 0, ByteBuffer.wrap(out.toByteArray()), out.size(), out.size(), align));
        return this;
    }

    public ElfBuilder pvhNote(long entryGpa) {
        return notes(4, note("Xen", 18, le(entryGpa, 8), 4));
    }

    public ElfBuilder linuxNote() {
        return notes(4, note("Linux", 0x101, new byte[1], 4));
    }

    /** A note with its padding. */
    public static byte[] note(String name, int noteType, byte[] desc, int align) {
        byte[] owner = (name + "\0").getBytes(StandardCharsets.US_ASCII);
        int descAt = up(12 + owner.length, align);
        ByteBuffer buffer = ByteBuffer.allocate(up(descAt + desc.length, align)).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(owner.length).putInt(desc.length).putInt(noteType).put(owner);
        buffer.position(descAt).put(desc);
        return buffer.array();
    }

    /** The low {@code size} bytes of {@code value}. */
    public static byte[] le(long value, int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (value >>> (8 * i));
        }
        return bytes;
    }

    public byte[] bytes() {
        int headerSize = is64Bit ? 64 : 52;
        int entrySize = is64Bit ? 56 : 32;
        int dataAt = headerSize + headers.size() * entrySize;
        int size = dataAt
                + headers.stream().mapToInt(header -> header.bytes.capacity()).sum();
        ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        out.put(new byte[] {0x7F, 'E', 'L', 'F', (byte) (is64Bit ? 2 : 1), 1, 1})
                .position(16);
        out.putShort((short) type).putShort((short) machine).putInt(1);
        address(out, entry);
        address(out, headerSize);
        address(out, 0);
        out.putInt(0).putShort((short) headerSize).putShort((short) entrySize).putShort((short) headers.size());
        out.position(headerSize);
        for (Header header : headers) {
            put(out, header, dataAt);
            dataAt += header.bytes.capacity();
        }
        for (Header header : headers) {
            out.put(header.bytes.duplicate());
        }
        return out.array();
    }

    private void put(ByteBuffer out, Header header, int fileOffset) {
        out.putInt(header.type);
        if (is64Bit) {
            out.putInt(5);
        }
        address(out, fileOffset);
        address(out, header.vaddr);
        address(out, header.paddr);
        address(out, header.filesz);
        address(out, header.memsz);
        if (!is64Bit) {
            out.putInt(5);
        }
        address(out, header.align);
    }

    private void address(ByteBuffer out, long value) {
        if (is64Bit) {
            out.putLong(value);
        } else {
            out.putInt((int) value);
        }
    }

    private static int up(int value, int align) {
        return (value + align - 1) / align * align;
    }
}
