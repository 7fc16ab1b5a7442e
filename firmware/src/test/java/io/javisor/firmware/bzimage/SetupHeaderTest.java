package io.javisor.firmware.bzimage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.javisor.firmware.testing.Images;
import io.javisor.images.ImageException;
import io.javisor.testkit.image.BzImageBuilder;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SetupHeaderTest {
    /** The body has 0xB00 bytes, the setup 0xA00, the file 0x1500. */
    private static BzImageBuilder image() {
        return BzImageBuilder.of(new byte[0x820]);
    }

    /** As old as {@code version}, with a header that ends where its fields do. */
    private static BzImageBuilder old(int version, int endOffset) {
        BzImageBuilder image = image().put(0x206, 2, version).put(0x201, 1, endOffset - 0x202);
        for (int offset = endOffset; offset < 0x290; offset++) {
            image.put(offset, 1, 0xFF);
        }
        return image;
    }

    @Test
    void readsACurrentHeader() {
        SetupHeader header = SetupHeader.read(Images.file(image()));
        assertEquals(
                new SetupHeader(
                        0x020F,
                        0xA00,
                        0xB00,
                        1,
                        0x100000,
                        0x7FFFFFFF,
                        true,
                        0x200000,
                        0x7F,
                        0x7FF,
                        0x2CC,
                        0x820,
                        0x1000000,
                        0x100000,
                        0x26C),
                header);
        assertTrue(header.has64BitEntry());
        assertTrue(header.has32BitEntry());
    }

    @Test
    void noSetupSectorsMeansFour() {
        assertEquals(
                0xA00, SetupHeader.read(Images.file(image().put(0x1F1, 1, 0))).setupSizeBytes());
    }

    @Test
    void theLastParagraphMayBePartial() {
        byte[] bytes = image().put(0x268, 4, 0).bytes();
        assertEquals(
                0xAF8,
                SetupHeader.read(Images.vmlinuz(Arrays.copyOf(bytes, bytes.length - 8)))
                        .protectedModeSizeBytes());
    }

    @ParameterizedTest
    @CsvSource({
        "0x0202, 0x22c, 0x37ffffff, 255, 0",
        "0x0203, 0x230, 0x7fffffff, 255, 0",
        "0x0206, 0x23c, 0x7fffffff, 2047, 0",
        "0x0207, 0x248, 0x7fffffff, 2047, 0",
        "0x0208, 0x250, 0x7fffffff, 2047, 2080",
    })
    void fieldsThatAnOldVersionLacksHaveTheirDefaults(
            int version, int endOffset, long initrdAddrMax, long cmdlineSize, long payloadLength) {
        SetupHeader header = SetupHeader.read(Images.file(old(version, endOffset)));
        assertEquals(version, header.version());
        assertEquals(initrdAddrMax, header.initrdAddrMax());
        assertEquals(cmdlineSize, header.cmdlineSizeBytes());
        assertEquals(payloadLength, header.payloadLength());
        assertEquals(0x100000, header.prefAddressGpa());
        assertEquals(0xB00, header.initSizeBytes());
        assertEquals(0, header.xloadflags());
    }

    @Test
    void aLaterMinorVersionIsAccepted() {
        assertEquals(
                0x0210,
                SetupHeader.read(Images.file(image().put(0x206, 2, 0x0210).put(0x201, 1, 0x8E)))
                        .version());
    }

    static Stream<Arguments> outOfRange() {
        return Stream.of(
                bad("boot_flag is 0xaa54 instead of 0xaa55", 0x1FE, 2, 0xAA54),
                bad("no bzImage header: its magic is 0x53726449 instead of \"HdrS\"", 0x202, 4, 0x53726449),
                bad("boot protocol version 2.01; it takes 2.02 or later 2.x", 0x206, 2, 0x0201),
                bad("boot protocol version 3.00; it takes 2.02 or later 2.x", 0x206, 2, 0x0300),
                bad("the jump over the header has the opcode 0xe9 instead of 0xeb", 0x200, 1, 0xE9),
                bad("the header ends at 0x26b; that of protocol 2.15 ends between 0x26c and 0x290", 0x201, 1, 0x69),
                bad("the header ends at 0x291; that of protocol 2.15 ends between 0x26c and 0x290", 0x201, 1, 0x8F),
                bad("setup_sects is 64; it is at most 63", 0x1F1, 1, 64),
                bad("truncated: setup_sects is 63, but the file has only 5376 bytes", 0x1F1, 1, 63),
                bad("syssize is 0", 0x1F4, 4, 0),
                bad("truncated: syssize says 0xb10 bytes of protected-mode code, the file has 0xb00", 0x1F4, 4, 0xB1),
                bad(
                        "truncated: syssize says 0xffffffff0 bytes of protected-mode code, the file has 0xb00",
                        0x1F4,
                        4,
                        0xFFFFFFFFL),
                bad("loadflags is 0x80: without LOADED_HIGH it is a zImage, which can't be booted", 0x211, 1, 0x80),
                bad("code32_start 0xfffff is outside the protected-mode part, 0xb00 bytes at 1 MiB", 0x214, 4, 0xFFFFF),
                bad(
                        "code32_start 0x100b00 is outside the protected-mode part, 0xb00 bytes at 1 MiB",
                        0x214,
                        4,
                        0x100B00),
                bad("initrd_addr_max 0xfffff leaves no place above 1 MiB", 0x22C, 4, 0xFFFFF),
                bad("relocatable_kernel is 2; it is 0 or 1", 0x234, 1, 2),
                bad("kernel_alignment 0x0 is not a power of two from 4 KiB to 1 GiB", 0x230, 4, 0),
                bad("kernel_alignment 0x300000 is not a power of two from 4 KiB to 1 GiB", 0x230, 4, 0x300000),
                bad("kernel_alignment 0x800 is not a power of two from 4 KiB to 1 GiB", 0x230, 4, 0x800),
                bad("kernel_alignment 0x80000000 is not a power of two from 4 KiB to 1 GiB", 0x230, 4, 0x80000000L),
                bad("min_alignment 2^22 is more than kernel_alignment 0x200000", 0x235, 1, 22),
                bad("min_alignment 2^255 is more than kernel_alignment 0x200000", 0x235, 1, 255),
                bad("xloadflags 0x2: loadable above 4 GiB, but without a 64-bit entry", 0x236, 2, 2),
                bad("xloadflags 0x41: five-level paging enabled, but not supported", 0x236, 2, 0x41),
                bad("cmdline_size is 0", 0x238, 4, 0),
                bad("realmode_swtch is 0x1; it is a boot loader's, and 0 in a file", 0x208, 4, 1),
                bad("kernel_version 0x800 is outside the setup of 0xa00 bytes", 0x20E, 2, 0x800),
                bad("hardware_subarch is 1; a PC is 0", 0x23C, 4, 1),
                bad("setup_data is 0xffffffffffffffff; it is a boot loader's, and 0 in a file", 0x250, 8, -1),
                bad(
                        "payload_offset 0x2e1 and payload_length 0x820 go beyond the protected-mode part of 0xb00"
                                + " bytes",
                        0x248,
                        4,
                        0x2E1),
                bad(
                        "payload_offset 0x2cc and payload_length 0xffffffff go beyond the protected-mode part of 0xb00"
                                + " bytes",
                        0x24C,
                        4,
                        0xFFFFFFFFL),
                bad("pref_address 0xff000 is not between 1 MiB and 4 GiB", 0x258, 8, 0xFF000),
                bad("pref_address 0x100000000 is not between 1 MiB and 4 GiB", 0x258, 8, 1L << 32),
                bad("pref_address 0xffffffffffffffff is not between 1 MiB and 4 GiB", 0x258, 8, -1),
                bad("pref_address 0x1100000 is no multiple of kernel_alignment 0x200000", 0x258, 8, 0x1100000),
                bad("init_size 0xaff is less than the protected-mode part of 0xb00 bytes", 0x260, 4, 0xAFF),
                bad("init_size 0xffffffff from pref_address 0x1000000 goes beyond 4 GiB", 0x260, 4, 0xFFFFFFFFL),
                bad("handover_offset 0xb00 is outside the protected-mode part of 0xb00 bytes", 0x264, 4, 0xB00),
                bad("kernel_info_offset 0xaf1 is outside the protected-mode part of 0xb00 bytes", 0x268, 4, 0xAF1),
                bad("kernel_info_offset 0xffffffff is outside the protected-mode part of 0xb00 bytes", 0x268, 4, -1),
                bad("kernel_info has the magic 0x00000000 instead of \"LToP\"", 0x14F0, 4, 0),
                bad(
                        "kernel_info of 15 bytes, 16 with its data, at 0xaf0 does not fit the protected-mode part of"
                                + " 0xb00 bytes",
                        0x14F4,
                        4,
                        15),
                bad(
                        "kernel_info of 16 bytes, 17 with its data, at 0xaf0 does not fit the protected-mode part of"
                                + " 0xb00 bytes",
                        0x14F8,
                        4,
                        17));
    }

    private static Arguments bad(String message, int offset, int size, long value) {
        return arguments(message, offset, size, value);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("outOfRange")
    void refusesAFieldOutOfRange(String message, int offset, int size, long value) {
        ImageException e = assertThrows(
                ImageException.class, () -> SetupHeader.read(Images.file(image().put(offset, size, value))));
        assertEquals(Images.VMLINUZ + ": damaged bzImage: " + message, e.getMessage());
    }

    @Test
    void refusesA64BitEntryBehindTheEnd() {
        BzImageBuilder image =
                image().put(0x1F4, 4, 0x20).put(0x24C, 4, 0).put(0x248, 4, 0).put(0x268, 4, 0);
        ImageException e = assertThrows(ImageException.class, () -> SetupHeader.read(Images.file(image)));
        assertEquals(
                Images.VMLINUZ
                        + ": damaged bzImage: xloadflags 0x7f: a 64-bit entry, but the protected-mode part has only"
                        + " 0x200 bytes",
                e.getMessage());
    }

    @Test
    void refusesEveryTruncation() {
        byte[] bytes = image().bytes();
        for (int length = 0; length < bytes.length; length += 7) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThrows(ImageException.class, () -> SetupHeader.read(Images.vmlinuz(cut)), () -> "" + cut.length);
        }
    }
}
