package io.javisor.emulator.system;

import static io.javisor.emulator.state.CpuBlock.CS;
import static io.javisor.emulator.state.CpuBlock.DS;
import static io.javisor.emulator.state.CpuBlock.ES;
import static io.javisor.emulator.state.CpuBlock.SS;
import static io.javisor.emulator.state.Vectors.GP;
import static io.javisor.emulator.state.Vectors.NP;
import static io.javisor.emulator.system.SystemFixture.DATA32;
import static io.javisor.emulator.system.SystemFixture.DPL3;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.SegmentAttributes;
import io.javisor.emulator.state.StateLayout;
import io.javisor.emulator.state.Vectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** SDM vol. 2B MOV, vol. 3A §5.6 and §5.7. */
class SegmentLoaderTest {
    private static final int TESTED = 0x80;

    private final SystemFixture f = new SystemFixture();
    private final CpuBlock cpu = f.cpu;

    @AfterEach
    void close() {
        f.close();
    }

    @Test
    void realModeChangesBaseAndSelectorButNotTheLimit() {
        cpu.setSegment(DS, 0, 0, -1, 0xC093);
        f.unit.segments().load(DS, 0xF123);
        assertEquals(0xF1230, cpu.base(DS));
        assertEquals(0xF123, cpu.selector(DS));
        assertEquals(0xFFFF_FFFFL, cpu.limit(DS));
    }

    @Test
    void v86ModeSetsTheLimitTo64KiB() {
        f.v86(3);
        cpu.setSegment(DS, 0, 0, -1, 0xC0F3);
        f.unit.segments().load(DS, 0x1234);
        assertEquals(0x12340, cpu.base(DS));
        assertEquals(0xFFFF, cpu.limit(DS));
        assertEquals(0xF3, cpu.attributes(DS));
    }

    @Test
    void loadsTheHiddenPartAndMarksTheDescriptorAccessed() {
        f.protectedMode(0);
        f.gdt(TESTED, 0x1234_5678, 0xABCDE, DATA32);
        f.unit.segments().load(ES, TESTED);
        assertEquals(0x1234_5678, cpu.base(ES));
        assertEquals(0xABCD_EFFFL, cpu.limit(ES));
        assertEquals(DATA32 | 1, cpu.attributes(ES));
        assertEquals((byte) 0x93, f.memory.getByte(SystemFixture.GDT + TESTED + 5));
    }

    @Test
    void loadsFromTheLdt() {
        f.protectedMode(0);
        cpu.setSegment(CpuBlock.LDTR, 0x60, SystemFixture.LDT, 0x17, 0x82);
        f.ldt(0x14, 0x4000, 0xFFF, 0x0092);
        f.unit.segments().load(ES, 0x14);
        assertEquals(0x4000, cpu.base(ES));
        assertEquals(0xFFF, cpu.limit(ES));
        f.assertFault(GP, 0x1C, () -> f.unit.segments().load(ES, 0x1C));
        cpu.setSegment(CpuBlock.LDTR, 0, 0, 0, SegmentAttributes.UNUSABLE);
        f.assertFault(GP, 0x14, () -> f.unit.segments().load(ES, 0x14));
    }

    @Test
    void aSelectorBeyondTheTableFaultsWithIt() {
        f.protectedMode(0);
        cpu.putInt(StateLayout.GDTR_LIMIT_OFFSET, 0x86);
        f.assertFault(GP, TESTED, () -> f.unit.segments().load(ES, TESTED));
        cpu.putInt(StateLayout.GDTR_LIMIT_OFFSET, 0x87);
        f.assertFault(GP, TESTED, () -> f.unit.segments().load(ES, TESTED | 3)); // empty: a system descriptor
    }

    @Test
    void nullIsLoadedIntoDataSegmentsAndFaultsWhenUsed() {
        f.protectedMode(3);
        f.unit.segments().load(DS, 3);
        assertEquals(3, cpu.selector(DS));
        f.assertFault(GP, 0, () -> f.unit.addressing().linear(DS, 0, 1, false));
    }

    @Test
    void nullIsLoadedIntoSsIn64BitModeOnlyBelowLevel3WithItsOwnRpl() {
        f.protectedMode(0);
        f.assertFault(GP, 0, () -> f.unit.segments().load(SS, 0));
        f.longMode(0);
        f.unit.segments().load(SS, 0);
        assertEquals(0, cpu.selector(SS));
        f.assertFault(GP, 0, () -> f.unit.segments().load(SS, 3));
        f.longMode(3);
        f.assertFault(GP, 0, () -> f.unit.segments().load(SS, 3));
    }

    /** Each type of descriptor, each DPL, RPL and CPL, present or not, against the tables of the manual. */
    @Test
    void everyTypeAndPrivilege() {
        int checked = 0;
        for (int cpl = 0; cpl <= 3; cpl += 3) {
            f.protectedMode(cpl);
            for (int type = 0; type < 32; type++) {
                for (int dpl = 0; dpl < 4; dpl++) {
                    for (int rpl = 0; rpl < 4; rpl++) {
                        for (int present = 0; present < 2; present++) {
                            f.gdt(TESTED, 0, 0xFFF, type | dpl << 5 | present << 7);
                            expectData(type, dpl, rpl, cpl, present != 0);
                            expectStack(type, dpl, rpl, cpl, present != 0);
                            checked++;
                        }
                    }
                }
            }
        }
        assertEquals(2 * 32 * 4 * 4 * 2, checked);
    }

