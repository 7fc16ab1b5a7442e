package io.javisor.emulator.system;

import static io.javisor.emulator.state.Vectors.GP;
import static io.javisor.emulator.state.Vectors.UD;
import static io.javisor.emulator.system.SystemFixture.NONE;
import static io.javisor.emulator.system.SystemFixture.PML4;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.StateLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** SDM vol. 3A §2.5, §2.6, §4.1.2, §10.8.5. */
class ControlRegistersTest {
    private static final long PE = Bits.CR0_PE | Bits.CR0_ET | Bits.CR0_NE;
    private static final long PG = PE | Bits.CR0_PG;

    private final SystemFixture f = new SystemFixture();
    private final CpuBlock cpu = f.cpu;

    @AfterEach
    void close() {
        f.close();
    }

    @Test
    void afterAReset() {
        try (SystemFixture fresh = new SystemFixture()) {
            fresh.unit.reset(0x60FB0);
            CpuBlock reset = fresh.cpu;
            assertEquals(0x6000_0010, reset.cr0());
            assertEquals(0xFFF0, reset.rip());
            assertEquals(0xFFFF_0000L, reset.base(CpuBlock.CS));
            assertEquals(0xF000, reset.selector(CpuBlock.CS));
            assertEquals(2, reset.rflags());
            assertEquals(0x60FB0, reset.gpr(CpuBlock.RDX));
            assertEquals(0xFFFF_0FF0L, reset.getLong(StateLayout.DR6_OFFSET));
            assertEquals(0x400, reset.getLong(StateLayout.DR7_OFFSET));
            assertEquals(1, reset.getLong(StateLayout.XCR0_OFFSET));
            assertEquals(0x0007_0406_0007_0406L, fresh.unit.msrs().read(Msrs.IA32_PAT));
            assertEquals(0, fresh.unit.msrs().read(Msrs.IA32_TSC));
        }
    }

    @Test
    void initKeepsCachesAndMsrsAndSipiStarts() {
        f.longMode(0);
        f.unit.msrs().write(Msrs.IA32_LSTAR, 0x1234);
        f.unit.init(0x60FB0);
        assertEquals(Bits.CR0_ET, cpu.cr0());
        assertEquals(0, cpu.efer());
        assertEquals(0x1234, f.unit.msrs().read(Msrs.IA32_LSTAR));
        f.unit.startUp(0x9A);
        assertEquals(0x9A000, cpu.base(CpuBlock.CS));
        assertEquals(0x9A00, cpu.selector(CpuBlock.CS));
        assertEquals(0, cpu.rip());
    }

    @Test
    void cr0Rules() {
        f.assertFault(GP, 0, () -> f.unit.controls().write(0, 1L << 32));
        f.assertFault(GP, 0, () -> f.unit.controls().write(0, Bits.CR0_PG));
        f.assertFault(GP, 0, () -> f.unit.controls().write(0, Bits.CR0_PE | Bits.CR0_NW));
        f.unit.controls().write(0, 0xFFFF_FFFFL & ~Bits.CR0_PG);
        assertEquals(0x6005_003FL, cpu.cr0(), "only bits that exist are kept");
        f.protectedMode(3);
        f.assertFault(GP, 0, () -> f.unit.controls().write(0, 0));
        f.assertFault(GP, 0, () -> f.unit.controls().read(0));
        f.assertFault(UD, NONE, () -> f.unit.controls().write(1, 0));
        f.assertFault(UD, NONE, () -> f.unit.controls().write(15, 0));
    }

    @Test
    void theWayIntoLongModeAndOut() {
        f.longMode(0); // makes the tables
        cpu.putLong(StateLayout.CR0_OFFSET, PE);
        cpu.putLong(StateLayout.CR4_OFFSET, 0);
        cpu.putLong(StateLayout.EFER_OFFSET, 0);
        f.fixture.mmu.controlsChanged();
        f.unit.msrs().write(Msrs.IA32_EFER, Bits.EFER_LME | Bits.EFER_SCE);
        f.assertFault(GP, 0, () -> f.unit.controls().write(0, PG)); // without PAE
        f.unit.controls().write(4, Bits.CR4_PAE);
        f.assertFault(GP, 0, () -> f.unit.controls().write(0, PG)); // with CS.L
        cpu.setSegment(CpuBlock.CS, 8, 0, -1, 0xC09B);
        f.unit.controls().write(3, PML4);
        f.unit.controls().write(0, PG);
        assertTrue(cpu.longMode());
        assertEquals(0x1234, f.fixture.mmu.probe(0x1234));
        f.assertFault(GP, 0, () -> f.unit.controls().write(4, 0)); // PAE stays
        f.assertFault(GP, 0, () -> f.unit.msrs().write(Msrs.IA32_EFER, 0)); // LME stays
        cpu.setSegment(CpuBlock.CS, 0x38, 0, -1, 0xA09B);
        f.assertFault(GP, 0, () -> f.unit.controls().write(0, PE)); // not from 64-bit mode
        cpu.setSegment(CpuBlock.CS, 8, 0, -1, 0xC09B);
        f.unit.controls().write(0, PE);
        assertFalse(cpu.longMode());
        assertEquals(Bits.EFER_LME | Bits.EFER_SCE, cpu.efer());
    }

