package io.javisor.firmware.elf;

import static io.javisor.testkit.image.ElfBuilder.elf32;
import static io.javisor.testkit.image.ElfBuilder.elf64;
import static io.javisor.testkit.image.ElfBuilder.kernel;
import static io.javisor.testkit.image.ElfBuilder.le;
import static io.javisor.testkit.image.ElfBuilder.note;
import static io.javisor.testkit.image.ElfBuilder.pattern;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.firmware.testing.Images;
import io.javisor.firmware.testing.TestMachine;
import io.javisor.images.ImageException;
import io.javisor.images.ImageFile;
import io.javisor.testkit.image.ElfBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ElfReaderTest {
    private static final byte[] CODE = pattern(0x20, 3);

    private static ElfImage read(byte[] bytes) {
        return ElfImage.read(Images.vmlinux(bytes));
    }

    private static void assertRefused(String message, byte[] bytes) {
        ImageException e = assertThrows(ImageException.class, () -> read(bytes));
        assertEquals(Images.VMLINUX + ": " + message, e.getMessage());
    }

    /** A copy with {@code value} in {@code size} bytes at {@code offset}. */
    private static byte[] patch(byte[] bytes, int offset, int size, long value) {
        byte[] patched = bytes.clone();
        System.arraycopy(le(value, size), 0, patched, offset, size);
        return patched;
    }

    @Test
    void readsSegmentsAndEntry() {
        ElfImage image = ElfImage.read(Images.file(kernel()));
        assertTrue(image.is64Bit());
        assertFalse(image.linux());
        assertEquals(0x20_0000, image.entry());
        assertEquals(OptionalLong.empty(), image.pvhEntryGpa());
        assertEquals(
                List.of(
                        new ElfSegment(0, new GpaRange(0x20_0000, 0x1234), 0x20_0000, 64 + 2 * 56, 0x1234),
                        new ElfSegment(1, new GpaRange(0x30_0000, 0x5000), 0x30_0000, 64 + 2 * 56 + 0x1234, 0x100)),
                image.segments());
    }

    @Test
    void loadsToPhysicalAddressesAndLeavesBssUntouched() {
        GuestMemory memory = TestMachine.memory(4 << 20);
        // Not what a fresh guest has: shows that nothing is written beyond the file's bytes.
        memory.fill(0x30_0100, 0x4F00, (byte) 0x5A);
        ElfImage.read(Images.file(kernel())).load(memory);
        assertArrayEquals(pattern(0x1234, 1), bytes(memory, 0x20_0000, 0x1234));
        assertEquals(0, memory.getByte(0x20_1234));
        assertEquals(0, memory.getByte(0x1F_FFFF));
        assertArrayEquals(pattern(0x100, 2), bytes(memory, 0x30_0000, 0x100));
        byte[] bss = new byte[0x4F00];
        Arrays.fill(bss, (byte) 0x5A);
        assertArrayEquals(bss, bytes(memory, 0x30_0100, 0x4F00));
    }

    private static byte[] bytes(GuestMemory memory, long gpa, int length) {
        byte[] bytes = new byte[length];
        memory.copyOut(gpa, MemorySegment.ofArray(bytes), 0, length);
        return bytes;
    }

    @Test
    void sortsSegmentsByAddressAndSkipsEmptyOnes() {
        ElfImage image = ElfImage.read(Images.file(
                elf64().load(0x40_0000, CODE, 0x20).load(0, new byte[0], 0).load(0x20_0000, CODE, 0x30)));
        assertEquals(
                List.of(2, 0), image.segments().stream().map(ElfSegment::index).toList());
    }

    @Test
    void adjoiningSegmentsDoNotOverlap() {
        assertEquals(
                2,
                read(elf64().load(0x20_0000, CODE, 0x1000)
                                .load(0x20_1000, CODE, 0x1000)
                                .bytes())
                        .segments()
                        .size());
    }

    @Test
    void entryIsCodeOnlyWhereTheFileFills() {
        ElfImage image = ElfImage.read(Images.file(kernel()));
        assertTrue(image.hasCodeAt(0x20_0000));
        assertTrue(image.hasCodeAt(0x20_1233));
        assertFalse(image.hasCodeAt(0x20_1234));
        assertTrue(image.hasCodeAt(0x30_00FF));
        assertFalse(image.hasCodeAt(0x30_0100), "in .bss");
        assertFalse(image.hasCodeAt(0x1F_FFFF));
        assertFalse(image.hasCodeAt(-1));
    }

    @Test
    void reads32BitImages() {
        ElfImage image = read(elf32().entry(0x10_0000)
                .load(0x10_0000, CODE, 0x40)
                .pvhNote(0x10_0010)
                .bytes());
        assertFalse(image.is64Bit());
        assertEquals(0x10_0000, image.entry());
        assertEquals(OptionalLong.of(0x10_0010), image.pvhEntryGpa());
        assertEquals(
                List.of(new ElfSegment(0, new GpaRange(0x10_0000, 0x40), 0x10_0000, 52 + 2 * 32, 0x20)),
                image.segments());
    }

    @Test
    void positionIndependentKernelsLoadAtTheirLinkAddress() {
        assertEquals(0x20_0000, read(kernel().type(3).bytes()).entry());
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 8})
    void readsPvhEntryOfBothSizes(int size) {
        assertEquals(
                OptionalLong.of(0xF020_0010L),
                read(kernel().notes(4, note("Xen", 18, le(0xF020_0010L, size), 4))
                                .bytes())
                        .pvhEntryGpa());
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 8})
    void findsNotesBehindOthers(int align) {
        byte[] kernel = kernel().notes(
                        align,
                        note("GNU", 3, new byte[20], align),
                        note("Linux", 0x100, new byte[1], align),
                        note("a very long owner's name, longer than any that matters", 18, new byte[3], align),
                        note("Xen", 6, new byte[7], align),
                        note("Xen", 18, le(0x20_0010, 8), align))
                .bytes();
        ElfImage image = read(kernel);
        assertTrue(image.linux());
        assertEquals(OptionalLong.of(0x20_0010), image.pvhEntryGpa());
    }

    /** As binutils links them with --enable-x86-used-note: the widest section decides of p_align, and not of how others are padded. */
    @Test
    void findsNarrowNotesInAWideSegment() {
        byte[] linux = note("Linux", 0x100, new byte[4], 4);
        byte[] xen = note("Xen", 18, le(0x20_0010, 8), 4);
        byte[] property = note("GNU", 5, new byte[16], 8);
        byte[] padding = new byte[4];
        byte[] odd = note("Linux", 0x101, new byte[8], 4);
        for (byte[][] notes :
                List.of(new byte[][] {linux, xen, property}, new byte[][] {property, linux, xen}, new byte[][] {
                    odd, padding, property, linux, xen
                })) {
            ElfImage image = read(kernel().notes(8, notes).bytes());
            assertTrue(image.linux());
            assertEquals(OptionalLong.of(0x20_0010), image.pvhEntryGpa());
        }
    }

    @Test
    void aNoteThatCannotBeReadEndsTheWalk() {
        for (byte[] kernel :
                List.of(pvhNotePatched(4, 9), pvhNotePatched(4, 0xFFFF_FFFFL), pvhNotePatched(0, 0xFFFF_FFFFL))) {
            assertTrue(read(kernel).pvhEntryGpa().isEmpty());
        }
        byte[] first = note("Xen", 18, le(0x20_0010, 8), 4);
        byte[] cut = patch(note("GNU", 3, new byte[20], 4), 4, 4, 400);
        assertEquals(
                OptionalLong.of(0x20_0010),
                read(kernel().notes(4, first, cut).bytes()).pvhEntryGpa());
    }

    @Test
    void findsNotesInAnySegment() {
        ElfImage image = read(kernel().pvhNote(0x20_0000).linuxNote().bytes());
        assertTrue(image.linux());
        assertTrue(image.pvhEntryGpa().isPresent());
    }

    @Test
    void onlyXensNoteOfThatTypeIsAPvhEntry() {
        byte[] kernel = kernel().notes(
                        4, note("Xen", 17, le(1, 8), 4), note("Xenix", 18, le(1, 8), 4), note("GNU", 18, le(1, 8), 4))
                .bytes();
        assertTrue(read(kernel).pvhEntryGpa().isEmpty());
    }

    @Test
    void sameEntryTwiceIsOneEntry() {
        assertEquals(
                OptionalLong.of(0x20_0000),
                read(kernel().pvhNote(0x20_0000).pvhNote(0x20_0000).bytes()).pvhEntryGpa());
    }

    @Test
    void readsSegmentsBeyond2GiBOfTheFile() {
        // A sparse mapping: header and program header in front, the segment's bytes behind 2 GiB.
        try (Arena arena = Arena.ofConfined()) {
            long far = 0x8000_1000L;
            MemorySegment file = sparse(arena, far + CODE.length);
            byte[] head = elf64().entry(0x20_0000).load(0x20_0000, CODE, 0x20).bytes();
            MemorySegment.copy(MemorySegment.ofArray(patch(head, 64 + 8, 8, far)), 0, file, 0, 64 + 56);
            MemorySegment.copy(MemorySegment.ofArray(CODE), 0, file, far, CODE.length);
            GuestMemory memory = TestMachine.memory(4 << 20);
            ElfImage.read(new ImageFile("big", file)).load(memory);
            assertArrayEquals(CODE, bytes(memory, 0x20_0000, CODE.length));
        }
    }

    private static MemorySegment sparse(Arena arena, long sizeBytes) {
        try {
            Path path = Files.createTempFile("javisor-sparse", ".elf");
            try (var channel = FileChannel.open(
                    path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE)) {
                return channel.map(FileChannel.MapMode.READ_WRITE, 0, sizeBytes, arena);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Stream<Arguments> malformed() {
        byte[] good = kernel().bytes();
        byte[] oneSegment = elf64().entry(0x20_0000).load(0x20_0000, CODE, 0x20).bytes();
        int ph = 64;
        return Stream.of(
                arguments("unknown ELF class 0", patch(good, 4, 1, 0)),
                arguments("unknown ELF class 3", patch(good, 4, 1, 3)),
                arguments("a big-endian ELF image; x86 is little-endian", patch(good, 5, 1, 2)),
                arguments("unknown ELF byte order 7", patch(good, 5, 1, 7)),
                arguments("unknown ELF version 9", patch(good, 20, 4, 9)),
                arguments("unknown ELF version 1", patch(good, 6, 1, 2)),
                arguments("the ELF image is an object file, not an executable", patch(good, 16, 2, 1)),
                arguments("the ELF image is a core dump, not an executable", patch(good, 16, 2, 4)),
                arguments("the ELF image is of type 65535, not an executable", patch(good, 16, 2, 0xFFFF)),
                arguments(wrongMachine("AArch64"), patch(good, 18, 2, 183)),
                arguments(wrongMachine("RISC-V"), patch(good, 18, 2, 243)),
                arguments(wrongMachine("i386"), patch(good, 18, 2, 3)),
                arguments(wrongMachine("machine 4660"), patch(good, 18, 2, 0x1234)),
                arguments(
                        wrongMachine("x86-64 with 32-bit addresses (x32)"),
                        elf32().machine(62).bytes()),
                arguments("the ELF image has no program headers", patch(good, 56, 2, 0)),
                arguments("the ELF image has no program headers", elf64().bytes()),
                arguments("the ELF image has too many program headers", patch(good, 56, 2, 0xFFFF)),
                arguments("ELF program headers of 32 bytes; they have 56", patch(good, 54, 2, 32)),
                arguments("ELF program headers of 0 bytes; they have 56", patch(good, 54, 2, 0)),
                arguments(
                        "truncated: 200 program headers at 0x40 go beyond the file's 5092 bytes",
                        patch(good, 56, 2, 200)),
                arguments(
                        "truncated: 2 program headers at 0x13a0 go beyond the file's 5092 bytes",
                        patch(good, 32, 8, 0x13A0)),
                arguments(
                        "truncated: 2 program headers at 0xffffffffffffffc0 go beyond the file's 5092 bytes",
                        patch(good, 32, 8, -64)),
                arguments(
                        "truncated: 2 program headers at 0x7fffffffffffffff go beyond the file's 5092 bytes",
                        patch(good, 32, 8, Long.MAX_VALUE)),
                arguments(
                        "the ELF image has no loadable segment",
                        elf64().notes(4, note("GNU", 3, CODE, 4)).bytes()),
                arguments(
                        "the ELF image has no loadable segment",
                        elf64().load(0x20_0000, new byte[0], 0).bytes()),
                arguments(
                        "segment 0 has 0x20 bytes in the file but only 0x1f in memory",
                        patch(oneSegment, ph + 40, 8, 0x1F)),
                arguments(
                        "segment 0 has 0x20 bytes in the file but only 0x0 in memory",
                        patch(oneSegment, ph + 40, 8, 0)),
                arguments(
                        "truncated: segment 0, 0x20 bytes at file offset 0x79, goes beyond the file's 0x98 bytes",
                        patch(oneSegment, ph + 8, 8, 0x79)),
                arguments(
                        "truncated: segment 0, 0x20 bytes at file offset 0xffffffffffffffff, goes beyond the file's"
                                + " 0x98 bytes",
                        patch(oneSegment, ph + 8, 8, -1)),
                arguments(
                        "truncated: segment 0, 0x20 bytes at file offset 0x7fffffffffffffff, goes beyond the file's"
                                + " 0x98 bytes",
                        patch(oneSegment, ph + 8, 8, Long.MAX_VALUE)),
                arguments(
                        "truncated: segment 0, 0x7fffffffffffffff bytes at file offset 0x78, goes beyond the file's"
                                + " 0x98 bytes",
                        elf64().loadClaiming(0, CODE, Long.MAX_VALUE, Long.MAX_VALUE)
                                .bytes()),
                arguments(
                        "truncated: segment 0, 0xffffffffffffffff bytes at file offset 0x78, goes beyond the file's"
                                + " 0x98 bytes",
                        elf64().loadClaiming(0, CODE, -1, -1).bytes()),
                arguments(
                        "segment 0: 0x8000000000000000 bytes at 0x200000 overflow the address space",
                        patch(oneSegment, ph + 40, 8, Long.MIN_VALUE)),
                arguments(
                        "segment 0: 0x7fffffffffffffff bytes at 0x200000 overflow the address space",
                        patch(oneSegment, ph + 40, 8, Long.MAX_VALUE)),
                arguments(
                        "segment 0: 0x20 bytes at 0xffffffff81000000 overflow the address space",
                        patch(oneSegment, ph + 24, 8, 0xFFFF_FFFF_8100_0000L)),
                arguments(
                        "segment 0: 0x20 bytes at 0x7ffffffffffffff0 overflow the address space",
                        patch(oneSegment, ph + 24, 8, Long.MAX_VALUE - 15)),
                arguments(
                        "segments 0 (0x200000-0x200fff) and 1 (0x200fff-0x20101e) overlap",
                        elf64().load(0x20_0000, CODE, 0x1000)
                                .load(0x20_0FFF, CODE, 0x20)
                                .bytes()),
                arguments(
                        "segments 1 (0x1ff000-0x2fefff) and 0 (0x200000-0x20001f) overlap",
                        elf64().load(0x20_0000, CODE, 0x20)
                                .load(0x1F_F000, CODE, 0x10_0000)
                                .bytes()),
                arguments(
                        "segments 0 (0x200000-0x20001f) and 1 (0x200000-0x20001f) overlap",
                        elf64().load(0x20_0000, CODE, 0x20)
                                .load(0x20_0000, CODE, 0x20)
                                .bytes()),
                arguments(
                        "not a kernel: an ELF program that wants a dynamic linker (PT_INTERP)",
                        elf64().segment(ElfBuilder.PT_INTERP, "/lib64/ld.so\0".getBytes(StandardCharsets.US_ASCII))
                                .bytes()),
                arguments(
                        "not a kernel: an ELF program for an operating system (GNU ABI tag)",
                        kernel().notes(4, note("GNU", 1, new byte[16], 4)).bytes()),
                arguments(
                        "the PVH entry note has 0 bytes; an address has 4 or 8",
                        kernel().notes(4, note("Xen", 18, new byte[0], 4)).bytes()),
                arguments(
                        "the PVH entry note has 16 bytes; an address has 4 or 8",
                        kernel().notes(4, note("Xen", 18, new byte[16], 4)).bytes()),
                arguments(
                        "the PVH entry 0x100000000 is not a 32-bit address",
                        kernel().pvhNote(1L << 32).bytes()),
                arguments(
                        "the PVH entry 0xffffffff81000680 is not a 32-bit address",
                        kernel().pvhNote(0xFFFF_FFFF_8100_0680L).bytes()),
                arguments(
                        "two PVH entry notes that differ: 0x200000 and 0x200010",
                        kernel().pvhNote(0x20_0000).pvhNote(0x20_0010).bytes()),
                arguments(
                        "truncated: note segment 1, 0x1000 bytes at file offset 0xd0, goes beyond the file's 0xe8"
                                + " bytes",
                        patch(oneSegmentAndPvhNote(), 64 + 56 + 32, 8, 0x1000)),
                arguments(
                        "malformed: up to note segment 3 there are 0x240 bytes of notes in a file of 0x200",
                        notesThreeTimes()));
    }

    /** Three headers that name the same notes. */
    private static byte[] notesThreeTimes() {
        int header = 64 + 56;
        int notesAt = 64 + 4 * 56 + CODE.length;
        byte[] bytes = elf64().entry(0x20_0000)
                .load(0x20_0000, CODE, 0x20)
                .notes(4)
                .notes(4)
                .notes(4, new byte[0x200 - notesAt])
                .bytes();
        System.arraycopy(bytes, header + 2 * 56, bytes, header, 56);
        System.arraycopy(bytes, header + 2 * 56, bytes, header + 56, 56);
        return bytes;
    }

    private static byte[] oneSegmentAndPvhNote() {
        return elf64().entry(0x20_0000)
                .load(0x20_0000, CODE, 0x20)
                .pvhNote(0x20_0000)
                .bytes();
    }

    private static byte[] pvhNotePatched(int offsetInNote, long value) {
        return patch(oneSegmentAndPvhNote(), 64 + 2 * 56 + CODE.length + offsetInNote, 4, value);
    }

    private static String wrongMachine(String name) {
        return "an ELF image for " + name
                + "; it takes one for x86-64, or for i386 with a PVH note or a Multiboot header";
    }

    @ParameterizedTest(name = "[{index}] {0}")
    @MethodSource("malformed")
    void refusesMalformed(String message, byte[] bytes) {
        assertRefused(message, bytes);
    }

    static IntStream everyLength() {
        return IntStream.rangeClosed(4, 64 + 2 * 56 + 0x20);
    }

    @ParameterizedTest
    @MethodSource("everyLength")
    void refusesEveryTruncation(int length) {
        ImageException e = assertThrows(ImageException.class, () -> read(Arrays.copyOf(kernel().bytes(), length)));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.startsWith(Images.VMLINUX + ": truncated: "), message);
        assertEquals(1, message.lines().count());
    }
}
