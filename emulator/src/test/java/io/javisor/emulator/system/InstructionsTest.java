package io.javisor.emulator.system;

import static io.javisor.emulator.state.CpuBlock.CS;
import static io.javisor.emulator.state.CpuBlock.GS;
import static io.javisor.emulator.state.CpuBlock.LDTR;
import static io.javisor.emulator.state.CpuBlock.RAX;
import static io.javisor.emulator.state.CpuBlock.RBX;
import static io.javisor.emulator.state.CpuBlock.RCX;
import static io.javisor.emulator.state.CpuBlock.RDX;
import static io.javisor.emulator.state.CpuBlock.RSP;
import static io.javisor.emulator.state.CpuBlock.SS;
import static io.javisor.emulator.state.CpuBlock.TR;
import static io.javisor.emulator.state.Vectors.GP;
import static io.javisor.emulator.state.Vectors.NP;
import static io.javisor.emulator.state.Vectors.UD;
import static io.javisor.emulator.system.SystemFixture.GDT;
import static io.javisor.emulator.system.SystemFixture.NONE;
import static io.javisor.emulator.system.SystemFixture.TASK;
import static io.javisor.emulator.system.SystemFixture.TSS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.SegmentAttributes;
import io.javisor.emulator.state.StateLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The rest of the system instructions, each against its page of SDM vol. 2. */
class InstructionsTest {
    private static final int TESTED = 0x80;
    private static final int R11 = 11;

    private final SystemFixture f = new SystemFixture();
    private final CpuBlock cpu = f.cpu;

    @AfterEach
    void close() {
        f.close();
    }

    @Test
    void syscallAndSysretIn64BitMode() {
        f.longMode(3);
        f.unit.msrs().writeAny(Msrs.IA32_STAR, 0x0023_0008L << 32);
        f.unit.msrs().writeAny(Msrs.IA32_LSTAR, 0xFFFF_8000_0000_1000L);
        f.unit.msrs().writeAny(Msrs.IA32_FMASK, Bits.IF | Bits.DF);
        cpu.setRflags(Bits.RFLAGS_FIXED | Bits.IF | Bits.DF | Bits.CF | Bits.RF);
        f.unit.fastCalls().syscall(0x7002);
        assertEquals(0, cpu.cpl());
        assertEquals(0x7002, cpu.gpr(RCX));
        assertEquals(Bits.RFLAGS_FIXED | Bits.IF | Bits.DF | Bits.CF, cpu.gpr(R11));
        assertEquals(Bits.RFLAGS_FIXED | Bits.CF, cpu.rflags());
        assertEquals(8, cpu.selector(CS));
        assertEquals(0x10, cpu.selector(SS));
        assertEquals(0xA09B, cpu.attributes(CS));
        assertEquals(0xC093, cpu.attributes(SS));
        assertEquals(0xFFFF_8000_0000_1000L, cpu.rip());
        f.unit.fastCalls().sysret(8);
        assertEquals(3, cpu.cpl());
        assertEquals(0x33, cpu.selector(CS));
        assertEquals(0x2B, cpu.selector(SS));
        assertEquals(0xA0FB, cpu.attributes(CS));
        assertEquals(0x7002, cpu.rip());
        assertEquals(Bits.RFLAGS_FIXED | Bits.IF | Bits.DF | Bits.CF, cpu.rflags());
    }

    @Test
    void sysretToCompatibilityModeAndItsChecks() {
        f.longMode(0);
        f.unit.msrs().write(Msrs.IA32_STAR, 0x0023_0008L << 32);
        cpu.setGpr(RCX, 0x8000_0000_0000L);
        f.assertFault(GP, 0, () -> f.unit.fastCalls().sysret(8));
        f.unit.fastCalls().sysret(4);
        assertEquals(0x23, cpu.selector(CS));
        assertFalse(cpu.code64());
        assertEquals(0, cpu.rip());
        f.longMode(3);
        f.assertFault(GP, 0, () -> f.unit.fastCalls().sysret(8));
        cpu.putLong(StateLayout.EFER_OFFSET, cpu.efer() & ~Bits.EFER_SCE);
        f.assertFault(UD, NONE, () -> f.unit.fastCalls().syscall(0));
        f.assertFault(UD, NONE, () -> f.unit.fastCalls().sysret(8));
    }

