package io.javisor.emulator.system;

import static io.javisor.emulator.state.CpuBlock.CS;
import static io.javisor.emulator.state.CpuBlock.DS;
import static io.javisor.emulator.state.CpuBlock.RSP;
import static io.javisor.emulator.state.CpuBlock.SS;
import static io.javisor.emulator.state.Vectors.DF;
import static io.javisor.emulator.state.Vectors.GP;
import static io.javisor.emulator.state.Vectors.NP;
import static io.javisor.emulator.state.Vectors.PF;
import static io.javisor.emulator.state.Vectors.UD;
import static io.javisor.emulator.system.SystemFixture.CODE0;
import static io.javisor.emulator.system.SystemFixture.CODE3;
import static io.javisor.emulator.system.SystemFixture.CODE32;
import static io.javisor.emulator.system.SystemFixture.CODE64;
import static io.javisor.emulator.system.SystemFixture.CODE64_3;
import static io.javisor.emulator.system.SystemFixture.DATA0;
import static io.javisor.emulator.system.SystemFixture.DATA3;
import static io.javisor.emulator.system.SystemFixture.DPL3;
import static io.javisor.emulator.system.SystemFixture.INTERRUPT_GATE16;
import static io.javisor.emulator.system.SystemFixture.INTERRUPT_GATE32;
import static io.javisor.emulator.system.SystemFixture.NONE;
import static io.javisor.emulator.system.SystemFixture.STACK0;
import static io.javisor.emulator.system.SystemFixture.STACK3;
import static io.javisor.emulator.system.SystemFixture.TRAP_GATE32;
import static io.javisor.emulator.system.SystemFixture.TSS;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.StateLayout;
import io.javisor.emulator.state.Vectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** SDM vol. 3A ch. 6, vol. 2A INT n, vol. 3B §21.1.4 and §21.3. */
class ExceptionsTest {
    private static final int TESTED = 0x80;

    private final SystemFixture f = new SystemFixture();
    private final CpuBlock cpu = f.cpu;

    @AfterEach
    void close() {
        f.close();
    }

    @Test
    void realModePushesThreeWordsAndNoErrorCode() {
        cpu.setGpr(RSP, 0x1000);
        cpu.setRip(0x4321);
        cpu.setRflags(Bits.RFLAGS_FIXED | Bits.IF | Bits.TF | Bits.ZF);
        f.memory.putInt(GP * 4, 0x1000_0234);
        assertTrue(f.unit.exceptions().deliver(cpu.fault(GP, 0)));
        assertEquals(0x10000, cpu.base(CS));
        assertEquals(0x234, cpu.rip());
        assertEquals(Bits.RFLAGS_FIXED | Bits.ZF, cpu.rflags());
        assertArrayEquals(new long[] {0x4321, 0, 0x342}, f.frame(2, 3));
        assertEquals(0xFFA, cpu.gpr(RSP));
    }

    @Test
    void realModeReturns() {
        cpu.setGpr(RSP, 0x1000);
        cpu.putInt(StateLayout.NMI_BLOCKED_OFFSET, 1);
        f.push(2, 0x1234, 0x2000, 0x7ED7);
        f.unit.interruptReturn().iret(2, 0);
        assertEquals(0x1234, cpu.rip());
        assertEquals(0x20000, cpu.base(CS));
        assertEquals(0x7ED7, cpu.rflags());
        assertEquals(0, cpu.getInt(StateLayout.NMI_BLOCKED_OFFSET));
    }

    @Test
    void aRealModeTableThatIsTooShortEndsInShutdown() {
        cpu.putInt(StateLayout.IDTR_LIMIT_OFFSET, 0);
        assertFalse(f.unit.exceptions().deliver(cpu.undefinedOpcode()));
        assertEquals(CpuBlock.SHUTDOWN, cpu.activity());
    }