    @Test
    void cr4KnowsWhatIsOffered() {
        f.longMode(0);
        f.assertFault(GP, 0, () -> f.unit.controls().write(4, Bits.CR4_PAE | Bits.CR4_VME << 13)); // VMXE
        f.assertFault(GP, 0, () -> f.unit.controls().write(4, Bits.CR4_PAE | 1L << 22)); // PKE
        f.assertFault(GP, 0, () -> f.unit.controls().write(4, Bits.CR4_PAE | 1L << 32));
        long offered = Bits.CR4_PAE | Bits.CR4_PGE | Bits.CR4_SMEP | Bits.CR4_SMAP | Bits.CR4_UMIP | Bits.CR4_FSGSBASE;
        f.unit.controls().write(4, offered | Bits.CR4_PCIDE | Bits.CR4_OSXSAVE);
        assertEquals(
                offered | Bits.CR4_PCIDE | Bits.CR4_OSXSAVE, f.unit.controls().read(4));
    }

    @Test
    void pcidRules() {
        f.protectedMode(0);
        f.assertFault(GP, 0, () -> f.unit.controls().write(4, Bits.CR4_PCIDE));
        f.longMode(0);
        f.unit.controls().write(3, PML4 | 5);
        f.assertFault(GP, 0, () -> f.unit.controls().write(4, Bits.CR4_PAE | Bits.CR4_PCIDE));
        f.unit.controls().write(3, PML4);
        f.unit.controls().write(4, Bits.CR4_PAE | Bits.CR4_PCIDE);
        f.unit.controls().write(3, PML4 | 7 | 1L << 63);
        assertEquals(PML4 | 7, cpu.cr3());
        assertEquals(0x1234, f.fixture.mmu.probe(0x1234));
    }

    @Test
    void cr3HasPhysicalAddressBits() {
        f.longMode(0);
        f.assertFault(GP, 0, () -> f.unit.controls().write(3, PML4 | 1L << 46));
        f.assertFault(GP, 0, () -> f.unit.controls().write(3, PML4 | 1L << 63));
    }

    @Test
    void cr3WritesDropWhatIsNotGlobal() {
        f.longMode(0);
        f.memory.putLong(PML4 + 0x2000, 0x187);
        f.unit.controls().write(4, Bits.CR4_PAE | Bits.CR4_PGE);
        f.fixture.linear.read(0x5000, 1);
        long walks = f.fixture.mmu.walks();
        f.unit.controls().write(3, PML4);
        f.fixture.linear.read(0x5000, 1);
        assertEquals(walks, f.fixture.mmu.walks());
        f.unit.controls().write(4, Bits.CR4_PAE);
        f.fixture.linear.read(0x5000, 1);
        assertEquals(walks + 1, f.fixture.mmu.walks());
        f.unit.controls().invalidatePage(0x5FFF);
        f.fixture.linear.read(0x5000, 1);
        assertEquals(walks + 2, f.fixture.mmu.walks());
    }

    @Test
    void writeProtectTakesEffectAtOnce() {
        f.longMode(0);
        f.memory.putLong(PML4 + 0x2000, 0x85);
        f.fixture.mmu.flush(true);
        f.fixture.linear.write(0x5000, 1, 1);
        f.unit.controls().write(0, cpu.cr0() | Bits.CR0_WP);
        f.assertFault(14, 3, () -> f.fixture.linear.write(0x5000, 1, 1));
    }

    @Test
    void pdptesAreLoadedWithCr3AndChecked() {
        f.protectedMode(0);
        f.memory.putLong(PML4, 0x11001);
        f.memory.putLong(0x11000, 0x87);
        cpu.putLong(StateLayout.CR3_OFFSET, PML4);
        f.unit.controls().write(4, Bits.CR4_PAE);
        f.memory.putLong(PML4 + 24, 0x11003);
        f.assertFault(GP, 0, () -> f.unit.controls().write(0, PG));
        f.memory.putLong(PML4 + 24, 0x11002); // not present: nothing is reserved
        f.unit.controls().write(0, PG);
        assertEquals(0x1234, f.fixture.mmu.probe(0x1234));
        f.memory.putLong(PML4, 0);
        f.unit.controls().invalidatePage(0x1000);
        assertEquals(0x1234, f.fixture.mmu.probe(0x1234), "a register, not memory");
        f.memory.putLong(PML4, 0x11001 | 1L << 50);
        f.assertFault(GP, 0, () -> f.unit.controls().write(3, PML4));
        f.memory.putLong(PML4, 0);
        f.unit.controls().write(3, PML4);
        assertEquals(-1, f.fixture.mmu.probe(0x1234));
    }

