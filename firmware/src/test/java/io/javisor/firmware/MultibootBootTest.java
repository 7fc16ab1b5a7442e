package io.javisor.firmware;

import static io.javisor.firmware.testing.TestMachine.LAYOUT;
import static io.javisor.firmware.testing.TestMachine.MIB;
import static io.javisor.testkit.image.ElfBuilder.elf32;
import static io.javisor.testkit.image.ElfBuilder.elf64;
import static io.javisor.testkit.image.ElfBuilder.pattern;
import static io.javisor.testkit.image.MultibootBuilder.ADDRESSES;
import static io.javisor.testkit.image.MultibootBuilder.MEMORY_INFO;
import static io.javisor.testkit.image.MultibootBuilder.VIDEO_MODE;
import static io.javisor.testkit.image.MultibootBuilder.header;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.firmware.cpu.BootState;
import io.javisor.firmware.layout.E820Map;
import io.javisor.firmware.multiboot.MultibootModule;
import io.javisor.firmware.testing.Images;
import io.javisor.firmware.testing.TestMachine;
import io.javisor.images.ImageException;
import io.javisor.images.ImageFile;
import io.javisor.testkit.guest.MultibootProbe;
import io.javisor.testkit.image.BzImageBuilder;
import io.javisor.testkit.image.ElfBuilder;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MultibootBootTest {
    private static final long RAM = 16 * MIB;
    private static final int TEXT = 0x20_0000;

    private static ImageFile file(String name, int sizeBytes, int seed) {
        return new ImageFile(name, MemorySegment.ofArray(pattern(sizeBytes, seed)));
    }

    /** A header, and enough behind it for an entry at 0x20. */
    private static byte[] text(int flags, int... fields) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(header(flags, fields));
        out.writeBytes(pattern(0x40, 1));
        return out.toByteArray();
    }

    private static ElfBuilder kernel32() {
        return elf32().entry(TEXT + 0x20).load(TEXT, text(MEMORY_INFO), 0x1800);
    }

    private static BootRequest request(ImageFile kernel, @Nullable BootProtocol wanted) {
        return new BootRequest(kernel, wanted, null, "");
    }

    private static BootPlan plan(BootRequest request) {
        return BootPlan.of(request, LAYOUT, TestMachine.e820(RAM));
    }

    private static BootPlan plan(byte[] kernel) {
        return plan(request(Images.vmlinux(kernel), null));
    }

    private static void refused(String message, BootRequest request) {
        ImageException e = assertThrows(ImageException.class, () -> plan(request));
        assertEquals(message, e.getMessage());
    }

    private static void refused(String message, byte[] kernel) {
        refused(Images.VMLINUX + ": " + message, request(Images.vmlinux(kernel), BootProtocol.MULTIBOOT));
    }

    static Stream<Arguments> choices() {
        BootProtocol multiboot = BootProtocol.MULTIBOOT;
        byte[] pvh = kernel32().pvhNote(TEXT).bytes();
        byte[] linux = elf64().entry(TEXT)
                .load(TEXT, text(MEMORY_INFO), 0x100)
                .linuxNote()
                .bytes();
        return Stream.of(
                arguments("32-bit ELF", MultibootProbe.elf32(), null, multiboot),
                arguments("64-bit ELF", MultibootProbe.elf64(), null, multiboot),
                arguments(
                        "64-bit ELF, overridden",
                        elf64().entry(TEXT).load(TEXT, text(0), 0x100).bytes(),
                        BootProtocol.LINUX64,
                        BootProtocol.LINUX64),
                arguments("no format", MultibootProbe.flat(), null, multiboot),
                arguments("no format, asked for", MultibootProbe.flat(), multiboot, multiboot),
                arguments("with a PVH note", pvh, null, BootProtocol.PVH),
                arguments("with a PVH note, asked for", pvh, multiboot, multiboot),
                arguments("with Linux's note", linux, null, BootProtocol.LINUX64),
                arguments("with Linux's note, asked for", linux, multiboot, multiboot));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("choices")
    void choosesProtocol(String name, byte[] kernel, @Nullable BootProtocol wanted, BootProtocol chosen) {
        assertEquals(chosen, plan(request(Images.vmlinux(kernel), wanted)).protocol(), name);
    }

    @Test
    void modulesAskForMultibootWhereThereIsAPvhNoteToo() {
        ImageFile kernel = Images.file(kernel32().pvhNote(TEXT));
        List<MultibootModule> modules = List.of(new MultibootModule(file("module m", 9, 1), "m"));
        BootRequest request =
                new BootRequest(kernel, null, null, "", false, new BootRequest.Multiboot("", "", modules));
        assertEquals(BootProtocol.MULTIBOOT, plan(request).protocol());
    }

    @Test
    void modulesForAnotherKernelAreRefused() {
        List<MultibootModule> modules = List.of(new MultibootModule(file("module m", 9, 1), "m"));
        refused(
                Images.VMLINUX + ": modules go to Multiboot kernels only; an initrd is --initrd",
                new BootRequest(
                        Images.file(ElfBuilder.kernel()),
                        null,
                        null,
                        "",
                        false,
                        new BootRequest.Multiboot("", "", modules)));
    }

    @Test
    void startsAsTheSpecificationSays() {
        BootPlan plan = plan(MultibootProbe.elf32());
        GuestMemory memory = TestMachine.memory(RAM);
        BootState state = plan.write(memory);
        assertEquals(0x10_0020, state.rip());
        assertEquals(0x2BAD_B002L, state.rax());
        assertEquals(0x1_0000, state.rbx());
        assertEquals(0x11, state.cr0(), "PE without PG");
        assertEquals(2, state.rflags(), "no interrupts");
        assertEquals(0, state.efer());
        assertTrue(state.code().defaultBig());
        assertEquals(-1, state.code().limit());
        assertEquals(-1, state.data().limit());
        assertEquals(0x1BAD_B002, memory.getInt(0x10_0000));
        assertEquals(
                0x00CF_9B00_0000_FFFFL,
                memory.getLong(state.gdt().base() + state.code().selector()));
        assertEquals(0, memory.getInt(0x2_0000), "no command line of Linux's");
    }

    @Test
    void tellsTheKernelEverything() {
        ImageFile initrd = file("initrd i", 0x2345, 9);
        List<MultibootModule> modules = List.of(
                new MultibootModule(file("module a", 0x1000, 3), "a.img  x=1\ty"),
                new MultibootModule(file("module b", 1, 4), ""));
        BootPlan plan = plan(new BootRequest(
                Images.vmlinux(MultibootProbe.elf32()),
                null,
                initrd,
                "console=ttyS0",
                false,
                new BootRequest.Multiboot("vmlinux a b", "i.img", modules)));
        GuestMemory memory = TestMachine.memory(RAM);
        BootState state = plan.write(memory);
        MultibootReader.check(memory, state, plan);
        MultibootReader reader = new MultibootReader(memory, state);
        assertEquals(639, reader.field(4));
        assertEquals(15 * 1024, reader.field(8));
        assertEquals("vmlinux a b", reader.commandLine());
        assertEquals(
                List.of(
                        new MultibootReader.Module(0x10_2000, 0x10_4345, "i.img"),
                        new MultibootReader.Module(0x10_5000, 0x10_6000, "a.img  x=1\ty"),
                        new MultibootReader.Module(0x10_6000, 0x10_6001, "")),
                reader.modules());
        assertEquals(
                List.of(
                        new MultibootReader.Line(0, 0x9_FC00, 1),
                        new MultibootReader.Line(0x9_FC00, 0x6_0400, 2),
                        new MultibootReader.Line(0x10_0000, 15 * MIB, 1)),
                reader.memoryMap());
        assertNull(plan.initrdRange(), "it is a module");
        assertEquals(
                List.of("the GDT", "the MP floating pointer", "the MP table", "the Multiboot information"),
                plan.taken().stream().map(taken -> taken.what()).toList());
    }

    @Test
    void upperMemoryEndsAtTheFirstHole() {
        E820Map e820 = TestMachine.e820(
                List.of(new GpaRange(0, 8 * MIB), new GpaRange(9 * MIB, MIB), new GpaRange(1L << 32, MIB)));
        BootPlan plan = BootPlan.of(request(Images.vmlinux(MultibootProbe.elf32()), null), LAYOUT, e820);
        GuestMemory memory = TestMachine.memory(RAM);
        BootState state = plan.write(memory);
        assertEquals(7 * 1024, new MultibootReader(memory, state).field(8));
        MultibootReader.check(memory, state, plan);
    }

    @Test
    void keepsOffKernelsInLowMemory() {
        byte[] kernel = elf32().entry(0x1000 + 0x20)
                .load(0x1000, text(0), 0x1_0000)
                .load(0x2_0000, pattern(16, 1), 0x1_0001)
                .bytes();
        BootPlan plan = plan(kernel);
        assertEquals(0x1_1000, plan.taken().getLast().range().startGpa(), "between the segments");
        byte[] all =
                elf32().entry(0x1000 + 0x20).load(0x1000, text(0), 0x9_EC00).bytes();
        assertEquals(0x10_0000, plan(all).taken().getLast().range().startGpa(), "above a kernel that fills low memory");
    }

    @Test
    void modulesGoBelowAKernelThatLeavesNoRoomAboveIt() {
        byte[] kernel =
                elf32().entry(TEXT + 0x20).load(TEXT, text(0), RAM - TEXT).bytes();
        BootPlan plan = plan(new BootRequest(Images.vmlinux(kernel), null, file("initrd i", 0x1001, 1), ""));
        assertEquals(new GpaRange(MIB, 0x1001), plan.modules().getFirst().range());
    }

    @Test
    void loadsBelowTheEndOfTheFile() {
        byte[] kernel = Arrays.copyOf(text(ADDRESSES, TEXT, TEXT, TEXT + 0x30, TEXT + 0x5000, TEXT + 0x20), 0x200);
        BootPlan plan = plan(kernel);
        assertEquals(List.of(new GpaRange(TEXT, 0x5000)), plan.kernel().ranges());
        GuestMemory memory = TestMachine.memory(RAM);
        plan.write(memory);
        assertEquals(kernel[0x2F], memory.getByte(TEXT + 0x2F));
        assertEquals(0, memory.getByte(TEXT + 0x30));
    }

    @Test
    void loadsToTheEndOfTheFileWhereNoEndIsGiven() {
        byte[] kernel = text(ADDRESSES, TEXT, TEXT, 0, 0, TEXT + 0x20);
        assertEquals(
                List.of(new GpaRange(TEXT, kernel.length)),
                plan(kernel).kernel().ranges());
    }

    @Test
    void loadsWhatIsBeforeTheHeader() {
        byte[] image = text(ADDRESSES, TEXT + 0x100, TEXT, 0, 0, TEXT + 4);
        byte[] kernel = new byte[0x200 + image.length];
        Arrays.fill(kernel, (byte) 0x90);
        System.arraycopy(image, 0, kernel, 0x200, image.length);
        BootPlan plan = plan(kernel);
        assertEquals(
                List.of(new GpaRange(TEXT, 0x100 + image.length)), plan.kernel().ranges());
        GuestMemory memory = TestMachine.memory(RAM);
        plan.write(memory);
        assertEquals((byte) 0x90, memory.getByte(TEXT));
        assertEquals(0x1BAD_B002, memory.getInt(TEXT + 0x100));
    }

    @Test
    void addressesGoBeforeAnElfHeader() {
        byte[] elf = elf64().entry(0x40_0000)
                .load(0x40_0000, text(ADDRESSES, TEXT + 120, TEXT, 0, 0, TEXT + 120 + 32), 0x100)
                .bytes();
        BootPlan plan = plan(elf);
        assertEquals(TEXT + 120 + 32, plan.entryGpa());
        assertEquals(List.of(new GpaRange(TEXT, elf.length)), plan.kernel().ranges());
    }

    @Test
    void linearAndPhysicalEntriesOfTheHigherHalfAreTaken() {
        for (long entry : new long[] {0xFFFF_FFFF_8020_0020L, TEXT + 0x20}) {
            byte[] kernel = elf64().entry(entry)
                    .loadLinkedAt(0xFFFF_FFFF_8020_0000L, TEXT, text(0), 0x100)
                    .bytes();
            assertEquals(TEXT + 0x20, plan(kernel).entryGpa());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4, 8180})
    void findsTheHeaderInTheFirst8KiB(int offset) {
        byte[] kernel = new byte[9000];
        byte[] header = header(0);
        System.arraycopy(header, 0, kernel, offset, header.length);
        refused("its Multiboot header has no addresses to load it to (flag 16), and it is no ELF image", kernel);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 8184, 8192})
    void findsNoHeaderElsewhere(int offset) {
        byte[] kernel = new byte[9000];
        byte[] header = header(0);
        System.arraycopy(header, 0, kernel, offset, header.length);
        refused("it has no Multiboot header in its first 8 KiB", kernel);
    }

    @Test
    void aWrongChecksumIsNoHeader() {
        byte[] kernel = MultibootProbe.flat();
        kernel[8]++;
        refused("it has no Multiboot header in its first 8 KiB", kernel);
        ImageException e = assertThrows(ImageException.class, () -> plan(kernel));
        assertEquals(Images.VMLINUX + ": not a kernel: it looks like data of no known kind", e.getMessage());
    }

    static Stream<Arguments> badFlags() {
        return Stream.of(
                arguments(0x8, 0x8), arguments(0x8000, 0x8000), arguments(0xFFFF, 0xFFF8), arguments(0x1_0013, 0x10));
    }

    @ParameterizedTest
    @MethodSource("badFlags")
    void refusesRequirementsThatItDoesNotKnow(int flags, int unknown) {
        refused(
                "its Multiboot header requires what version 0.6.96 does not have: flags 0x%x".formatted(unknown),
                elf32().entry(TEXT + 0x20).load(TEXT, text(flags), 0x100).bytes());
    }

    @ParameterizedTest
    @ValueSource(ints = {1 << 17, 1 << 31, 0xFFFE_0000})
    void optionalFlagsThatItDoesNotKnowAreNothing(int flags) {
        assertEquals(
                List.of(),
                plan(elf32().entry(TEXT + 0x20).load(TEXT, text(flags), 0x100).bytes())
                        .notes());
    }

    @Test
    void saysThatThereIsNoScreen() {
        assertEquals(
                List.of("the kernel asks for a video mode, but there is no screen: it is told of none"),
                plan(elf32().entry(TEXT + 0x20)
                                .load(TEXT, text(VIDEO_MODE, 0, 0, 0, 0, 0, 0, 1024, 768, 32), 0x100)
                                .bytes())
                        .notes());
    }

    static Stream<Arguments> badAddresses() {
        return Stream.of(
                arguments(
                        "Multiboot load_addr 0x200004 is not in the file, whose header at 0x0 goes to 0x200000",
                        new int[] {TEXT, TEXT + 4, 0, 0, TEXT}),
                arguments(
                        "Multiboot load_addr 0x1fffff is not in the file, whose header at 0x0 goes to 0x200000",
                        new int[] {TEXT, TEXT - 1, 0, 0, TEXT}),
                arguments(
                        "Multiboot load_addr 0x200000 and load_end_addr 0x200061; the file has 0x60 bytes from there",
                        new int[] {TEXT, TEXT, TEXT + 0x61, 0, TEXT}),
                arguments(
                        "Multiboot load_addr 0x200000 and load_end_addr 0xffffffff; the file has 0x60 bytes from there",
                        new int[] {TEXT, TEXT, -1, 0, TEXT}),
                arguments(
                        "Multiboot load_addr 0x200000 and load_end_addr 0x200000; the file has 0x60 bytes from there",
                        new int[] {TEXT, TEXT, TEXT, 0, TEXT}),
                arguments(
                        "Multiboot load_addr 0x200000 and load_end_addr 0x1; the file has 0x60 bytes from there",
                        new int[] {TEXT, TEXT, 1, 0, TEXT}),
                arguments(
                        "Multiboot bss_end_addr 0x20002f is below load_end_addr 0x200030",
                        new int[] {TEXT, TEXT, TEXT + 0x30, TEXT + 0x2F, TEXT}),
                arguments(
                        "the multiboot entry 0x200060 is in nothing that the file fills",
                        new int[] {TEXT, TEXT, 0, TEXT + 0x1000, TEXT + 0x60}),
                arguments(
                        "the multiboot entry 0x1fffff is in nothing that the file fills",
                        new int[] {TEXT, TEXT, 0, 0, TEXT - 1}),
                arguments(
                        "the kernel's segment at 0x200000-0xfffffffe (4192256 KiB) is outside the guest's RAM"
                                + " (0x0-0x9fbff, 0x100000-0xffffff)",
                        new int[] {TEXT, TEXT, 0, -1, TEXT}),
                arguments(
                        "the kernel's segment at 0xfffffff0-0x10000004f (1 KiB) is outside the guest's RAM"
                                + " (0x0-0x9fbff, 0x100000-0xffffff)",
                        new int[] {-16, -16, 0, 0, -16}),
                arguments(
                        "the kernel's segment at 0x500-0x55f overlaps the GDT at 0x500-0x52f",
                        new int[] {0x500, 0x500, 0, 0, 0x500}),
                arguments(
                        "the kernel's segment at 0x90000-0x9fcff overlaps the MP floating pointer at 0x9fc00-0x9fc0f",
                        new int[] {0x9_0000, 0x9_0000, 0, 0x9_FD00, 0x9_0000}));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badAddresses")
    void refusesBadAddresses(String message, int[] fields) {
        refused(message, text(ADDRESSES, fields));
    }

    static Stream<Arguments> badElfImages() {
        return Stream.of(
                arguments(
                        "the multiboot entry 0x200060 is in nothing that the file fills",
                        kernel32().entry(TEXT + 0x60)),
                arguments(
                        "the multiboot entry 0x100000020 is above 4 GiB",
                        elf64().entry((1L << 32) + 0x20).load(1L << 32, text(0), 0x100)),
                arguments(
                        "segments 0 (0x200000-0x2017ff) and 1 (0x201000-0x20100f) overlap",
                        kernel32().load(0x20_1000, pattern(16, 1), 16)),
                arguments(
                        "the kernel's segment at 0x200000-0x1000000 (14337 KiB) is outside the guest's RAM"
                                + " (0x0-0x9fbff, 0x100000-0xffffff)",
                        elf32().entry(TEXT + 0x20).load(TEXT, text(0), RAM - TEXT + 1)),
                arguments(
                        "not a kernel: an ELF program that wants a dynamic linker (PT_INTERP)",
                        kernel32().segment(ElfBuilder.PT_INTERP, pattern(8, 1))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badElfImages")
    void refusesBadElfImages(String message, ElfBuilder kernel) {
        refused(message, kernel.bytes());
    }

    @Test
    void refusesAHeaderThatEndsTooEarly() {
        byte[] kernel = header(ADDRESSES, TEXT, TEXT, 0, 0);
        refused("truncated: the Multiboot header at 0x0 lacks its address fields", kernel);
    }

    @Test
    void refusesOtherImages() {
        refused(
                Images.VMLINUZ + ": it has no Multiboot header in its first 8 KiB",
                request(Images.file(BzImageBuilder.gzip(ElfBuilder.kernel().bytes())), BootProtocol.MULTIBOOT));
        refused(
                "it has no Multiboot header in its first 8 KiB; decompress it first",
                new byte[] {0x1F, (byte) 0x8B, 8, 0});
        refused("it has no Multiboot header in its first 8 KiB", new byte[0]);
    }

    @Test
    void refusesKaslr() {
        refused(
                Images.VMLINUX + ": --kaslr needs a bzImage",
                new BootRequest(Images.vmlinux(MultibootProbe.flat()), null, null, "", true));
    }

    @Test
    void refusesModulesThatAreTooLargeOrEmpty() {
        ImageFile kernel = Images.vmlinux(MultibootProbe.elf32());
        refused(
                "initrd i: the module has 15353 KiB, but the guest's memory has only 15352 KiB in one piece beside the"
                        + " kernel below 0x80000000",
                new BootRequest(kernel, null, file("initrd i", 15352 * 1024 + 1, 1), ""));
        refused(
                "initrd i: the module is empty",
                new BootRequest(kernel, null, new ImageFile("initrd i", MemorySegment.NULL), ""));
    }

    @Test
    void refusesTextsThatDoNotFit() {
        ImageFile m = file("module m", 1, 1);
        assertEquals(
                "module m: the module's command line has U+000A; it takes printable ASCII characters",
                assertThrows(ImageException.class, () -> new MultibootModule(m, "a\nb"))
                        .getMessage());
        assertEquals(
                "module m: the module's command line has 2048 characters; there is room for 2047",
                assertThrows(ImageException.class, () -> new MultibootModule(m, "x".repeat(2048)))
                        .getMessage());
        refused(
                Images.VMLINUX + ": the kernel command line has 2048 characters; there is room for 2047",
                new BootRequest(Images.vmlinux(MultibootProbe.flat()), null, null, "y".repeat(2048)));
    }
}