    @Test
    void sameLevelPushesFlagsWithResumeForFaultsAndClearsInterruptsThroughInterruptGates() {
        f.protectedMode(0);
        f.idt(GP, CODE0, 0x12345, INTERRUPT_GATE32, 0);
        f.idt(UD, CODE0, 0x54321, TRAP_GATE32, 0);
        long flags = cpu.rflags();
        f.unit.exceptions().deliver(cpu.fault(GP, 0x1234));
        assertEquals(0x12345, cpu.rip());
        assertFalse(cpu.flag(Bits.IF));
        assertArrayEquals(new long[] {0x1234, 0x7000, CODE0, flags | Bits.RF}, f.frame(4, 4));
        cpu.setRflags(flags);
        f.unit.exceptions().deliver(cpu.undefinedOpcode());
        assertTrue(cpu.flag(Bits.IF));
        assertArrayEquals(new long[] {0x12345, CODE0, flags | Bits.RF}, f.frame(4, 3));
    }

    @Test
    void interruptsPushNoResumeFlag() {
        f.protectedMode(0);
        f.idt(0x30, CODE0, 0x12345, INTERRUPT_GATE32, 0);
        long flags = cpu.rflags();
        cpu.setActivity(CpuBlock.HALTED);
        f.unit.exceptions().interrupt(0x30);
        assertArrayEquals(new long[] {0x7000, CODE0, flags}, f.frame(4, 3));
        assertEquals(CpuBlock.RUNNING, cpu.activity());
    }

    @Test
    void innerLevelsSwitchStacksAndReturn() {
        f.protectedMode(3);
        f.idt(PF, CODE0, 0x12345, INTERRUPT_GATE32, 0);
        long flags = cpu.rflags();
        f.unit.exceptions().deliver(cpu.pageFault(5, 0xCAFE_0000L));
        assertEquals(0xCAFE_0000L, cpu.getLong(StateLayout.CR2_OFFSET));
        assertEquals(0, cpu.cpl());
        assertEquals(DATA0, cpu.selector(SS));
        assertEquals(STACK0 - 24, cpu.gpr(RSP));
        assertArrayEquals(new long[] {5, 0x7000, CODE3, flags | Bits.RF, STACK3, DATA3}, f.frame(4, 6));
        cpu.setGpr(RSP, cpu.gpr(RSP) + 4);
        f.unit.interruptReturn().iret(4, 0);
        assertEquals(3, cpu.cpl());
        assertEquals(0x7000, cpu.rip());
        assertEquals(STACK3, cpu.gpr(RSP));
        assertEquals(flags | Bits.RF, cpu.rflags());
        assertEquals(DATA3, cpu.selector(DS));
    }

    @Test
    void gatesOf16BitsPushWords() {
        f.protectedMode(3);
        f.idt(GP, CODE0, 0x8888_1234L, INTERRUPT_GATE16, 0);
        f.unit.exceptions().deliver(cpu.fault(GP, 0x18));
        assertEquals(0x1234, cpu.rip());
        assertArrayEquals(new long[] {0x18, 0x7000, CODE3, 0x202, STACK3, DATA3}, f.frame(2, 6));
    }

    @Test
    void softwareInterruptsNeedTheGatesPrivilege() {
        f.protectedMode(3);
        f.idt(0x80, CODE0, 0x12345, INTERRUPT_GATE32, 0);
        f.assertFault(GP, 0x402, () -> f.unit.exceptions().software(0x80, 0x7002));
        f.idt(0x80, CODE0, 0x12345, 0x6E, 0);
        f.assertFault(NP, 0x402, () -> f.unit.exceptions().software(0x80, 0x7002));
        f.idt(0x80, CODE0, 0x12345, INTERRUPT_GATE32 | DPL3, 0);
        f.unit.exceptions().software(0x80, 0x7002);
        assertEquals(0x7002, f.frame(4, 1)[0]);
        assertEquals(0, cpu.cpl());
    }

    @Test
    void gateChecksHaveTheExternalBitForHardwareEvents() {
        f.protectedMode(0);
        for (int type : new int[] {0, 1, 2, 3, 4, 8, 9, 10, 11, 12, 13}) {
            f.idt(0x40, CODE0, 0, 0x80 | type, 0);
            f.assertFault(GP, 0x202, () -> f.unit.exceptions().software(0x40, 0));
        }
        f.idt(0x40, 0, 0, INTERRUPT_GATE32, 0);
        f.assertFault(GP, 0, () -> f.unit.exceptions().software(0x40, 0));
        f.idt(0x40, DATA0, 0, INTERRUPT_GATE32, 0);
        f.assertFault(GP, DATA0, () -> f.unit.exceptions().software(0x40, 0));
        f.idt(Vectors.DB, DATA0, 0, INTERRUPT_GATE32, 0);
        f.assertFault(GP, DATA0 | 1, () -> f.unit.exceptions().int1(0x0));
    }

