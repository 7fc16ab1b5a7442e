package io.javisor.firmware.bzimage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.javisor.firmware.elf.ElfImage;
import io.javisor.firmware.testing.Images;
import io.javisor.images.ImageException;
import io.javisor.images.ImageFile;
import io.javisor.testkit.image.ElfBuilder;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RelocationTableTest {
    private static final int MIB = 1 << 20;
    private static final int TEXT = 0x8100_0000;
    private static final int DATA = 0x8120_0000;

    /** Text at 16 MiB, data at 18 MiB with a .bss. */
    private static byte[] vmlinux(int... table) {
        byte[] text = new byte[0x100];
        System.arraycopy(ElfBuilder.le(0xFFFF_FFFF_8100_1234L, 8), 0, text, 0x10, 8);
        System.arraycopy(ElfBuilder.le(0x8100_5678L, 4), 0, text, 0x21, 4);
        byte[] data = new byte[0x80];
        System.arraycopy(ElfBuilder.le(0x0000_1000L, 4), 0, data, 0x7C, 4);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(ElfBuilder.elf64()
                .entry(16 * MIB)
                .load(16 * MIB, text, 0x100)
                .load(18 * MIB, data, 0x1000)
                .bytes());
        for (int word : table) {
            out.writeBytes(ElfBuilder.le(word, 4));
        }
        return out.toByteArray();
    }

    private static RelocationTable read(byte[] bytes) {
        ImageFile file = Images.vmlinux(bytes);
        return RelocationTable.read(file, ElfImage.read(file));
    }

    private static long offset(RelocationTable table, int segment) {
        return table.image().segments().get(segment).fileOffset();
    }

    @Test
    void appliesThreeLists() {
        RelocationTable table = read(vmlinux(0, TEXT + 0x10, 0, DATA + 0x7C, 0, TEXT + 0x21));
        assertEquals(3, table.count());
        table.apply(0x240_0000);
        ImageFile file = table.vmlinux();
        assertEquals(0xFFFF_FFFF_8340_1234L, file.u64(offset(table, 0) + 0x10));
        assertEquals(0x8340_5678L, file.u32(offset(table, 0) + 0x21));
        assertEquals(0xFDC0_1000L, file.u32(offset(table, 1) + 0x7C));
    }

    @Test
    void appliesTwoLists() {
        RelocationTable table = read(vmlinux(0, TEXT + 0x10, 0, TEXT + 0x21, DATA + 0x7C));
        assertEquals(3, table.count());
        table.apply(0x20_0000);
        ImageFile file = table.vmlinux();
        assertEquals(0xFFFF_FFFF_8120_1234L, file.u64(offset(table, 0) + 0x10));
        assertEquals(0x8120_5678L, file.u32(offset(table, 0) + 0x21));
        assertEquals(0x0020_1000L, file.u32(offset(table, 1) + 0x7C));
    }

    @Test
    void listsMayBeEmpty() {
        RelocationTable table = read(vmlinux(0, TEXT + 0x10, 0, 0));
        assertEquals(1, table.count());
        table.apply(0x20_0000);
        assertEquals(0xFFFF_FFFF_8120_1234L, table.vmlinux().u64(offset(table, 0) + 0x10));
    }

    @Test
    void findsEachPlaceAmongManySegments() {
        int count = 100;
        int stride = 0x1000;
        ElfBuilder builder = ElfBuilder.elf64().entry(16 * MIB);
        int[] table = new int[count + 2];
        for (int i = 0; i < count; i++) {
            // In the file in the opposite order, as nothing forbids.
            builder.load(16 * MIB + (long) (count - 1 - i) * stride, ElfBuilder.le(count - 1 - i, 8), 0x800);
            table[i + 1] = TEXT + i * 37 % count * stride;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(builder.bytes());
        for (int word : table) {
            out.writeBytes(ElfBuilder.le(word, 4));
        }
        RelocationTable relocations = read(out.toByteArray());
        relocations.apply(1 << 21);
        for (int i = 0; i < count; i++) {
            assertEquals((1 << 21) + i, relocations.vmlinux().u64(offset(relocations, i)));
        }
    }

    static Stream<Arguments> damaged() {
        String prefix = "the kernel's relocation table is damaged: ";
        return Stream.of(
                arguments(
                        "this kernel has no relocations (CONFIG_RANDOMIZE_BASE); it runs where it was linked only",
                        vmlinux()),
                arguments(prefix + "it starts with 0x81000010 instead of 0", vmlinux(TEXT + 0x10, 0, 0)),
                arguments(prefix + "it has neither two nor three lists", vmlinux(0)),
                arguments(prefix + "it has neither two nor three lists", vmlinux(0, TEXT + 0x10)),
                arguments(prefix + "it has neither two nor three lists", vmlinux(0, 0, 0, 0)),
                arguments(prefix + "0x810000f9 is no place in the kernel", vmlinux(0, TEXT + 0xF9, 0)),
                arguments(prefix + "0x810000fd is no place in the kernel", vmlinux(0, 0, TEXT + 0xFD)),
                arguments(prefix + "0x81200080 is no place in the kernel", vmlinux(0, 0, DATA + 0x80)),
                arguments(prefix + "0x80ffffff is no place in the kernel", vmlinux(0, 0, TEXT - 1)),
                arguments(prefix + "0x00001000 is no place in the kernel", vmlinux(0, 0, 0x1000)),
                arguments(prefix + "0x7fffffff is no place in the kernel", vmlinux(0, 0, 0x7FFF_FFFF)),
                arguments(prefix + "5 bytes are no list of words", Arrays.copyOf(vmlinux(0), vmlinux().length + 5)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("damaged")
    void refusesADamagedTable(String message, byte[] bytes) {
        ImageException e = assertThrows(ImageException.class, () -> read(bytes));
        assertEquals(Images.VMLINUX + ": --kaslr: " + message, e.getMessage());
    }

    @Test
    void survivesMutation() {
        byte[] original = vmlinux(0, TEXT + 0x10, 0, DATA + 0x7C, 0, TEXT + 0x21);
        SplittableRandom random = new SplittableRandom(3);
        for (int round = 0; round < 5_000; round++) {
            byte[] bytes = original.clone();
            for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                read(bytes).apply(0x20_0000);
            } catch (ImageException e) {
                assertEquals(-1, String.valueOf(e.getMessage()).indexOf('\n'));
            }
        }
    }
}
