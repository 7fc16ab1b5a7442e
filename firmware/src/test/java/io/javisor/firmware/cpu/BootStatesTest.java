package io.javisor.firmware.cpu;

import static io.javisor.firmware.testing.TestMachine.LAYOUT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.cpu.SegmentState;
import io.javisor.core.cpu.TableState;
import io.javisor.core.memory.GuestMemory;
import io.javisor.firmware.testing.TestMachine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BootStatesTest {
    private static final BootState LINUX = BootStates.linux64(LAYOUT, 0x100_0000);
    private static final BootState PVH = BootStates.pvh(LAYOUT, 0x100_0680);

    @Test
    void linuxStartsIn64BitModeWithTheZeroPageInRsi() {
        assertEquals(0x100_0000, LINUX.rip());
        assertEquals(0x7000, LINUX.rsi());
        assertEquals(0, LINUX.rbx());
        assertEquals(0x8FF0, LINUX.rsp());
        assertEquals(2, LINUX.rflags());
        assertEquals(0x8000_0011L, LINUX.cr0());
        assertEquals(0x9000, LINUX.cr3());
        assertEquals(0x20, LINUX.cr4());
        assertEquals(0x500, LINUX.efer());
        assertEquals(0x10, LINUX.code().selector());
        assertTrue(LINUX.code().longMode());
        assertFalse(LINUX.code().defaultBig());
        assertEquals(0x18, LINUX.data().selector());
        assertTrue(LINUX.ldt().unusable());
        assertEquals(new TableState(0x500, 47), LINUX.gdt());
        assertEquals(new TableState(0, 0), LINUX.idt());
    }

    @Test
    void pvhStartsIn32BitModeWithoutPagingAndStartInfoInRbx() {
        assertEquals(0x100_0680, PVH.rip());
        assertEquals(0x6000, PVH.rbx());
        assertEquals(0, PVH.rsi());
        assertEquals(2, PVH.rflags());
        assertEquals(0x11, PVH.cr0());
        assertEquals(0, PVH.cr3());
        assertEquals(0, PVH.cr4());
        assertEquals(0, PVH.efer());
        assertFalse(PVH.code().longMode());
        assertTrue(PVH.code().defaultBig());
        for (SegmentState flat : new SegmentState[] {PVH.code(), PVH.data()}) {
            assertEquals(0, flat.base());
            assertEquals(0xFFFF_FFFF, flat.limit());
            assertTrue(flat.granular());
        }
        assertEquals(0, PVH.tss().base());
        assertEquals(0x67, PVH.tss().limit());
        assertEquals(0xB, PVH.tss().type());
        assertFalse(PVH.tss().codeOrData());
    }

    @Test
    void descriptorsStandInTheTableAsInTheRegisters() {
        GuestMemory memory = TestMachine.memory(0x1_0000);
        memory.fill(0x500, 0x40, (byte) 0xFF);
        BootStates.write(memory, LAYOUT, LINUX);
        assertEquals(0, memory.getLong(0x500));
        assertEquals(0, memory.getLong(0x508));
        // Execute/read, accessed, present, L, G; read/write, accessed, present, D/B, G; busy TSS, limit 0x67.
        assertEquals(0x00AF_9B00_0000_FFFFL, memory.getLong(0x510));
        assertEquals(0x00CF_9300_0000_FFFFL, memory.getLong(0x518));
        assertEquals(0x0000_8B00_0000_0067L, memory.getLong(0x520));
        assertEquals(0, memory.getLong(0x528));
        assertEquals(-1, memory.getLong(0x530));
    }

    @Test
    void pvhHas32BitCodeAndNoPageTables() {
        GuestMemory memory = TestMachine.memory(0x1_0000);
        BootStates.write(memory, LAYOUT, PVH);
        assertEquals(0x00CF_9B00_0000_FFFFL, memory.getLong(0x510));
        assertEquals(0, memory.getLong(0x9000));
    }

    @Test
    void descriptorTakesBaseLimitAndPrivilegeApart() {
        SegmentState odd =
                new SegmentState(0x89AB_CDEFL, 0xF_1234, 0, 0x2, true, 3, true, true, false, false, false, false);
        assertEquals(0x891F_F2AB_CDEF_1234L, odd.descriptor());
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                0,
                1,
                0x7000,
                0x2_0000,
                0x1F_FFFF,
                0x20_0000,
                0x100_0000,
                0x3FFF_FFFF,
                0x4000_0000,
                0xBFFF_FFFFL,
                0xC000_0000L,
                0xFEE0_0000L,
                0xFFFF_FFFFL
            })
    void identityMapTranslatesToItself(long gva) {
        GuestMemory memory = TestMachine.memory(0x1_0000);
        BootStates.write(memory, LAYOUT, LINUX);
        assertEquals(gva, translate(memory, LINUX.cr3(), gva));
    }

    @ParameterizedTest
    @ValueSource(longs = {0x1_0000_0000L, 0x80_0000_0000L, 0x7FFF_FFFF_F000L, 0xFFFF_8000_0000_0000L, -1})
    void nothingElseIsMapped(long gva) {
        GuestMemory memory = TestMachine.memory(0x1_0000);
        BootStates.write(memory, LAYOUT, LINUX);
        assertEquals(NOT_MAPPED, translate(memory, LINUX.cr3(), gva));
    }

    @Test
    void pageTablesStayInTheirPlace() {
        GuestMemory memory = TestMachine.memory(0x1_0000);
        memory.fill(0x8000, 0x8000, (byte) 0xEE);
        BootStates.write(memory, LAYOUT, LINUX);
        assertEquals((byte) 0xEE, memory.getByte(0x8FFF));
        assertNotEquals((byte) 0xEE, memory.getByte(0xEFFF));
        assertEquals((byte) 0xEE, memory.getByte(0xF000));
    }

    private static final long NOT_MAPPED = Long.MIN_VALUE;

    /** A walk as the processor does it (SDM vol. 3 §4.5.4), for 4-level paging with large pages. */
    private static long translate(GuestMemory memory, long cr3, long gva) {
        long tableGpa = cr3;
        for (int shift = 39; shift >= 12; shift -= 9) {
            long entry = memory.getLong(tableGpa + 8 * ((gva >>> shift) & 0x1FF));
            if ((entry & 1) == 0) {
                return NOT_MAPPED;
            }
            assertEquals(2, entry & 2, "writable");
            assertEquals(0, entry & 4, "supervisor");
            long frame = entry & 0x000F_FFFF_FFFF_F000L;
            boolean large = (entry & 0x80) != 0 && shift < 39;
            if (large || shift == 12) {
                long offsetMask = (1L << shift) - 1;
                assertEquals(0, frame & offsetMask, "reserved bits");
                return frame | (gva & offsetMask);
            }
            tableGpa = frame;
        }
        throw new AssertionError("no leaf");
    }
}