    @Test
    void int1IsAnEventOfHardware() {
        f.protectedMode(3);
        f.idt(Vectors.DB, CODE0, 0x12345, INTERRUPT_GATE32, 0); // DPL 0 will do
        f.unit.exceptions().int1(0x7001);
        assertEquals(0x7001, f.frame(4, 1)[0]);
    }

    @Test
    void intoDependsOnTheFlagAndTheMode() {
        f.protectedMode(0);
        f.idt(Vectors.OF, CODE0, 0x12345, INTERRUPT_GATE32, 0);
        assertFalse(f.unit.exceptions().overflow(0x7001));
        cpu.setRflags(cpu.rflags() | Bits.OF);
        assertTrue(f.unit.exceptions().overflow(0x7001));
        f.longMode(0);
        f.assertFault(UD, NONE, () -> f.unit.exceptions().overflow(0x7001));
    }

    @Test
    void longModeAlignsTheStackAndAlwaysSavesIt() {
        f.longMode(0);
        f.idt(GP, CODE64, 0xFFFF_8000_1234_5678L, INTERRUPT_GATE32, 0);
        cpu.setGpr(RSP, 0x7FF5);
        long flags = cpu.rflags();
        f.unit.exceptions().deliver(cpu.fault(GP, 0));
        assertEquals(0xFFFF_8000_1234_5678L, cpu.rip());
        assertEquals(0x7FF0 - 48, cpu.gpr(RSP));
        assertArrayEquals(new long[] {0, 0x7000, CODE64, flags | Bits.RF, 0x7FF5, DATA0}, f.frame(8, 6));
        assertEquals(DATA0, cpu.selector(SS), "no other level: SS stays");
        cpu.setGpr(RSP, cpu.gpr(RSP) + 8);
        f.unit.interruptReturn().iret(8, 0);
        assertEquals(0x7FF5, cpu.gpr(RSP));
        assertEquals(0x7000, cpu.rip());
    }

    @Test
    void longModeFromLevel3UsesRsp0AndANullStackSegment() {
        f.longMode(3);
        f.idt(0x30, CODE64, 0x12345, INTERRUPT_GATE32, 0);
        f.memory.putLong(TSS + 4, STACK0 + 5);
        long flags = cpu.rflags();
        f.unit.exceptions().interrupt(0x30);
        assertEquals(0, cpu.selector(SS));
        assertEquals(STACK0 - 40, cpu.gpr(RSP));
        assertArrayEquals(new long[] {0x7000, CODE64_3, flags, STACK3, DATA3}, f.frame(8, 5));
        f.unit.interruptReturn().iret(8, 0);
        assertEquals(3, cpu.cpl());
        assertEquals(STACK3, cpu.gpr(RSP));
    }

    @Test
    void theInterruptStackTableIsUsedAtEveryLevel() {
        for (int cpl = 0; cpl <= 3; cpl += 3) {
            f.longMode(cpl);
            for (int ist = 1; ist < 8; ist++) {
                f.longMode(cpl);
                f.idt(2, CODE64, 0x12345, INTERRUPT_GATE32, ist);
                f.memory.putLong(TSS + 28 + 8L * ist, 0xA000 + 0x100 * ist);
                f.unit.exceptions().nmi();
                assertEquals(0xA000 + 0x100 * ist - 40, cpu.gpr(RSP));
                assertEquals(cpl == 0 ? DATA0 : 0, cpu.selector(SS));
                assertEquals(1, cpu.getInt(StateLayout.NMI_BLOCKED_OFFSET));
                f.unit.interruptReturn().iret(8, 0);
                assertEquals(0, cpu.getInt(StateLayout.NMI_BLOCKED_OFFSET));
                assertEquals(cpl, cpu.cpl());
            }
        }
    }

    @Test
    void aStackThatIsNotCanonicalFaultsWithZero() {
        f.longMode(3);
        f.idt(0x80, CODE64, 0x12345, INTERRUPT_GATE32 | DPL3, 0);
        f.memory.putLong(TSS + 4, 0x8000_0000_0000L);
        f.assertFault(Vectors.SS, 0, () -> f.unit.exceptions().software(0x80, 0));
    }