    @Test
    void cr8IsTheApics() {
        f.longMode(0);
        f.unit.controls().write(8, 9);
        assertEquals(9, f.ports.taskPriority);
        assertEquals(9, f.unit.controls().read(8));
        f.assertFault(GP, 0, () -> f.unit.controls().write(8, 16));
    }

    @Test
    void machineStatusWord() {
        f.protectedMode(0);
        f.unit.controls().loadMachineStatusWord(0xFFFE);
        assertEquals(PE | 0xE, cpu.cr0(), "PE can't be cleared");
        f.unit.controls().clearTaskSwitched();
        assertEquals(PE | 6, f.unit.controls().machineStatusWord());
        f.protectedMode(3);
        f.assertFault(GP, 0, () -> f.unit.controls().loadMachineStatusWord(1));
        f.assertFault(GP, 0, () -> f.unit.controls().clearTaskSwitched());
        assertEquals(PE, f.unit.controls().machineStatusWord());
        cpu.putLong(StateLayout.CR4_OFFSET, Bits.CR4_UMIP);
        f.assertFault(GP, 0, () -> f.unit.controls().machineStatusWord());
    }

    @Test
    void xcr0Rules() {
        f.longMode(0);
        f.assertFault(UD, NONE, () -> f.unit.controls().writeXcr(0, 7));
        f.assertFault(UD, NONE, () -> f.unit.controls().readXcr(0));
        f.unit.controls().write(4, Bits.CR4_PAE | Bits.CR4_OSXSAVE);
        for (long wrong : new long[] {0, 2, 5, 0xF, 1L << 62}) {
            f.assertFault(GP, 0, () -> f.unit.controls().writeXcr(0, wrong));
        }
        f.assertFault(GP, 0, () -> f.unit.controls().writeXcr(1, 1));
        f.assertFault(GP, 0, () -> f.unit.controls().readXcr(1));
        f.unit.controls().writeXcr(0, 7);
        assertEquals(7, f.unit.controls().readXcr(0));
        f.longMode(3);
        cpu.putLong(StateLayout.CR4_OFFSET, Bits.CR4_PAE | Bits.CR4_OSXSAVE);
        f.assertFault(GP, 0, () -> f.unit.controls().writeXcr(0, 7));
    }

    @Test
    void invpcidChecksItsDescriptor() {
        f.longMode(0);
        f.memory.putLong(0x6000, 1L << 12);
        f.assertFault(GP, 0, () -> f.unit.controls().invalidatePcid(0, 0x6000));
        f.memory.putLong(0x6000, 1);
        f.assertFault(GP, 0, () -> f.unit.controls().invalidatePcid(1, 0x6000)); // a PCID without CR4.PCIDE
        f.memory.putLong(0x6000, 0);
        f.memory.putLong(0x6008, 0x8000_0000_0000L);
        f.assertFault(GP, 0, () -> f.unit.controls().invalidatePcid(0, 0x6000));
        f.assertFault(GP, 0, () -> f.unit.controls().invalidatePcid(4, 0x6000));
        f.assertFault(14, 0, () -> f.unit.controls().invalidatePcid(2, 0x4000_0000));
        f.fixture.linear.read(0x5000, 1);
        for (int type = 1; type < 4; type++) {
            long walks = f.fixture.mmu.walks();
            f.unit.controls().invalidatePcid(type, 0x6000);
            f.fixture.linear.read(0x5000, 1);
            f.fixture.linear.read(0x5000, 1);
            assertEquals(walks + 1, f.fixture.mmu.walks());
            f.fixture.linear.read(0x6000, 8);
        }
    }

    @Test
    void eferIsWhatIsOffered() {
        f.protectedMode(0);
        f.assertFault(GP, 0, () -> f.unit.msrs().write(Msrs.IA32_EFER, 1 << 12)); // SVME
        f.unit.msrs().write(Msrs.IA32_EFER, Bits.EFER_NXE | Bits.EFER_LMA);
        assertEquals(Bits.EFER_NXE, cpu.efer(), "LMA is not written");
    }
}
