package io.javisor.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.javisor.testkit.image.ElfBuilder;
import io.javisor.testkit.image.ExtBuilder;
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

class FileKindTest {
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
                arguments(FileKind.EMPTY, new byte[0]),
                arguments(FileKind.ELF, ElfBuilder.kernel().bytes()),
                arguments(FileKind.ELF, new byte[] {0x7F, 'E', 'L', 'F'}),
                arguments(FileKind.UNKNOWN, new byte[] {0x7F, 'E', 'L'}),
                arguments(FileKind.BZIMAGE, bzImage),
                arguments(FileKind.BZIMAGE, efiStub),
                arguments(FileKind.UNKNOWN, at(0x202, 'H', 'd', 'r', 'S')),
                arguments(FileKind.ARM64_IMAGE, at(0x38, 'A', 'R', 'M', 0x64)),
                arguments(FileKind.GZIP, gzip()),
                arguments(FileKind.BZIP2, at(0, 'B', 'Z', 'h', '9')),
                arguments(FileKind.XZ, at(0, 0xFD, '7', 'z', 'X', 'Z', 0)),
                arguments(FileKind.LZMA, at(0, 0x5D, 0, 0, 0x80)),
                arguments(FileKind.LZ4, at(0, 0x04, 0x22, 0x4D, 0x18)),
                arguments(FileKind.LZ4, at(0, 0x02, 0x21, 0x4C, 0x18)),
                arguments(FileKind.LZOP, at(0, 0x89, 'L', 'Z', 'O', 0, 0x0D, 0x0A)),
                arguments(FileKind.ZSTD, at(0, 0x28, 0xB5, 0x2F, 0xFD)),
                arguments(FileKind.CPIO, text("07070100000001")),
                arguments(FileKind.TAR, at(257, 'u', 's', 't', 'a', 'r')),
                arguments(FileKind.EXT, at(0x438, 0x53, 0xEF)),
                arguments(FileKind.SQUASHFS, at(0, 'h', 's', 'q', 's')),
                arguments(FileKind.QCOW2, at(0, 'Q', 'F', 'I', 0xFB)),
                arguments(FileKind.ISO9660, at(0x8001, 'C', 'D', '0', '0', '1')),
                arguments(FileKind.EFI_PROGRAM, at(0, 'M', 'Z')),
                arguments(FileKind.BOOT_SECTOR, bootable(at(0))),
                arguments(FileKind.SCRIPT, text("#!/bin/sh\n")),
                arguments(FileKind.TEXT, text("KERNEL=vmlinux\r\n\tgrüße\n")),
                arguments(FileKind.ZEROS, new byte[4096]),
                arguments(FileKind.UNKNOWN, at(0, 0xDE, 0xAD)));
    }

    @ParameterizedTest
    @MethodSource("files")
    void judgesByContent(FileKind kind, byte[] bytes) {
        assertEquals(kind, FileKind.of(file(bytes)));
    }

    private static ByteSource with(int size, int offset, String magic) {
        byte[] bytes = new byte[size];
        byte[] put = magic.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(put, 0, bytes, offset, put.length);
        return file(bytes);
    }

    private static FileKind volume(ByteSource bytes) {
        return FileKind.among(FileKind.Group.VOLUME, bytes);
    }

    @Test
    void recognisesWhatAPartitionHolds() {
        assertEquals(FileKind.EXT, volume(file(ExtBuilder.ext4().bytes())));
        assertEquals(FileKind.XFS, volume(with(512, 0, "XFSB")));
        assertEquals(FileKind.BTRFS, volume(with(0x1_1000, 0x1_0040, "_BHRfS_M")));
        assertEquals(FileKind.FAT, volume(with(512, 0x52, "FAT32   ")));
        assertEquals(FileKind.FAT, volume(with(512, 0x36, "FAT12   ")));
        assertEquals(FileKind.LUKS, volume(with(512, 0, "LUKS\u00BA\u00BE")));
        assertEquals(FileKind.LVM, volume(with(1024, 0x218, "LVM2 001")));
        assertEquals(FileKind.RAID, volume(with(0x2000, 0x1000, "\u00FCN+\u00A9")));
        assertEquals(FileKind.SWAP, volume(with(4096, 0xFF6, "SWAPSPACE2")));
        assertEquals(FileKind.UNKNOWN, volume(with(512, 0, "XFS")));
        assertEquals(FileKind.UNKNOWN, volume(with(0, 0, "")));
    }

    /** A partition's start may be left from what was there before. */
    @Test
    void aGroupsKindsAreSeenBehindOthers() {
        byte[] bytes = ExtBuilder.ext4().bytes();
        System.arraycopy(new byte[] {0x7F, 'E', 'L', 'F'}, 0, bytes, 0, 4);
        assertEquals(FileKind.ELF, FileKind.of(file(bytes)));
        assertEquals(FileKind.EXT, volume(file(bytes)));
        assertTrue(FileKind.EXT.isIn(file(bytes)));
        assertEquals(FileKind.UNKNOWN, FileKind.among(FileKind.Group.DISK_FORMAT, file(bytes)));
    }

    /** A kernel's place takes any file by mistake. */
    @Test
    void aFileMayBeAnyOfThem() {
        assertEquals(FileKind.VMDK, FileKind.of(file(text("# Disk DescriptorFile\nversion=1\n"))));
        assertEquals(FileKind.SWAP, FileKind.of(with(4096, 0xFF6, "SWAPSPACE2")));
        assertEquals(
                "a FAT filesystem",
                FileKind.of(file(bootable(at(0x52, 'F', 'A', 'T', '3', '2', ' ', ' ', ' '))))
                        .description());
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