    @Test
    void syscallElsewhereIsAmds() {
        f.compatibilityMode(3);
        f.assertFault(UD, NONE, () -> f.unit.fastCalls().syscall(0));
        try (SystemFixture amd = new SystemFixture(true)) {
            amd.compatibilityMode(3);
            amd.unit.msrs().writeAny(Msrs.IA32_STAR, 0x0023_0008L << 32);
            amd.unit.msrs().writeAny(Msrs.IA32_CSTAR, 0x1234);
            amd.unit.fastCalls().syscall(0x7002);
            assertEquals(0x1234, amd.cpu.rip());
            assertTrue(amd.cpu.code64());
            amd.assertFault(UD, NONE, () -> amd.unit.fastCalls().sysenter());
        }
    }

    @Test
    void sysenterAndSysexit() {
        f.protectedMode(3);
        f.assertFault(GP, 0, () -> f.unit.fastCalls().sysenter());
        f.unit.msrs().writeAny(Msrs.IA32_SYSENTER_CS, 8);
        f.unit.msrs().writeAny(Msrs.IA32_SYSENTER_ESP, 0x6000);
        f.unit.msrs().writeAny(Msrs.IA32_SYSENTER_EIP, 0x1234);
        f.unit.fastCalls().sysenter();
        assertEquals(0, cpu.cpl());
        assertEquals(0x6000, cpu.gpr(RSP));
        assertEquals(0x1234, cpu.rip());
        assertFalse(cpu.flag(Bits.IF));
        cpu.setGpr(RCX, 0x9000);
        cpu.setGpr(RDX, 0x7002);
        f.unit.fastCalls().sysexit(4);
        assertEquals(0x1B, cpu.selector(CS));
        assertEquals(0x23, cpu.selector(SS));
        assertEquals(0x7002, cpu.rip());
        assertEquals(0x9000, cpu.gpr(RSP));
        f.assertFault(GP, 0, () -> f.unit.fastCalls().sysexit(4));
        f.longMode(0);
        f.unit.fastCalls().sysexit(8);
        assertEquals(0x2B, cpu.selector(CS));
        assertTrue(cpu.code64());
        f.longMode(0);
        cpu.setGpr(RDX, 0x8000_0000_0000L);
        f.assertFault(GP, 0, () -> f.unit.fastCalls().sysexit(8));
    }

    @Test
    void swapgsAndBases() {
        f.longMode(0);
        f.unit.msrs().write(Msrs.IA32_GS_BASE, 0x1000);
        f.unit.msrs().write(Msrs.IA32_KERNEL_GS_BASE, 0x2000);
        f.unit.fastCalls().swapGs();
        assertEquals(0x2000, cpu.base(GS));
        assertEquals(0x1000, f.unit.msrs().read(Msrs.IA32_KERNEL_GS_BASE));
        f.assertFault(UD, NONE, () -> f.unit.fastCalls().readBase(GS));
        cpu.putLong(StateLayout.CR4_OFFSET, Bits.CR4_PAE | Bits.CR4_FSGSBASE);
        f.unit.fastCalls().writeBase(GS, 0x3000);
        assertEquals(0x3000, f.unit.fastCalls().readBase(GS));
        f.assertFault(GP, 0, () -> f.unit.fastCalls().writeBase(GS, 1L << 63));
        f.longMode(3);
        f.assertFault(GP, 0, () -> f.unit.fastCalls().swapGs());
        f.compatibilityMode(0);
        f.assertFault(UD, NONE, () -> f.unit.fastCalls().swapGs());
    }

    @Test
    void descriptorTableRegisters() {
        f.memory.putShort(0x6000, (short) 0x1234);
        f.memory.putInt(0x6002, 0x8765_4321);
        f.unit.tableRegisters().loadGdt(0x6000, 2);
        assertEquals(0x65_4321, cpu.getLong(StateLayout.GDTR_BASE_OFFSET));
        f.unit.tableRegisters().loadGdt(0x6000, 4);
        f.unit.tableRegisters().storeGdt(0x6100);
        assertEquals(0x8765_4321, f.memory.getInt(0x6102));
        f.longMode(0);
        f.memory.putLong(0x6002, 0xFFFF_8000_1234_5678L);
        f.unit.tableRegisters().loadIdt(0x6000, 8);
        f.unit.tableRegisters().storeIdt(0x6100);
        assertEquals(0xFFFF_8000_1234_5678L, f.memory.getLong(0x6102));
        assertEquals(0x1234, f.memory.getShort(0x6100));
        f.memory.putLong(0x6002, 0x8000_0000_0000L);
        f.assertFault(GP, 0, () -> f.unit.tableRegisters().loadIdt(0x6000, 8));
        f.longMode(3);
        f.assertFault(GP, 0, () -> f.unit.tableRegisters().loadGdt(0x6000, 8));
    }