    private void expectData(int type, int dpl, int rpl, int cpl, boolean present) {
        boolean segment = type >= 16;
        boolean code = (type & 8) != 0;
        boolean readable = !code || (type & 2) != 0;
        boolean conforming = code && (type & 4) != 0;
        int selector = TESTED | rpl;
        if (!segment || !readable || (!conforming && (rpl > dpl || cpl > dpl))) {
            f.assertFault(GP, TESTED, () -> f.unit.segments().load(ES, selector));
        } else if (!present) {
            f.assertFault(NP, TESTED, () -> f.unit.segments().load(ES, selector));
        } else {
            f.unit.segments().load(ES, selector);
            assertEquals(selector, cpu.selector(ES));
        }
    }

    private void expectStack(int type, int dpl, int rpl, int cpl, boolean present) {
        int selector = TESTED | rpl;
        boolean writableData = (type & 0x1A) == 0x12;
        if (!writableData || dpl != cpl || rpl != cpl) {
            f.assertFault(GP, TESTED, () -> f.unit.segments().load(SS, selector));
        } else if (!present) {
            f.assertFault(Vectors.SS, TESTED, () -> f.unit.segments().load(SS, selector));
        } else {
            f.unit.segments().load(SS, selector);
            assertEquals(selector, cpu.selector(SS));
            cpu.setSegment(SS, cpl == 0 ? 0x10 : 0x23, 0, -1, DATA32 | 1 | cpl << 5);
        }
    }

    @Test
    void limitsAreExactUpAndDown() {
        f.protectedMode(0);
        cpu.setSegment(DS, 8, 0x10000, 0xFFF, 0x4093);
        assertEquals(0x10FFC, f.unit.addressing().linear(DS, 0xFFC, 4, true));
        f.assertFault(GP, 0, () -> f.unit.addressing().linear(DS, 0xFFD, 4, true));
        f.assertFault(GP, 0, () -> f.unit.addressing().linear(DS, 0xFFFF_FFFFL, 4, false));
        cpu.setSegment(SS, 8, 0x10000, 0xFFF, 0x0097); // down, 16 bits
        assertEquals(0x11000, f.unit.addressing().linear(SS, 0x1000, 4, true));
        assertEquals(0x1FFFC, f.unit.addressing().linear(SS, 0xFFFC, 4, true));
        f.assertFault(Vectors.SS, 0, () -> f.unit.addressing().linear(SS, 0xFFF, 4, true));
        f.assertFault(Vectors.SS, 0, () -> f.unit.addressing().linear(SS, 0xFFFD, 4, true));
        cpu.setSegment(SS, 8, 0x10000, 0xFFF, 0x4097); // down, 32 bits
        assertEquals(0xFFFC, f.unit.addressing().linear(SS, 0xFFFF_FFFCL, 4, true));
    }

    @Test
    void typesDecideReadsAndWrites() {
        f.protectedMode(0);
        f.assertFault(GP, 0, () -> f.unit.addressing().linear(CS, 0, 1, true));
        assertEquals(0, f.unit.addressing().linear(CS, 0, 1, false));
        cpu.setSegment(DS, 8, 0, -1, 0xC099); // code, execute only
        f.assertFault(GP, 0, () -> f.unit.addressing().linear(DS, 0, 1, false));
        cpu.setSegment(DS, 8, 0, -1, 0xC091 | DPL3); // data, read only
        f.assertFault(GP, 0, () -> f.unit.addressing().linear(DS, 0, 1, true));
        assertEquals(5, f.unit.addressing().linear(DS, 5, 1, false));
    }

    @Test
    void in64BitModeOnlyFsAndGsHaveABaseAndAddressesAreCanonical() {
        f.longMode(3);
        cpu.setSegment(DS, 0, 0x1000, 0, SegmentAttributes.UNUSABLE);
        cpu.setSegment(CpuBlock.FS, 0, 0x7000_0000_0000L, 0, SegmentAttributes.UNUSABLE);
        assertEquals(0x1234_5678_9ABCL, f.unit.addressing().linear(DS, 0x1234_5678_9ABCL, 8, true));
        assertEquals(0x7000_0000_0010L, f.unit.addressing().linear(CpuBlock.FS, 0x10, 8, true));
        f.assertFault(GP, 0, () -> f.unit.addressing().linear(DS, 0x7FFF_FFFF_FFF9L, 8, false));
        f.assertFault(GP, 0, () -> f.unit.addressing().linear(CpuBlock.FS, 0x1000_0000_0000L, 8, false));
        f.assertFault(Vectors.SS, 0, () -> f.unit.addressing().linear(SS, 0x8000_0000_0000L, 8, false));
        assertEquals(-8, f.unit.addressing().linear(SS, -8, 8, false));
    }

    @Test
    void alignmentIsCheckedAtLevel3WhenAskedFor() {
        f.longMode(3);
        f.unit.addressing().linear(DS, 0x1001, 8, false);
        cpu.setRflags(cpu.rflags() | Bits.AC);
        f.unit.addressing().linear(DS, 0x1001, 8, false);
        cpu.putLong(StateLayout.CR0_OFFSET, cpu.cr0() | Bits.CR0_AM);
        for (int size = 2; size <= 8; size *= 2) {
            int bytes = size;
            f.assertFault(Vectors.AC, 0, () -> f.unit.addressing().linear(DS, 0x1001, bytes, false));
            f.unit.addressing().linear(DS, 0x1000 + size, size, true);
        }
        f.unit.addressing().linear(DS, 0x1001, 1, true);
        f.unit.addressing().linear(DS, 0x1001, 10, true);
        cpu.setCpl(0);
        f.unit.addressing().linear(DS, 0x1001, 8, false);
    }
}
