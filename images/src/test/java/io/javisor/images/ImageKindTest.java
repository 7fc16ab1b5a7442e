package io.javisor.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.javisor.testkit.image.ElfBuilder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ImageKindTest {
    private static ImageFile file(byte... bytes) {
        return new ImageFile("f", MemorySegment.ofArray(bytes));
    }

    private static byte[] at(int offset, int... bytes) {
        // 0x01: neither zero nor text.
        byte[] file = new byte[Math.max(offset + bytes.length, 1024)];
        Arrays.fill(file, (byte) 1);
        for (int i = 0; i < bytes.length; i++) {
            file[offset + i] = (byte) bytes[i];
        }
        return file;
    }

    private static byte[] bootable(byte[] file) {
        file[0x1FE] = 0x55;
        file[0x1FF] = (byte) 0xAA;
        return file;
    }

    private static byte[] gzip() {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
                gzip.write(new byte[100]);
            }
            return out.toByteArray();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static Stream<Arguments> files() {
        byte[] bzImage = bootable(at(0x202, 'H', 'd', 'r', 'S'));
        byte[] efiStub = bzImage.clone();
        efiStub[0] = 'M';
        efiStub[1] = 'Z';
        return Stream.of(
                arguments(ImageKind.EMPTY, new byte[0]),
                arguments(ImageKind.ELF, ElfBuilder.kernel().bytes()),
                arguments(ImageKind.ELF, new byte[] {0x7F, 'E', 'L', 'F'}),
                arguments(ImageKind.UNKNOWN, new byte[] {0x7F, 'E', 'L'}),
                arguments(ImageKind.BZIMAGE, bzImage),
                arguments(ImageKind.BZIMAGE, efiStub),
                arguments(ImageKind.UNKNOWN, at(0x202, 'H', 'd', 'r', 'S')),
                arguments(ImageKind.ARM64_IMAGE, at(0x38, 'A', 'R', 'M', 0x64)),
                arguments(ImageKind.GZIP, gzip()),
                arguments(ImageKind.BZIP2, at(0, 'B', 'Z', 'h', '9')),
                arguments(ImageKind.XZ, at(0, 0xFD, '7', 'z', 'X', 'Z', 0)),
                arguments(ImageKind.LZMA, at(0, 0x5D, 0, 0, 0x80)),
                arguments(ImageKind.LZ4, at(0, 0x04, 0x22, 0x4D, 0x18)),
                arguments(ImageKind.LZ4, at(0, 0x02, 0x21, 0x4C, 0x18)),
                arguments(ImageKind.LZOP, at(0, 0x89, 'L', 'Z', 'O', 0, 0x0D, 0x0A)),
                arguments(ImageKind.ZSTD, at(0, 0x28, 0xB5, 0x2F, 0xFD)),
                arguments(ImageKind.CPIO, text("07070100000001")),
                arguments(ImageKind.TAR, at(257, 'u', 's', 't', 'a', 'r')),
                arguments(ImageKind.EXT_FILESYSTEM, at(0x438, 0x53, 0xEF)),
                arguments(ImageKind.SQUASHFS, at(0, 'h', 's', 'q', 's')),
                arguments(ImageKind.QCOW2, at(0, 'Q', 'F', 'I', 0xFB)),
                arguments(ImageKind.ISO9660, at(0x8001, 'C', 'D', '0', '0', '1')),
                arguments(ImageKind.EFI_PROGRAM, at(0, 'M', 'Z')),
                arguments(ImageKind.BOOT_SECTOR, bootable(at(0))),
                arguments(ImageKind.SCRIPT, text("#!/bin/sh\n")),
                arguments(ImageKind.TEXT, text("KERNEL=vmlinux\r\n\tgrüße\n")),
                arguments(ImageKind.ZEROS, new byte[4096]),
                arguments(ImageKind.UNKNOWN, at(0, 0xDE, 0xAD)));
    }

    @ParameterizedTest
    @MethodSource("files")
    void judgesByContent(ImageKind kind, byte[] bytes) {
        assertEquals(kind, ImageKind.of(file(bytes)));
    }

    @Test
    void containsNeverOverflows() {
        ImageFile file = file(new byte[10]);
        assertTrue(file.contains(0, 10));
        assertTrue(file.contains(10, 0));
        assertFalse(file.contains(10, 1));
        assertFalse(file.contains(11, 0));
        assertFalse(file.contains(-1, 1));
        assertFalse(file.contains(1, -1));
        assertFalse(file.contains(1, Long.MAX_VALUE));
        assertFalse(file.contains(Long.MAX_VALUE, 1));
    }

    @Test
    void readsLittleEndianUnsigned() {
        ImageFile file = file(ElfBuilder.le(0xF8F7_F6F5_F4F3_F2F1L, 8));
        assertEquals(0xF1, file.u8(0));
        assertEquals(0xF3F2, file.u16(1));
        assertEquals(0xF7F6_F5F4L, file.u32(3));
        assertEquals(0xF8F7_F6F5_F4F3_F2F1L, file.u64(0));
    }
}