    @Test
    void umipHidesTables() {
        f.protectedMode(3);
        cpu.putLong(StateLayout.CR4_OFFSET, Bits.CR4_UMIP);
        f.assertFault(GP, 0, () -> f.unit.tableRegisters().storeGdt(0x6000));
        f.assertFault(GP, 0, () -> f.unit.tableRegisters().storeIdt(0x6000));
        f.assertFault(GP, 0, () -> f.unit.tableRegisters().storeLdt());
        f.assertFault(GP, 0, () -> f.unit.tableRegisters().storeTask());
        f.protectedMode(0);
        assertEquals(TASK, f.unit.tableRegisters().storeTask());
    }

    @Test
    void lldt() {
        f.assertFault(UD, NONE, () -> f.unit.tableRegisters().loadLdt(TESTED));
        f.protectedMode(0);
        f.gdt(TESTED, 0x5000, 0xFF, 0x82);
        f.unit.tableRegisters().loadLdt(TESTED);
        assertEquals(0x5000, cpu.base(LDTR));
        assertEquals(TESTED, f.unit.tableRegisters().storeLdt());
        f.unit.tableRegisters().loadLdt(0);
        assertTrue((cpu.attributes(LDTR) & SegmentAttributes.UNUSABLE) != 0);
        f.assertFault(GP, TESTED | 4, () -> f.unit.tableRegisters().loadLdt(TESTED | 4));
        f.assertFault(GP, TASK, () -> f.unit.tableRegisters().loadLdt(TASK));
        f.gdt(TESTED, 0x5000, 0xFF, 0x02);
        f.assertFault(NP, TESTED, () -> f.unit.tableRegisters().loadLdt(TESTED));
        f.protectedMode(3);
        f.assertFault(GP, 0, () -> f.unit.tableRegisters().loadLdt(0));
    }

    @Test
    void ltr() {
        f.protectedMode(0);
        f.assertFault(GP, TASK, () -> f.unit.tableRegisters().loadTask(TASK)); // busy
        f.assertFault(GP, 0, () -> f.unit.tableRegisters().loadTask(0));
        f.gdt(TESTED, 0x4000, 0x67, SystemFixture.TSS16);
        f.unit.tableRegisters().loadTask(TESTED);
        assertEquals(0x83, cpu.attributes(TR));
        assertEquals((byte) 0x83, f.memory.getByte(GDT + TESTED + 5));
        f.longMode(0);
        f.gdt(TESTED, 0x4000, 0x67, SystemFixture.TSS16);
        f.assertFault(GP, TESTED, () -> f.unit.tableRegisters().loadTask(TESTED));
        f.gdt(TESTED, 0x4000, 0x67, SystemFixture.TSS32);
        f.memory.putLong(GDT + TESTED + 8, 0xFFFF_8000L);
        f.unit.tableRegisters().loadTask(TESTED);
        assertEquals(0xFFFF_8000_0000_4000L, cpu.base(TR));
        f.gdt(TESTED, 0x4000, 0x67, SystemFixture.TSS32);
        f.memory.putLong(GDT + TESTED + 8, 0x8000);
        f.assertFault(GP, TESTED, () -> f.unit.tableRegisters().loadTask(TESTED));
    }

