package io.javisor.firmware;

import static io.javisor.firmware.testing.TestMachine.LAYOUT;
import static io.javisor.firmware.testing.TestMachine.MIB;
import static io.javisor.testkit.image.ElfBuilder.elf64;
import static io.javisor.testkit.image.ElfBuilder.kernel;
import static io.javisor.testkit.image.ElfBuilder.pattern;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.firmware.cpu.BootState;
import io.javisor.firmware.layout.BootException;
import io.javisor.firmware.layout.BootLayout;
import io.javisor.firmware.testing.Images;
import io.javisor.firmware.testing.TestMachine;
import io.javisor.images.ByteSource;
import io.javisor.images.ImageException;
import io.javisor.images.ImageFile;
import io.javisor.testkit.image.ElfBuilder;
import java.lang.foreign.MemorySegment;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BootPlanTest {
    private static final long RAM = 8 * MIB;
    private static final byte[] INITRD = pattern(0x2345, 9);

    private static ImageFile initrd() {
        return new ImageFile("initrd.cpio", MemorySegment.ofArray(INITRD));
    }

    private static BootPlan plan(ElfBuilder kernel) {
        return BootPlan.of(
                new BootRequest(Images.file(kernel), null, initrd(), "console=ttyS0"), LAYOUT, TestMachine.e820(RAM));
    }

    private static byte[] bytes(GuestMemory memory, long gpa, int length) {
        byte[] bytes = new byte[length];
        memory.copyOut(gpa, bytes, 0, length);
        return bytes;
    }

    @Test
    void plansWithoutTouchingMemory() {
        BootPlan plan = plan(kernel().linuxNote().pvhNote(0x20_0010));
        assertEquals(BootProtocol.LINUX64, plan.protocol());
        assertEquals(0x20_0000, plan.entryGpa());
        assertEquals(new GpaRange(RAM - 0x3000, 0x2345), plan.initrdRange());
    }

    @Test
    void writesALinuxBoot() {
        GuestMemory memory = TestMachine.memory(RAM);
        BootState state = plan(kernel()).write(memory);
        assertEquals(0x20_0000, state.rip());
        assertEquals(0x7000, state.rsi());
        assertArrayEquals(pattern(0x1234, 1), bytes(memory, state.rip(), 0x1234));
        assertArrayEquals(
                INITRD, bytes(memory, memory.getInt(state.rsi() + 0x218), memory.getInt(state.rsi() + 0x21C)));
        assertArrayEquals(
                new byte[] {'c', 'o', 'n', 's', 'o', 'l', 'e', '=', 't', 't', 'y', 'S', '0', 0},
                bytes(memory, memory.getInt(state.rsi() + 0x228), 14));
        assertEquals(3, memory.getByte(state.rsi() + 0x1E8));
        assertEquals(0xA003, memory.getLong(state.cr3()));
        assertEquals(
                0x00AF_9B00_0000_FFFFL,
                memory.getLong(state.gdt().base() + state.code().selector()));
    }

    @Test
    void writesAPvhBoot() {
        GuestMemory memory = TestMachine.memory(RAM);
        BootState state = plan(kernel().pvhNote(0x20_0010)).write(memory);
        assertEquals(0x20_0010, state.rip());
        assertEquals(0x6000, state.rbx());
        assertEquals(0x336E_C578, memory.getInt(state.rbx()));
        long moduleGpa = memory.getLong(state.rbx() + 16);
        assertArrayEquals(INITRD, bytes(memory, memory.getLong(moduleGpa), (int) memory.getLong(moduleGpa + 8)));
        assertEquals('c', memory.getByte(memory.getLong(state.rbx() + 24)));
        assertEquals(0, memory.getLong(0x9000), "no page tables");
        assertEquals(0, memory.getInt(0x7000 + 0x202), "no zero page");
    }

    @Test
    void bootsWithoutInitrd() {
        BootPlan plan = BootPlan.of(
                new BootRequest(Images.file(kernel()), BootProtocol.LINUX64, null, ""), LAYOUT, TestMachine.e820(RAM));
        assertNull(plan.initrdRange());
        GuestMemory memory = TestMachine.memory(RAM);
        BootState state = plan.write(memory);
        assertEquals(0, memory.getInt(state.rsi() + 0x21C));
        assertEquals(0x2_0000, memory.getInt(state.rsi() + 0x228));
    }

    @Test
    void takesAKernelInLowMemoryBesideTheBootData() {
        BootPlan plan = plan(elf64().entry(0x4_0000).load(0x4_0000, pattern(64, 1), 0x1000));
        assertEquals(0x4_0000, plan.entryGpa());
    }

    private static ElfBuilder at(long gpa, long memsz) {
        return elf64().entry(gpa).load(gpa, pattern(16, 1), memsz);
    }

    static Stream<Arguments> badPlaces() {
        return Stream.of(
                arguments("the kernel's segment at 0x0-0xfff overlaps the GDT at 0x500-0x52f", at(0, 0x1000)),
                arguments(
                        "the kernel's segment at 0x6fff-0x700e overlaps the PVH start info at 0x6000-0x6fff",
                        at(0x6FFF, 16)),
                arguments(
                        "the kernel's segment at 0x7ff0-0x7fff overlaps the zero page at 0x7000-0x7fff",
                        at(0x7FF0, 16)),
                arguments(
                        "the kernel's segment at 0x8fe0-0x8fef overlaps the boot stack at 0x8000-0x8fef",
                        at(0x8FE0, 16)),
                arguments(
                        "the kernel's segment at 0x9000-0x900f overlaps the boot page tables at 0x9000-0xefff",
                        at(0x9000, 16)),
                arguments(
                        "the kernel's segment at 0x1f000-0x20000 overlaps the command line at 0x20000-0x207ff",
                        at(0x1_F000, 0x1001)),
                arguments(
                        "the kernel's segment at 0x90000-0x9fc00 overlaps the MP floating pointer at 0x9fc00-0x9fc0f",
                        at(0x9_0000, 0xFC01)),
                arguments(
                        "the kernel's segment at 0xf0000-0xf000f overlaps the MP table at 0xf0000-0xf1fff",
                        at(0xF_0000, 16)),
                arguments(
                        "the kernel's segment at 0xc0000-0xc000f (1 KiB) is outside the guest's RAM (0x0-0x9fbff,"
                                + " 0x100000-0x7fffff)",
                        at(0xC_0000, 16)),
                arguments(
                        "the kernel's segment at 0x200000-0x800000 (6145 KiB) is outside the guest's RAM (0x0-0x9fbff,"
                                + " 0x100000-0x7fffff)",
                        at(0x20_0000, 6 * MIB + 1)),
                arguments(
                        "the kernel's segment at 0x800000-0x80000f (1 KiB) is outside the guest's RAM (0x0-0x9fbff,"
                                + " 0x100000-0x7fffff)",
                        at(0x80_0000, 16)),
                arguments(
                        "the kernel's segment at 0x200000-0x7fffffffffffffef (9007199254738944 KiB) is outside the"
                                + " guest's RAM (0x0-0x9fbff, 0x100000-0x7fffff)",
                        at(0x20_0000, Long.MAX_VALUE - 0x20_0000 - 15)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badPlaces")
    void refusesKernelWhereItCannotGo(String message, ElfBuilder kernel) {
        ImageException e = assertThrows(ImageException.class, () -> plan(kernel));
        assertEquals(Images.VMLINUX + ": " + message, e.getMessage());
    }

    @Test
    void refusesCommandLineLargerThanItsPlace() {
        BootLayout narrow = new BootLayout(
                LAYOUT.gdtGpa(),
                LAYOUT.pvhStartInfo(),
                LAYOUT.zeroPageGpa(),
                LAYOUT.bootStack(),
                LAYOUT.pageTables(),
                new GpaRange(0x2_0000, 8),
                LAYOUT.systemTables(),
                LAYOUT.initrdFloorGpa(),
                LAYOUT.initrdCeilingGpa());
        BootRequest fits = new BootRequest(Images.file(kernel()), null, null, "1234567");
        assertEquals(0x20_0000, BootPlan.of(fits, narrow, TestMachine.e820(RAM)).entryGpa());
        BootRequest tooLong = new BootRequest(Images.file(kernel()), null, null, "12345678");
        BootException e = assertThrows(BootException.class, () -> BootPlan.of(tooLong, narrow, TestMachine.e820(RAM)));
        assertEquals("the kernel command line has 8 characters; there is room for 7", e.getMessage());
    }

    /** An initrd on a disk that says a size and can't be read. */
    private record Unread(String name, long sizeBytes) implements ByteSource {
        @Override
        public void read(long offset, MemorySegment target) {
            throw problem("it is read");
        }
    }

    @Test
    void readsAnInitrdWhenItIsWritten() {
        BootRequest endless =
                new BootRequest(Images.file(kernel()), null, new Unread("endless.img", Long.MAX_VALUE), "");
        ImageException refusal =
                assertThrows(ImageException.class, () -> BootPlan.of(endless, LAYOUT, TestMachine.e820(RAM)));
        assertTrue(String.valueOf(refusal.getMessage()).contains("only 5100 KiB in one piece"), refusal::getMessage);
        BootRequest unread = new BootRequest(Images.file(kernel()), null, new Unread("i.img", MIB), "");
        BootPlan plan = BootPlan.of(unread, LAYOUT, TestMachine.e820(RAM));
        GuestMemory memory = TestMachine.memory(RAM);
        assertEquals(
                "i.img: it is read",
                assertThrows(ImageException.class, () -> plan.write(memory)).getMessage());
    }

    @Test
    void refusesInitrdThatIsTooLarge() {
        ImageFile large = new ImageFile("initrd.cpio", MemorySegment.ofArray(new byte[(int) (6 * MIB)]));
        ImageException e = assertThrows(
                ImageException.class,
                () -> BootPlan.of(
                        new BootRequest(Images.file(kernel()), null, large, ""), LAYOUT, TestMachine.e820(RAM)));
        assertEquals(
                "initrd.cpio: the initrd has 6144 KiB, but the guest's memory has only 5100 KiB in one piece beside"
                        + " the kernel below 0x80000000",
                e.getMessage());
    }
}
