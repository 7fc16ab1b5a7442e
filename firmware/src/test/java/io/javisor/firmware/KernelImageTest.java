package io.javisor.firmware;

import static io.javisor.testkit.image.ElfBuilder.elf32;
import static io.javisor.testkit.image.ElfBuilder.elf64;
import static io.javisor.testkit.image.ElfBuilder.kernel;
import static io.javisor.testkit.image.ElfBuilder.pattern;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.javisor.firmware.image.KernelCache;
import io.javisor.firmware.testing.Images;
import io.javisor.firmware.testing.TestMachine;
import io.javisor.images.ImageException;
import io.javisor.images.ImageFile;
import io.javisor.testkit.image.ElfBuilder;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class KernelImageTest {
    private static final long TEXT = 0x20_0000;

    private static ElfBuilder i386() {
        return elf32().entry(TEXT).load(TEXT, pattern(64, 1), 64);
    }

    static Stream<Arguments> choices() {
        BootProtocol linux64 = BootProtocol.LINUX64;
        BootProtocol pvh = BootProtocol.PVH;
        return Stream.of(
                arguments("no note", kernel(), null, linux64),
                arguments("Linux", kernel().linuxNote(), null, linux64),
                arguments("Linux with PVH", kernel().linuxNote().pvhNote(TEXT), null, linux64),
                arguments("Linux with PVH, asked for", kernel().linuxNote().pvhNote(TEXT), pvh, pvh),
                arguments("PVH only", kernel().pvhNote(TEXT), null, pvh),
                arguments("PVH only, overridden", kernel().pvhNote(TEXT), linux64, linux64),
                arguments("no note, asked for", kernel(), linux64, linux64),
                arguments("32-bit PVH", i386().pvhNote(TEXT), null, pvh),
                arguments("32-bit Linux with PVH", i386().linuxNote().pvhNote(TEXT), null, pvh));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("choices")
    void choosesProtocol(String name, ElfBuilder image, @Nullable BootProtocol wanted, BootProtocol chosen) {
        assertEquals(chosen, read(Images.file(image)).chooseProtocol(wanted), name);
    }

    static Stream<Arguments> impossible() {
        return Stream.of(
                arguments("it has no PVH entry note (XEN_ELFNOTE_PHYS32_ENTRY)", kernel(), BootProtocol.PVH),
                arguments(
                        "it has no PVH entry note (XEN_ELFNOTE_PHYS32_ENTRY)", kernel().linuxNote(), BootProtocol.PVH),
                arguments("a 32-bit ELF image has no 64-bit entry, and it has no PVH entry note", i386(), null),
                arguments(
                        "a 32-bit ELF image has no 64-bit entry; boot it by PVH",
                        i386().pvhNote(TEXT),
                        BootProtocol.LINUX64));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("impossible")
    void refusesProtocolThatTheImageLacks(String message, ElfBuilder image, @Nullable BootProtocol wanted) {
        KernelImage kernel = read(Images.file(image));
        ImageException e = assertThrows(ImageException.class, () -> kernel.chooseProtocol(wanted));
        assertEquals(Images.VMLINUX + ": " + message, e.getMessage());
    }

    static Stream<Arguments> badEntries() {
        return Stream.of(
                arguments(
                        "the linux64 entry 0x0 is in no segment that the file fills",
                        kernel().entry(0),
                        BootProtocol.LINUX64),
                arguments(
                        "the linux64 entry 0x301000 is in no segment that the file fills",
                        kernel().entry(0x30_1000),
                        BootProtocol.LINUX64),
                arguments(
                        "the linux64 entry 0xffffffff81000000 is in no segment that the file fills",
                        kernel().entry(0xFFFF_FFFF_8100_0000L),
                        BootProtocol.LINUX64),
                arguments(
                        "the linux64 entry 0x100000000 is above 4 GiB",
                        elf64().entry(1L << 32).load(1L << 32, pattern(64, 1), 64),
                        BootProtocol.LINUX64),
                arguments(
                        "the pvh entry 0x201234 is in no segment that the file fills",
                        kernel().pvhNote(0x20_1234),
                        BootProtocol.PVH),
                arguments(
                        "the pvh entry 0xffffffff is in no segment that the file fills",
                        kernel().pvhNote(0xFFFF_FFFFL),
                        BootProtocol.PVH));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badEntries")
    void refusesEntryWhereNothingIs(String message, ElfBuilder image, BootProtocol protocol) {
        KernelImage kernel = read(Images.file(image));
        ImageException e = assertThrows(ImageException.class, () -> kernel.entryGpa(protocol));
        assertEquals(Images.VMLINUX + ": " + message, e.getMessage());
    }

    static Stream<Arguments> notKernels() {
        return Stream.of(
                arguments("not a kernel: it looks like an empty file", new byte[0]),
                arguments("not a kernel: it looks like text", "CONFIG_64BIT=y\n".getBytes(StandardCharsets.US_ASCII)),
                arguments(
                        "not a kernel: it looks like gzip-compressed data; decompress it first",
                        new byte[] {0x1F, (byte) 0x8B, 8, 0}),
                arguments(
                        "not a kernel: it looks like xz-compressed data; decompress it first",
                        new byte[] {(byte) 0xFD, '7', 'z', 'X', 'Z', 0}),
                arguments(
                        "not a kernel: it looks like a cpio archive, such as an initramfs",
                        "070701".getBytes(StandardCharsets.US_ASCII)),
                arguments("not a kernel: it looks like data of no known kind", new byte[] {1, 2, 3, 4}));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("notKernels")
    void refusesWhatIsNoKernel(String message, byte[] bytes) {
        ImageException e = assertThrows(ImageException.class, () -> read(Images.vmlinux(bytes)));
        assertEquals(Images.VMLINUX + ": " + message, e.getMessage());
    }

    private static KernelImage read(ImageFile file) {
        return new KernelReader(
                        new BootRequest(file, null, null, ""),
                        TestMachine.LAYOUT,
                        TestMachine.e820(256 * TestMachine.MIB),
                        Arena.ofAuto(),
                        KernelCache.NONE,
                        new SplittableRandom(1))
                .read();
    }
}