    @Test
    void gatesOfIa32eLeadTo64BitCodeOnly() {
        f.longMode(0);
        f.idt(0x40, CODE0, 0x12345, INTERRUPT_GATE32, 0);
        f.assertFault(GP, CODE0, () -> f.unit.exceptions().software(0x40, 0));
        for (int type : new int[] {5, 6, 7}) {
            f.idt(0x40, CODE64, 0x12345, 0x80 | type, 0);
            f.assertFault(GP, 0x202, () -> f.unit.exceptions().software(0x40, 0));
        }
    }

    @Test
    void compatibilityModeIsInterruptedInto64BitCode() {
        f.compatibilityMode(3);
        f.idt(0x30, CODE64, 0x12345, INTERRUPT_GATE32, 0);
        f.memory.putLong(TSS + 4, STACK0);
        f.unit.exceptions().interrupt(0x30);
        assertTrue(cpu.code64());
        f.unit.interruptReturn().iret(8, 0);
        assertFalse(cpu.code64());
        assertEquals(3, cpu.cpl());
        assertEquals(CODE3, cpu.selector(CS));
        assertEquals(STACK3, cpu.gpr(RSP));
    }

    /** Table 6-5: each first exception with a contributory second one, raised by the first one's gate. */
    @Test
    void doubleFaultsByClass() {
        int[] vectors = {0, 1, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 16, 17, 19};
        for (int first : vectors) {
            for (int second : new int[] {GP, NP}) {
                f.protectedMode(0);
                for (int vector : vectors) {
                    f.idt(vector, CODE0, 0x2000 + vector, INTERRUPT_GATE32, 0);
                }
                f.idt(DF, CODE0, 0x2000 + DF, INTERRUPT_GATE32, 0);
                if (second == NP) {
                    f.idt(first, CODE0, 0x1000, 0x0E, 0);
                } else {
                    f.idt(first, DATA0, 0x1000, INTERRUPT_GATE32, 0);
                }
                boolean contributory = first == 0 || (first >= 10 && first <= 13);
                boolean twice = contributory || first == PF;
                assertTrue(f.unit.exceptions().deliver(cpu.fault(first, NONE)));
                assertEquals(0x2000 + (twice ? DF : second), cpu.rip(), first + " then " + second);
                int selector = second == NP ? first << 3 | 3 : DATA0 | 1;
                assertEquals(twice ? 0 : selector, f.frame(4, 1)[0]);
            }
        }
    }

    @Test
    void aPageFaultDuringAPageFaultIsADoubleFaultAndCr2IsTheLast() {
        f.longMode(0);
        f.idt(PF, CODE64, 0x12345, INTERRUPT_GATE32, 1);
        f.memory.putLong(TSS + 36, 0x4000_0000L); // not mapped
        f.idt(DF, CODE64, 0x54321, INTERRUPT_GATE32, 0);
        assertTrue(f.unit.exceptions().deliver(cpu.pageFault(0, 0x1234)));
        assertEquals(0x54321, cpu.rip());
        assertEquals(0x3FFF_FFF8L, cpu.getLong(StateLayout.CR2_OFFSET));
        assertEquals(0, f.frame(8, 1)[0]);
    }

    @Test
    void aBenignExceptionIsReplacedByThePageFaultOfItsDelivery() {
        f.longMode(0);
        f.idt(UD, CODE64, 0x12345, INTERRUPT_GATE32, 1);
        f.memory.putLong(TSS + 36, 0x4000_0000L);
        f.idt(PF, CODE64, 0x54321, INTERRUPT_GATE32, 0);
        assertTrue(f.unit.exceptions().deliver(cpu.undefinedOpcode()));
        assertEquals(0x54321, cpu.rip());
        assertEquals(2, f.frame(8, 1)[0]);
    }

    @Test
    void aFaultDuringADoubleFaultShutsDown() {
        f.protectedMode(0);
        cpu.putInt(StateLayout.IDTR_LIMIT_OFFSET, 7);
        assertFalse(f.unit.exceptions().interrupt(0x30));
        assertEquals(CpuBlock.SHUTDOWN, cpu.activity());
    }