    /** LAR, LSL, VERR and VERW over each type, DPL, RPL and CPL, in both kinds of protected mode. */
    @Test
    void selectorsByTypeAndPrivilege() {
        for (int mode = 0; mode < 4; mode++) {
            int cpl = (mode & 1) * 3;
            boolean longMode = mode >= 2;
            if (longMode) {
                f.longMode(cpl);
            } else {
                f.protectedMode(cpl);
            }
            for (int type = 0; type < 32; type++) {
                for (int privilege = 0; privilege < 16; privilege++) {
                    int dpl = privilege & 3;
                    int rpl = privilege >> 2;
                    f.gdt(TESTED, 0x1234_5678, 0xABCDE, 0x8080 | type | dpl << 5);
                    boolean segment = type >= 16;
                    boolean conforming = segment && (type & 12) == 12;
                    boolean sees = conforming || (dpl >= cpl && dpl >= rpl);
                    SelectorChecks checks = f.unit.selectorChecks();
                    boolean lar = segment
                            || (longMode
                                    ? type == 2 || type == 9 || type == 11 || type == 12
                                    : type == 1
                                            || type == 2
                                            || type == 3
                                            || type == 4
                                            || type == 5
                                            || type == 9
                                            || type == 11
                                            || type == 12);
                    boolean lsl = lar && type != 4 && type != 5 && type != 12;
                    long rights = 0x008A_8000 | type << 8 | dpl << 13;
                    assertEquals(lar && sees ? rights : -1, checks.accessRights(TESTED | rpl));
                    assertEquals(lsl && sees ? 0xABCD_EFFFL : -1, checks.segmentLimit(TESTED | rpl));
                    boolean code = (type & 8) != 0;
                    assertEquals(segment && sees && (!code || (type & 2) != 0), checks.isReadable(TESTED | rpl));
                    assertEquals(segment && sees && !code && (type & 2) != 0, checks.isWritable(TESTED | rpl));
                }
            }
        }
        assertEquals(-1, f.unit.selectorChecks().accessRights(0));
        assertEquals(-1, f.unit.selectorChecks().segmentLimit(0x7000));
        assertFalse(f.unit.selectorChecks().isReadable(3));
    }

    @Test
    void arplRaises() {
        f.assertFault(UD, NONE, () -> f.unit.selectorChecks().adjust(0, 0));
        f.protectedMode(0);
        assertEquals(0x13, f.unit.selectorChecks().adjust(0x10, 3));
        assertEquals(0x13, f.unit.selectorChecks().adjust(0x13, 1));
    }

    @Test
    void popfByPrivilege() {
        long all = 0x3F_7FD7L;
        f.protectedMode(0);
        cpu.setRflags(2);
        f.unit.flags().pop(all, 4);
        assertEquals(all & ~(Bits.RF | Bits.VM | Bits.VIF | Bits.VIP), cpu.rflags());
        f.protectedMode(3);
        cpu.setRflags(2);
        f.unit.flags().pop(all, 4);
        assertEquals(all & ~(Bits.RF | Bits.VM | Bits.VIF | Bits.VIP | Bits.IF | Bits.IOPL), cpu.rflags());
        cpu.setRflags(Bits.RFLAGS_FIXED | Bits.AC | Bits.IOPL);
        f.unit.flags().pop(Bits.IF, 2);
        assertEquals(Bits.RFLAGS_FIXED | Bits.AC | Bits.IOPL | Bits.IF, cpu.rflags());
    }

    @Test
    void interruptFlagAndItsShadow() {
        f.protectedMode(0);
        f.unit.flags().setInterruptFlag();
        assertEquals(CpuBlock.SHADOW_NONE, cpu.shadow(), "it was set");
        f.unit.flags().clearInterruptFlag();
        f.unit.flags().setInterruptFlag();
        assertEquals(CpuBlock.SHADOW_STI, cpu.shadow());
        f.protectedMode(3);
        f.assertFault(GP, 0, () -> f.unit.flags().clearInterruptFlag());
        cpu.setRflags(cpu.rflags() | Bits.IOPL);
        f.unit.flags().clearInterruptFlag();
        assertFalse(cpu.flag(Bits.IF));
    }

    @Test
    void alignmentCheckChangesWhatSmapAllows() {
        f.longMode(0);
        f.unit.controls().write(4, Bits.CR4_PAE | Bits.CR4_SMAP);
        f.assertFault(14, 1, () -> f.fixture.linear.read(0x5000, 1));
        f.unit.flags().setAlignmentCheck(true);
        assertEquals(0, f.fixture.linear.read(0x5000, 1));
        f.assertFault(14, 1, () -> f.fixture.linear.readImplicit(0x5000, 1));
        f.unit.flags().setAlignmentCheck(false);
        f.assertFault(14, 1, () -> f.fixture.linear.read(0x5000, 1));
        f.longMode(3);
        f.assertFault(UD, NONE, () -> f.unit.flags().setAlignmentCheck(true));
    }

