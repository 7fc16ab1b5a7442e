package io.javisor.firmware;

import static io.javisor.firmware.testing.TestMachine.LAYOUT;
import static io.javisor.firmware.testing.TestMachine.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.firmware.cpu.BootState;
import io.javisor.firmware.image.KernelCache;
import io.javisor.firmware.testing.Images;
import io.javisor.firmware.testing.TestMachine;
import io.javisor.images.ImageException;
import io.javisor.images.ImageFile;
import io.javisor.testkit.image.BzImageBuilder;
import io.javisor.testkit.image.ElfBuilder;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BzImageBootTest {
    private static final long RAM = 64 * MIB;
    private static final byte[] TEXT = ElfBuilder.pattern(0x200, 1);
    private static final ImageFile INITRD = new ImageFile("initrd", MemorySegment.ofArray(new byte[0x1234]));

    /** Text at 16 MiB, data and .bss at 18 MiB, and one relocation of each kind. */
    private static byte[] vmlinux() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(ElfBuilder.elf64()
                .linuxNote()
                .entry(16 * MIB + 0x40)
                .load(16 * MIB, TEXT, 0x200)
                .load(18 * MIB, ElfBuilder.pattern(0x100, 2), 0x10_0000)
                .bytes());
        for (int word : new int[] {0, 0x8100_0010, 0, 0x8120_0000, 0, 0x8100_0020}) {
            out.writeBytes(ElfBuilder.le(word, 4));
        }
        return out.toByteArray();
    }

    /** Speaks the protocol, but has no payload. */
    private static BzImageBuilder notLinux() {
        return BzImageBuilder.of(ElfBuilder.pattern(0x300, 5)).put(0x248, 4, 0).put(0x24C, 4, 0);
    }

    private static BootPlan plan(BzImageBuilder image, @Nullable BootProtocol protocol, boolean kaslr) {
        return plan(new BootRequest(Images.file(image), protocol, INITRD, "console=ttyS0", kaslr), 1);
    }

    private static BootPlan plan(BootRequest request, long seed) {
        return plan(request, seed, KernelCache.NONE);
    }

    private static BootPlan plan(BootRequest request, long seed, KernelCache cache) {
        return BootPlan.of(request, LAYOUT, TestMachine.e820(RAM), Arena.ofAuto(), cache, new SplittableRandom(seed));
    }

    private static long ramdisk(GuestMemory memory, long headerGpa) {
        return Integer.toUnsignedLong(memory.getInt(headerGpa + 0x218));
    }

    @Test
    void entersTheKernelInsideDirectly() {
        BootPlan plan = plan(BzImageBuilder.gzip(vmlinux()).put(0x1F2, 2, 0x0BAD), null, false);
        assertEquals(BootProtocol.LINUX64, plan.protocol());
        assertEquals(16 * MIB + 0x40, plan.entryGpa());
        assertEquals(
                List.of("the kernel is entered directly, without KASLR; --kaslr moves it to random addresses"),
                plan.notes());
        GuestMemory memory = TestMachine.memory(RAM);
        BootState state = plan.write(memory);
        assertEquals(plan.entryGpa(), state.rip());
        assertEquals(LAYOUT.zeroPageGpa(), state.rsi());
        for (int i = 0; i < TEXT.length; i++) {
            assertEquals(TEXT[i], memory.getByte(16 * MIB + i));
        }
        // The zero page has the image's own header, completed.
        long zeroPage = LAYOUT.zeroPageGpa();
        assertEquals(0x0BAD, memory.getShort(zeroPage + 0x1F2));
        assertEquals(0x020F, memory.getShort(zeroPage + 0x206));
        assertEquals((byte) 0xFF, memory.getByte(zeroPage + 0x210));
        assertEquals(1, memory.getByte(zeroPage + 0x211));
        assertEquals((int) LAYOUT.commandLine().startGpa(), memory.getInt(zeroPage + 0x228));
        assertEquals(0x1000000, memory.getLong(zeroPage + 0x258));
        assertEquals(RAM - 0x2000, ramdisk(memory, zeroPage));
        assertEquals(2, memory.getByte(zeroPage + 0x1E8) - 1); // three memory map entries
    }

    @Test
    void theInitrdStaysBelowTheKernelsLimit() {
        BootPlan plan = plan(BzImageBuilder.gzip(vmlinux()).put(0x22C, 4, 32 * MIB - 1), null, false);
        assertEquals(new GpaRange(32 * MIB - 0x2000, 0x1234), plan.initrdRange());
    }

    @Test
    void kaslrMovesTheKernel() {
        GuestMemory memory = TestMachine.memory(RAM);
        BootPlan plan = plan(BzImageBuilder.gzip(vmlinux()), null, true);
        assertEquals(List.of(), plan.notes());
        long moved = plan.entryGpa() - (16 * MIB + 0x40);
        assertTrue(moved > 0 && moved % (2 * MIB) == 0, () -> "" + moved);
        assertEquals(
                List.of(16 * MIB + moved, 18 * MIB + moved),
                plan.kernel().ranges().stream().map(GpaRange::startGpa).toList());
        plan.write(memory);
        GuestMemory unmoved = TestMachine.memory(RAM);
        plan(BzImageBuilder.gzip(vmlinux()), null, false).write(unmoved);
        long delta = memory.getLong(16 * MIB + moved + 0x10) - unmoved.getLong(16 * MIB + 0x10);
        assertTrue(delta > 0 && delta < 1 << 30 && delta % (2 * MIB) == 0, () -> "" + delta);
        assertEquals(delta, memory.getInt(16 * MIB + moved + 0x20) - unmoved.getInt(16 * MIB + 0x20));
        assertEquals(-delta, memory.getInt(18 * MIB + moved) - unmoved.getInt(18 * MIB));
        assertEquals(unmoved.getLong(16 * MIB + 0x40), memory.getLong(16 * MIB + moved + 0x40));
        // KASLR_FLAG
        assertEquals(3, memory.getByte(LAYOUT.zeroPageGpa() + 0x211));
    }

    /** What KASLR changes must not get to the cache, and what comes from there must be moved like what was decompressed. */
    @Test
    void kaslrAndTheCacheGoTogether() {
        OneKernel cache = new OneKernel();
        BootRequest moved =
                new BootRequest(Images.file(BzImageBuilder.gzip(vmlinux())), null, INITRD, "console=ttyS0", true);
        GuestMemory decompressed = TestMachine.memory(RAM);
        plan(moved, 1, cache).write(decompressed);
        assertEquals(List.of("find", "store"), cache.calls);
        assertEquals(-1, MemorySegment.ofArray(vmlinux()).mismatch(MemorySegment.ofArray(cache.kept)));
        for (boolean kaslr : new boolean[] {true, false}) {
            BootRequest request = new BootRequest(moved.kernel(), null, INITRD, "console=ttyS0", kaslr);
            GuestMemory fresh = TestMachine.memory(RAM);
            plan(request, 1, KernelCache.NONE).write(fresh);
            GuestMemory cached = TestMachine.memory(RAM);
            plan(request, 1, cache).write(cached);
            for (int i = 0; i < fresh.regions().size(); i++) {
                assertEquals(
                        -1,
                        fresh.regions()
                                .get(i)
                                .segment()
                                .mismatch(cached.regions().get(i).segment()));
            }
        }
        assertEquals(List.of("find", "store", "find", "find"), cache.calls);
    }

    private static final class OneKernel implements KernelCache {
        private final List<String> calls = new ArrayList<>();
        private byte[] kept = {};

        @Override
        public @Nullable MemorySegment find(long sizeBytes) {
            calls.add("find");
            return kept.length == sizeBytes ? MemorySegment.ofArray(kept.clone()) : null;
        }

        @Override
        public void store(MemorySegment kernel) {
            calls.add("store");
            kept = kernel.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    @Test
    void kaslrKeepsOffTheInitrdAndVaries() {
        BootRequest request = new BootRequest(
                Images.file(BzImageBuilder.gzip(vmlinux())),
                null,
                new ImageFile("initrd", MemorySegment.ofArray(new byte[(int) (40 * MIB)])),
                "",
                true);
        long first = plan(request, 0).entryGpa();
        boolean varies = false;
        for (long seed = 0; seed < 50; seed++) {
            BootPlan plan = plan(request, seed);
            for (GpaRange range : plan.kernel().ranges()) {
                assertTrue(range.endGpa() <= 24 * MIB, () -> "" + range);
            }
            varies |= plan.entryGpa() != first;
        }
        assertTrue(varies);
    }

    static Stream<Arguments> entries() {
        return Stream.of(
                arguments(BootProtocol.BZIMAGE, 0x7F, 0x100000, BootProtocol.BZIMAGE64, 16 * MIB + 0x200),
                arguments(BootProtocol.BZIMAGE64, 0x7F, 0x100000, BootProtocol.BZIMAGE64, 16 * MIB + 0x200),
                arguments(BootProtocol.BZIMAGE32, 0x7F, 0x100010, BootProtocol.BZIMAGE32, 16 * MIB + 0x10),
                arguments(BootProtocol.BZIMAGE, 0, 0x100000, BootProtocol.BZIMAGE32, 16 * MIB),
                arguments(BootProtocol.BZIMAGE, 0, 0, BootProtocol.BZIMAGE16, 0x8_F000 + 0x200),
                arguments(BootProtocol.BZIMAGE16, 0x7F, 0x100000, BootProtocol.BZIMAGE16, 0x8_F000 + 0x200));
    }

    @ParameterizedTest
    @MethodSource("entries")
    void choosesTheImagesOwnEntry(
            BootProtocol wanted, int xloadflags, long code32Start, BootProtocol chosen, long entryGpa) {
        BzImageBuilder image =
                BzImageBuilder.gzip(vmlinux()).put(0x236, 2, xloadflags).put(0x214, 4, code32Start);
        BootPlan plan = plan(image, wanted, false);
        assertEquals(chosen, plan.protocol());
        assertEquals(entryGpa, plan.entryGpa());
    }

    @Test
    void anImageWithoutPayloadRunsByItsOwnEntryAndSaysSo() {
        BootPlan plan = plan(notLinux(), null, false);
        assertEquals(BootProtocol.BZIMAGE64, plan.protocol());
        assertEquals(
                List.of("the bzImage has no payload of a known compression: it is entered by its own code"),
                plan.notes());
    }

    @Test
    void aPayloadThatIsNoKernelRunsByItsOwnEntryAndSaysSo() {
        BootPlan plan = plan(BzImageBuilder.gzip(new byte[100]), null, false);
        assertEquals(BootProtocol.BZIMAGE64, plan.protocol());
        assertEquals(List.of("the bzImage's payload is no ELF kernel: it is entered by its own code"), plan.notes());
    }

    @Test
    void the32BitEntryIsInProtectedModeWithAZeroPage() {
        GuestMemory memory = TestMachine.memory(RAM);
        BzImageBuilder image = notLinux();
        BootState state = plan(image, BootProtocol.BZIMAGE32, false).write(memory);
        assertEquals(16 * MIB, state.rip());
        assertEquals(LAYOUT.zeroPageGpa(), state.rsi());
        assertEquals(0x11, state.cr0()); // PE, ET
        assertEquals(0, state.efer());
        assertTrue(state.code().defaultBig());
        assertEquals(0x10, state.code().selector());
        assertEquals(0x18, state.data().selector());
        assertEquals(state.code().descriptor(), memory.getLong(LAYOUT.gdtGpa() + 0x10));
        assertEquals(0x020F, memory.getShort(LAYOUT.zeroPageGpa() + 0x206));
        assertLoaded(image.bytes(), BzImageBuilder.SETUP_SIZE, memory, 16 * MIB);
    }

    @Test
    void the16BitEntryIsInRealModeWithACompletedHeader() {
        GuestMemory memory = TestMachine.memory(RAM);
        BzImageBuilder image = notLinux();
        BootPlan plan = plan(image, BootProtocol.BZIMAGE16, false);
        assertEquals(List.of("the bzImage is entered in real mode, where it finds no BIOS"), plan.notes());
        BootState state = plan.write(memory);
        assertEquals(0x8F20, state.code().selector());
        assertEquals(0x8F200, state.code().base());
        assertEquals(0, state.rip());
        assertEquals(0x8F00, state.data().selector());
        assertEquals(0x8F000, state.data().base());
        assertEquals(0xFFFF, state.data().limit());
        assertEquals(0xE000, state.rsp());
        assertEquals(0x10, state.cr0());
        assertEquals(0, state.cr3());
        assertEquals(0x3FF, state.idt().limit());
        assertEquals((byte) 0xFF, memory.getByte(0x8F210));
        assertEquals((byte) 0x81, memory.getByte(0x8F211)); // LOADED_HIGH, CAN_USE_HEAP
        assertEquals((short) 0xDE00, memory.getShort(0x8F224));
        assertEquals((int) LAYOUT.commandLine().startGpa(), memory.getInt(0x8F228));
        assertEquals(RAM - 0x2000, ramdisk(memory, 0x8F000));
        assertEquals(0x1234, memory.getInt(0x8F21C));
        assertEquals(0xAA55, memory.getShort(0x8F1FE) & 0xFFFF);
        assertEquals(0, memory.getLong(LAYOUT.gdtGpa() + 0x10));
        assertLoaded(image.bytes(), BzImageBuilder.SETUP_SIZE, memory, MIB);
    }

    private static void assertLoaded(byte[] image, int offset, GuestMemory memory, long gpa) {
        for (int i = offset; i < image.length; i++) {
            assertEquals(image[i], memory.getByte(gpa + i - offset));
        }
    }

    @Test
    void aRelocatableImageGivesWay() {
        // 60 MiB from 16 MiB on do not fit into 64 MiB, but from 2 MiB on.
        BzImageBuilder image = notLinux().put(0x260, 4, 60 * MIB);
        BootPlan plan = BootPlan.of(
                new BootRequest(Images.file(image), BootProtocol.BZIMAGE64, null, ""), LAYOUT, TestMachine.e820(RAM));
        assertEquals(2 * MIB + 0x200, plan.entryGpa());
    }

    static Stream<Arguments> refused() {
        byte[] kernel = vmlinux();
        byte[] plain = ElfBuilder.kernel().bytes();
        return Stream.of(
                arguments(
                        "the bzImage has no 64-bit entry (XLF_KERNEL_64)",
                        notLinux().put(0x236, 2, 0),
                        BootProtocol.BZIMAGE64,
                        false),
                arguments(
                        "the bzImage has no 32-bit entry (code32_start)",
                        notLinux().put(0x214, 4, 0),
                        BootProtocol.BZIMAGE32,
                        false),
                arguments(
                        "it has no payload of a known compression to boot by linux64; its own entry is --boot-protocol"
                                + " bzimage",
                        notLinux(),
                        BootProtocol.LINUX64,
                        false),
                arguments(
                        "its payload is no ELF kernel but nothing but zeros; its own entry is --boot-protocol bzimage",
                        BzImageBuilder.gzip(new byte[100]),
                        BootProtocol.LINUX64,
                        false),
                arguments(
                        "--kaslr moves the kernel inside a bzImage; entered by its own code, the image does that"
                                + " itself",
                        BzImageBuilder.gzip(kernel),
                        BootProtocol.BZIMAGE,
                        true),
                arguments(
                        "--kaslr: this kernel has no relocations (CONFIG_RANDOMIZE_BASE); it runs where it was linked"
                                + " only",
                        BzImageBuilder.gzip(plain),
                        null,
                        true),
                arguments(
                        "it has no PVH entry note (XEN_ELFNOTE_PHYS32_ENTRY)",
                        BzImageBuilder.gzip(kernel),
                        BootProtocol.PVH,
                        false),
                arguments(
                        "the bzImage needs 65536 KiB at 0x1000000, which the guest's memory of 63 MiB does not have"
                                + " free",
                        notLinux().put(0x260, 4, 64 * MIB).put(0x234, 1, 0),
                        BootProtocol.BZIMAGE64,
                        false),
                arguments(
                        "the kernel command line has 13 characters; this kernel takes at most 12",
                        BzImageBuilder.gzip(kernel).put(0x238, 4, 12),
                        null,
                        false),
                arguments(
                        "the gzip-compressed kernel in it can't be decompressed: wrong checksum",
                        BzImageBuilder.of(flipped(BzImageBuilder.gzip(kernel))),
                        null,
                        false));
    }

    /** The payload of {@code image} with one bit of its checksum flipped. */
    private static byte[] flipped(BzImageBuilder image) {
        ImageFile file = Images.file(image);
        byte[] payload = file.bytes()
                .asSlice(BzImageBuilder.SETUP_SIZE + BzImageBuilder.PAYLOAD_OFFSET, file.u32(0x24C))
                .toArray(ValueLayout.JAVA_BYTE);
        payload[payload.length - 8] ^= 1;
        return payload;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refused")
    void refusesInOneLine(String message, BzImageBuilder image, @Nullable BootProtocol protocol, boolean kaslr) {
        ImageException e = assertThrows(ImageException.class, () -> plan(image, protocol, kaslr));
        String text = String.valueOf(e.getMessage());
        assertTrue(text.startsWith(Images.VMLINUZ + ": " + message), text);
        assertEquals(-1, text.indexOf('\n'));
    }

    @Test
    void kaslrNeedsABzImage() {
        ImageException e = assertThrows(
                ImageException.class,
                () -> plan(new BootRequest(Images.file(ElfBuilder.kernel()), null, null, "", true), 1));
        assertEquals(
                Images.VMLINUX + ": --kaslr needs a bzImage: an ELF kernel comes without its relocations",
                e.getMessage());
    }

    @Test
    void anElfKernelIsNoBzImage() {
        ImageException e = assertThrows(
                ImageException.class,
                () -> plan(new BootRequest(Images.file(ElfBuilder.kernel()), BootProtocol.BZIMAGE32, null, ""), 1));
        assertEquals(Images.VMLINUX + ": an ELF kernel can't be booted by bzimage32: it is no bzImage", e.getMessage());
    }

    @Test
    void aPayloadLargerThanTheGuestIsRefusedBeforeItIsDecompressed() {
        byte[] image = BzImageBuilder.gzip(vmlinux()).bytes();
        ImageFile file = Images.vmlinuz(image);
        long trailer = BzImageBuilder.SETUP_SIZE + BzImageBuilder.PAYLOAD_OFFSET + file.u32(0x24C) - 4;
        file.bytes().set(ValueLayout.JAVA_INT_UNALIGNED, trailer, -16);
        BootRequest request = new BootRequest(file, null, null, "");
        ImageException e = assertThrows(
                ImageException.class,
                () -> BootPlan.of(
                        request,
                        LAYOUT,
                        TestMachine.e820(RAM),
                        (size, alignment) -> {
                            throw new AssertionError("allocates " + size);
                        },
                        new KernelCache() {
                            @Override
                            public MemorySegment find(long sizeBytes) {
                                throw new AssertionError("looks for " + sizeBytes);
                            }

                            @Override
                            public void store(MemorySegment kernel) {
                                throw new AssertionError("stores " + kernel);
                            }
                        }));
        assertTrue(
                String.valueOf(e.getMessage())
                        .contains("it declares 4294967280 bytes decompressed; the guest's memory of 63 MiB"),
                e.getMessage());
    }

    @Test
    void survivesMutation() {
        byte[] original = BzImageBuilder.gzip(vmlinux()).bytes();
        SplittableRandom random = new SplittableRandom(11);
        BootProtocol[] protocols = BootProtocol.values();
        int booted = 0;
        for (int round = 0; round < 2_000; round++) {
            byte[] bytes = original.clone();
            for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                int offset = random.nextBoolean() ? 0x1F1 + random.nextInt(0x80) : random.nextInt(bytes.length);
                bytes[offset] = (byte) random.nextInt();
            }
            int choice = random.nextInt(protocols.length + 1);
            BootProtocol protocol = choice == protocols.length ? null : protocols[choice];
            BootRequest request = new BootRequest(Images.vmlinuz(bytes), protocol, INITRD, "", random.nextInt(3) == 0);
            try {
                assertNotEquals(BootProtocol.BZIMAGE, plan(request, round).protocol());
                booted++;
            } catch (ImageException e) {
                assertEquals(-1, String.valueOf(e.getMessage()).indexOf('\n'));
            }
        }
        assertTrue(booted > 100, "only " + booted);
    }
}