    @Test
    void virtual8086ModeIsLeftWithNineValuesAndEnteredByIret() {
        f.v86(3);
        f.idt(0x21, CODE0, 0x12345, INTERRUPT_GATE32 | DPL3, 0);
        cpu.setRip(0x567);
        long flags = cpu.rflags();
        f.unit.exceptions().software(0x21, 0x569);
        assertFalse(cpu.v86());
        assertEquals(0, cpu.cpl());
        assertEquals(0, cpu.selector(DS));
        assertArrayEquals(new long[] {0x569, 0x100, flags, 0x800, 0x900, 0, 0x300, 0x400, 0x500}, f.frame(4, 9));
        f.unit.interruptReturn().iret(4, 0);
        assertTrue(cpu.v86());
        assertEquals(3, cpu.cpl());
        assertEquals(0x1000, cpu.base(CS));
        assertEquals(0x3000, cpu.base(DS));
        assertEquals(0xFFFF, cpu.limit(SS));
        assertEquals(0x800, cpu.gpr(RSP));
        assertEquals(0x569, cpu.rip());
        assertEquals(flags, cpu.rflags());
    }

    @Test
    void virtual8086ModeBindsInstructionsToIopl() {
        f.v86(2);
        f.assertFault(GP, 0, () -> f.unit.exceptions().software(0x21, 0));
        f.assertFault(GP, 0, () -> f.unit.flags().pushed());
        f.assertFault(GP, 0, () -> f.unit.flags().pop(0, 2));
        f.assertFault(GP, 0, () -> f.unit.flags().clearInterruptFlag());
        f.assertFault(GP, 0, () -> f.unit.flags().setInterruptFlag());
        f.idt(3, CODE0, 0x12345, INTERRUPT_GATE32 | DPL3, 0);
        f.unit.exceptions().breakpoint(0x100); // not bound
        assertEquals(0, cpu.cpl());
    }

    @Test
    void virtual8086ModeNeedsAHandlerAtLevel0() {
        f.v86(3);
        f.gdt(TESTED, 0, 0xFFFFF, CODE32 | 0x40); // DPL 2
        f.idt(0x21, TESTED, 0x12345, INTERRUPT_GATE32 | DPL3, 0);
        f.assertFault(GP, TESTED, () -> f.unit.exceptions().software(0x21, 0));
        f.gdt(TESTED, 0, 0xFFFFF, CODE32 | 4); // conforming
        f.assertFault(GP, TESTED, () -> f.unit.exceptions().software(0x21, 0));
    }

    @Test
    void iretTakesFlagsByPrivilege() {
        long all = 0x3F_7FD7L & ~Bits.VM & ~Bits.NT;
        f.protectedMode(0);
        f.push(4, 0x6000, CODE0, all);
        f.unit.interruptReturn().iret(4, 0);
        assertEquals(all, cpu.rflags());
        f.protectedMode(3);
        f.push(4, 0x6000, CODE3, all | Bits.VM);
        f.unit.interruptReturn().iret(4, 0);
        assertEquals((all & ~(Bits.IOPL | Bits.VIF | Bits.VIP)) | Bits.IF, cpu.rflags(), "IOPL 0: IF stays set");
        f.protectedMode(3);
        f.push(2, 0x6000, CODE3, 0);
        f.unit.interruptReturn().iret(2, 0);
        assertTrue(cpu.flag(Bits.IF));
    }

    @Test
    void iretInLongModeRefusesNestedTasks() {
        f.longMode(0);
        cpu.setRflags(cpu.rflags() | Bits.NT);
        f.assertFault(GP, 0, () -> f.unit.interruptReturn().iret(8, 0));
    }

    @Test
    void iretIn64BitModeTakesANullStackBelowLevel3() {
        f.longMode(0);
        f.push(8, 0x6000, CODE64, 2, 0x7777, 0);
        f.unit.interruptReturn().iret(8, 0);
        assertEquals(0x7777, cpu.gpr(RSP));
        assertEquals(0, cpu.selector(SS));
        f.longMode(0);
        f.push(8, 0x6000, CODE64_3, 2, 0x7777, 3);
        f.assertFault(GP, 0, () -> f.unit.interruptReturn().iret(8, 0));
        f.longMode(0);
        f.push(8, 0x8000_0000_0000L, CODE64, 2, 0x7777, 0);
        f.assertFault(GP, 0, () -> f.unit.interruptReturn().iret(8, 0));
    }
}