    @Test
    void portsByIoplAndMap() {
        f.protectedMode(3);
        f.unit.flags();
        for (int port = 0; port < 0x80; port++) {
            int at = port;
            f.unit.portPermission().check(at, 1);
            f.memory.putByte(TSS + 0x68 + at / 8, (byte) (1 << at % 8));
            f.assertFault(GP, 0, () -> f.unit.portPermission().check(at, 1));
            if (at >= 3) {
                f.assertFault(GP, 0, () -> f.unit.portPermission().check(at - 3, 4));
            }
            f.memory.putByte(TSS + 0x68 + at / 8, (byte) 0);
        }
        int last = (0x1FF - 0x68) * 8 - 1;
        f.unit.portPermission().check(last, 1);
        f.assertFault(GP, 0, () -> f.unit.portPermission().check(last + 1, 1)); // two bytes are read
        f.memory.putShort(TSS + 0x66, (short) 0xFFFF);
        f.assertFault(GP, 0, () -> f.unit.portPermission().check(0x80, 1));
        cpu.setRflags(cpu.rflags() | Bits.IOPL);
        f.unit.portPermission().check(0x80, 1);
        f.v86(3);
        f.memory.putShort(TSS + 0x66, (short) 0xFFFF);
        f.assertFault(GP, 0, () -> f.unit.portPermission().check(0x80, 1)); // IOPL does not help
        cpu.setSegment(TR, TASK, TSS, 0x1FF, 0x83);
        f.assertFault(GP, 0, () -> f.unit.portPermission().check(0x80, 1));
    }

    @Test
    void timeStamps() {
        f.protectedMode(3);
        f.ports.now = 5000;
        assertEquals(4000, f.unit.miscellany().timeStamp());
        f.unit.msrs().writeAny(Msrs.IA32_TSC, 10_000);
        assertEquals(6000, f.unit.msrs().readAny(Msrs.IA32_TSC_ADJUST));
        f.unit.msrs().writeAny(Msrs.IA32_TSC_ADJUST, 0);
        assertEquals(4000, f.unit.miscellany().timeStamp());
        assertEquals(2, f.ports.moves);
        cpu.putLong(StateLayout.CR4_OFFSET, Bits.CR4_TSD);
        f.assertFault(GP, 0, () -> f.unit.miscellany().timeStamp());
    }

    @Test
    void cpuidAnswersAndFollowsTheState() {
        f.longMode(3);
        cpu.setGpr(RAX, 0xFFFF_FFFF_0000_0001L);
        f.unit.miscellany().identify();
        assertEquals(0x60FB0, cpu.gpr(RAX));
        assertEquals(0, cpu.gpr(RCX) >>> 27 & 1);
        cpu.putLong(StateLayout.CR4_OFFSET, Bits.CR4_PAE | Bits.CR4_OSXSAVE);
        cpu.setGpr(RAX, 1);
        f.unit.miscellany().identify();
        assertEquals(1, cpu.gpr(RCX) >>> 27 & 1);
        cpu.putLong(StateLayout.XCR0_OFFSET, 7);
        cpu.setGpr(RAX, 0xD);
        cpu.setGpr(RCX, 0);
        f.unit.miscellany().identify();
        assertEquals(0x340, cpu.gpr(RBX));
        assertEquals(7, cpu.gpr(RAX));
        cpu.setGpr(RAX, 0x8000_0008L);
        f.unit.miscellany().identify();
        assertEquals(46 | 48 << 8, cpu.gpr(RAX));
        cpu.setGpr(RAX, 0x8000_0009L); // beyond: as the highest basic leaf
        cpu.setGpr(RCX, 2);
        f.unit.miscellany().identify();
        assertEquals(0x100, cpu.gpr(RAX));
    }

    @Test
    void privilegedInstructions() {
        f.protectedMode(3);
        f.assertFault(GP, 0, () -> f.unit.miscellany().halt());
        f.assertFault(GP, 0, () -> f.unit.miscellany().invalidateCaches());
        f.assertFault(GP, 0, () -> f.unit.controls().invalidatePage(0));
        f.assertFault(GP, 0, () -> f.unit.controls().invalidatePcid(0, 0));
        f.assertFault(GP, 0, () -> f.unit.msrs().read(Msrs.IA32_TSC));
        f.assertFault(GP, 0, () -> f.unit.msrs().write(Msrs.IA32_TSC, 0));
        f.protectedMode(0);
        f.unit.miscellany().halt();
        assertEquals(CpuBlock.HALTED, cpu.activity());
    }

    @Test
    void msrsAndTheirReservedBits() {
        f.longMode(0);
        int[] canonical = {
            Msrs.IA32_LSTAR,
            Msrs.IA32_CSTAR,
            Msrs.IA32_FS_BASE,
            Msrs.IA32_GS_BASE,
            Msrs.IA32_KERNEL_GS_BASE,
            Msrs.IA32_SYSENTER_ESP,
            Msrs.IA32_SYSENTER_EIP
        };
        for (int index : canonical) {
            f.unit.msrs().write(index, 0xFFFF_8000_0000_0000L);
            assertEquals(0xFFFF_8000_0000_0000L, f.unit.msrs().read(index));
            f.assertFault(GP, 0, () -> f.unit.msrs().write(index, 0x8000_0000_0000L));
        }
        f.assertFault(GP, 0, () -> f.unit.msrs().write(Msrs.IA32_FMASK, 1L << 32));
        f.assertFault(GP, 0, () -> f.unit.msrs().write(Msrs.IA32_TSC_AUX, 1L << 32));
        f.assertFault(GP, 0, () -> f.unit.msrs().write(Msrs.IA32_PAT, 2));
        f.unit.msrs().write(Msrs.IA32_PAT, 0x0001_0405_0607_0100L);
        f.assertFault(GP, 0, () -> f.unit.msrs().write(Msrs.IA32_MTRRCAP, 0));
        f.assertFault(GP, 0, () -> f.unit.msrs().write(Msrs.IA32_ARCH_CAPABILITIES, 0));
        assertEquals(0x2B, f.unit.msrs().read(Msrs.IA32_ARCH_CAPABILITIES));
        f.unit.msrs().write(0x20F, 0x3FFF_0000_0800L);
        assertEquals(0x3FFF_0000_0800L, f.unit.msrs().read(0x20F));
        f.assertFault(GP, 0, () -> f.unit.msrs().write(0x20F, 1L << 46));
        f.assertFault(GP, 0, () -> f.unit.msrs().write(0x20E, 2));
        f.unit.msrs().write(0x26F, 0x0606_0606_0606_0606L);
        assertEquals(0x0606_0606_0606_0606L, f.unit.msrs().read(0x26F));
        f.assertFault(GP, 0, () -> f.unit.msrs().write(0x250, 7));
        f.assertFault(GP, 0, () -> f.unit.msrs().write(Msrs.IA32_MTRR_DEF_TYPE, 0x1000));
        f.assertFault(GP, 0, () -> f.unit.msrs().read(0x1234_5678));
        f.assertFault(GP, 0, () -> f.unit.msrs().write(0x1234_5678, 0));
    }

    @Test
    void msrsOfTheApicAreItsOwn() {
        f.longMode(0);
        f.unit.msrs().write(0x808, 0x20);
        assertEquals(0x20, f.unit.msrs().read(0x808));
        f.assertFault(GP, 0, () -> f.unit.msrs().write(0x808, -1));
        f.assertFault(GP, 0, () -> f.unit.msrs().read(0x83F));
    }

    @Test
    void amdsMsrsAreThereOnAmdsProcessorsOnly() {
        f.longMode(0);
        f.assertFault(GP, 0, () -> f.unit.msrs().read(0xC001_1029));
        f.assertFault(GP, 0, () -> f.unit.msrs().write(0xC001_0015, 0));
        try (SystemFixture amd = new SystemFixture(true)) {
            amd.longMode(0);
            assertEquals(2, amd.unit.msrs().read(0xC001_1029));
            amd.unit.msrs().write(0xC001_0015, 1 << 24);
            assertEquals(0, amd.unit.msrs().read(0xC001_0015));
        }
    }
}
