package io.javisor.emulator.system;

import static io.javisor.emulator.state.CpuBlock.CS;
import static io.javisor.emulator.state.CpuBlock.DS;
import static io.javisor.emulator.state.CpuBlock.ES;
import static io.javisor.emulator.state.CpuBlock.RSP;
import static io.javisor.emulator.state.CpuBlock.SS;
import static io.javisor.emulator.state.Vectors.GP;
import static io.javisor.emulator.state.Vectors.NP;
import static io.javisor.emulator.state.Vectors.TS;
import static io.javisor.emulator.system.SystemFixture.CALL_GATE16;
import static io.javisor.emulator.system.SystemFixture.CALL_GATE32;
import static io.javisor.emulator.system.SystemFixture.CODE0;
import static io.javisor.emulator.system.SystemFixture.CODE3;
import static io.javisor.emulator.system.SystemFixture.CODE32;
import static io.javisor.emulator.system.SystemFixture.CODE64;
import static io.javisor.emulator.system.SystemFixture.CODE64_3;
import static io.javisor.emulator.system.SystemFixture.DATA0;
import static io.javisor.emulator.system.SystemFixture.DATA3;
import static io.javisor.emulator.system.SystemFixture.DATA32;
import static io.javisor.emulator.system.SystemFixture.DPL3;
import static io.javisor.emulator.system.SystemFixture.GDT;
import static io.javisor.emulator.system.SystemFixture.LONG_CODE;
import static io.javisor.emulator.system.SystemFixture.STACK0;
import static io.javisor.emulator.system.SystemFixture.STACK3;
import static io.javisor.emulator.system.SystemFixture.TSS;
import static io.javisor.emulator.system.SystemFixture.gate;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.StateLayout;
import io.javisor.emulator.state.Vectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** SDM vol. 2A JMP and CALL, vol. 2B RET, vol. 3A §5.8. */
class FarTransfersTest {
    private static final int TESTED = 0x80;
    private static final int TARGET = 0x90;

    private final SystemFixture f = new SystemFixture();
    private final CpuBlock cpu = f.cpu;

    @AfterEach
    void close() {
        f.close();
    }

    @Test
    void realModeJumpsAndCallsAndReturns() {
        cpu.setSegment(SS, 0x900, 0x9000, 0xFFFF, 0x93);
        cpu.setGpr(RSP, 0x1_0002);
        f.unit.far().call(0x1234, 0xABCD_5678L, 2, 0x105);
        assertEquals(0x12340, cpu.base(CS));
        assertEquals(0x5678, cpu.rip());
        assertEquals(0x1_FFFE, cpu.gpr(RSP), "sp wraps around, the rest of rsp stays");
        assertArrayEquals(new long[] {0x105, 0}, f.frame(2, 2));
        f.unit.far().ret(2, 6);
        assertEquals(0x105, cpu.rip());
        assertEquals(0, cpu.base(CS));
        assertEquals(0x1_0008, cpu.gpr(RSP));
        f.unit.far().jump(0xF000, 0xFFF0, 4, 0);
        assertEquals(0xF0000, cpu.base(CS));
        f.assertFault(GP, 0, () -> f.unit.far().jump(0xF000, 0x1_0000, 4, 0));
    }

    /** Each type, DPL, RPL and level of a direct jump. */
    @Test
    void directJumpsByTypeAndPrivilege() {
        for (int cpl = 0; cpl <= 3; cpl += 3) {
            for (int type = 16; type < 32; type++) {
                for (int dpl = 0; dpl < 4; dpl++) {
                    for (int rpl = 0; rpl < 4; rpl++) {
                        for (int present = 0; present < 2; present++) {
                            f.protectedMode(cpl);
                            f.gdt(TESTED, 0, 0xFFF, 0x4000 | type | dpl << 5 | present << 7);
                            expectJump(cpl, type, dpl, rpl, present != 0);
                        }
                    }
                }
            }
        }
    }

    private void expectJump(int cpl, int type, int dpl, int rpl, boolean present) {
        boolean code = (type & 8) != 0;
        boolean conforming = (type & 4) != 0;
        boolean allowed = code && (conforming ? dpl <= cpl : dpl == cpl && rpl <= cpl);
        Runnable jump = () -> f.unit.far().jump(TESTED | rpl, 0x123, 4, 0);
        if (!allowed) {
            f.assertFault(GP, TESTED, jump);
        } else if (!present) {
            f.assertFault(NP, TESTED, jump);
        } else {
            jump.run();
            assertEquals(TESTED | cpl, cpu.selector(CS));
            assertEquals(cpl, cpu.cpl());
            assertEquals(0x123, cpu.rip());
            f.assertFault(GP, 0, () -> f.unit.far().jump(TESTED | rpl, 0x1000, 4, 0));
        }
    }

    @Test
    void nullSelectorsFaultWithoutOne() {
        f.protectedMode(0);
        f.assertFault(GP, 0, () -> f.unit.far().jump(0, 0, 4, 0));
        f.assertFault(GP, 0, () -> f.unit.far().call(3, 0, 4, 0));
        f.push(4, 0x1000, 2);
        f.assertFault(GP, 0, () -> f.unit.far().ret(4, 0));
    }

    @Test
    void callsPushSelectorAndAddressOfTheOperandsSize() {
        f.protectedMode(0);
        f.unit.far().call(CODE0, 0x1234, 4, 0x7005);
        assertArrayEquals(new long[] {0x7005, CODE0}, f.frame(4, 2));
        f.unit.far().call(CODE0, 0x1234, 2, 0x7005);
        assertArrayEquals(new long[] {0x7005, CODE0}, f.frame(2, 2));
    }

    @Test
    void aCallThatCannotPushChangesNothing() {
        f.protectedMode(0);
        cpu.setSegment(SS, DATA0, 0, 0xFFF, 0x4093);
        cpu.setGpr(RSP, 0x1002);
        f.assertFault(Vectors.SS, 0, () -> f.unit.far().call(CODE0, 0, 4, 0));
    }

    @Test
    void callGateToAnInnerLevelSwitchesStacksAndCopiesParameters() {
        f.protectedMode(3);
        f.memory.putLong(GDT + TESTED, gate(CODE0, 0x0012_3456, CALL_GATE32 | DPL3, 3));
        f.push(4, 0x11, 0x22, 0x33);
        long oldPointer = cpu.gpr(RSP);
        f.unit.far().call(TESTED | 3, 0xDEAD, 4, 0x7007);
        assertEquals(0, cpu.cpl());
        assertEquals(CODE0, cpu.selector(CS));
        assertEquals(0x0012_3456, cpu.rip());
        assertEquals(DATA0, cpu.selector(SS));
        assertEquals(STACK0 - 28, cpu.gpr(RSP));
        assertArrayEquals(new long[] {0x7007, CODE3, 0x11, 0x22, 0x33, oldPointer, DATA3}, f.frame(4, 7));
        f.unit.far().ret(4, 12);
        assertEquals(3, cpu.cpl());
        assertEquals(0x7007, cpu.rip());
        assertEquals(DATA3, cpu.selector(SS));
        assertEquals(oldPointer + 12, cpu.gpr(RSP));
    }

    @Test
    void callGateOf16BitsPushes16Bits() {
        f.protectedMode(3);
        f.memory.putLong(GDT + TESTED, gate(CODE0, 0x7777_1234, CALL_GATE16 | DPL3, 0));
        f.unit.far().call(TESTED | 3, 0, 4, 0x7007);
        assertEquals(0x1234, cpu.rip());
        assertArrayEquals(new long[] {0x7007, CODE3, STACK3, DATA3}, f.frame(2, 4));
    }

    @Test
    void callGateToTheSameLevelKeepsTheStack() {
        f.protectedMode(0);
        f.memory.putLong(GDT + TESTED, gate(CODE0, 0x1234, CALL_GATE32, 5));
        f.unit.far().call(TESTED, 0, 4, 0x7007);
        assertArrayEquals(new long[] {0x7007, CODE0}, f.frame(4, 2));
        f.unit.far().jump(TESTED, 0, 4, 0x7007);
        assertEquals(0x1234, cpu.rip());
    }

    @Test
    void callGateChecks() {
        f.protectedMode(3);
        f.memory.putLong(GDT + TESTED, gate(CODE0, 0x1234, CALL_GATE32, 0));
        f.assertFault(GP, TESTED, () -> f.unit.far().call(TESTED | 3, 0, 4, 0)); // the gate's DPL
        f.memory.putLong(GDT + TESTED, gate(CODE0, 0x1234, 0x6C, 0));
        f.assertFault(NP, TESTED, () -> f.unit.far().call(TESTED | 3, 0, 4, 0));
        f.memory.putLong(GDT + TESTED, gate(0, 0x1234, CALL_GATE32 | DPL3, 0));
        f.assertFault(GP, 0, () -> f.unit.far().call(TESTED | 3, 0, 4, 0));
        f.memory.putLong(GDT + TESTED, gate(DATA0, 0x1234, CALL_GATE32 | DPL3, 0));
        f.assertFault(GP, DATA0, () -> f.unit.far().call(TESTED | 3, 0, 4, 0));
        f.memory.putLong(GDT + TESTED, gate(CODE0, 0x1234, CALL_GATE32 | DPL3, 0));
        f.assertFault(GP, CODE0, () -> f.unit.far().jump(TESTED | 3, 0, 4, 0)); // no JMP to an inner level
        f.gdt(TARGET, 0, 0xFFFFF, CODE32 & ~0x80);
        f.memory.putLong(GDT + TESTED, gate(TARGET, 0x1234, CALL_GATE32 | DPL3, 0));
        f.assertFault(NP, TARGET, () -> f.unit.far().call(TESTED | 3, 0, 4, 0));
    }

    @Test
    void theInnerStackIsChecked() {
        f.protectedMode(3);
        f.memory.putLong(GDT + TESTED, gate(CODE0, 0x1234, CALL_GATE32 | DPL3, 0));
        Runnable call = () -> f.unit.far().call(TESTED | 3, 0, 4, 0);
        f.memory.putInt(TSS + 8, 0);
        f.assertFault(TS, 0, call);
        f.memory.putInt(TSS + 8, DATA3);
        f.assertFault(TS, DATA3 & ~3, call);
        f.memory.putInt(TSS + 8, CODE0);
        f.assertFault(TS, CODE0, call);
        f.memory.putInt(TSS + 8, 0x400);
        f.assertFault(TS, 0x400, call);
        f.gdt(TARGET, 0, 0xFFFFF, DATA32 & ~0x80);
        f.memory.putInt(TSS + 8, TARGET);
        f.assertFault(Vectors.SS, TARGET, call);
        f.gdt(TARGET, 0, 0xFFF, 0x4092);
        f.memory.putInt(TSS + 4, 0x1004);
        f.assertFault(Vectors.SS, TARGET, call); // pushes beyond the limit
        cpu.setSegment(CpuBlock.TR, SystemFixture.TASK, TSS, 8, 0x8B);
        f.assertFault(TS, SystemFixture.TASK, call);
    }

    @Test
    void returnsToAnOuterLevelDropDataOfTheInnerOne() {
        f.protectedMode(0);
        f.push(4, 0x6000, CODE3, STACK3, DATA3);
        cpu.setSegment(ES, DATA3, 0, -1, DATA32 | DPL3 | 1);
        f.unit.far().ret(4, 0);
        assertEquals(3, cpu.cpl());
        assertEquals(0, cpu.selector(DS));
        assertEquals(DATA3, cpu.selector(ES));
        f.assertFault(GP, 0, () -> f.unit.addressing().linear(DS, 0, 1, false));
    }

    @Test
    void returnChecks() {
        f.protectedMode(3);
        f.push(4, 0x6000, CODE0);
        f.assertFault(GP, CODE0, () -> f.unit.far().ret(4, 0)); // inwards
        f.protectedMode(0);
        f.push(4, 0x6000, CODE3, STACK3, 0);
        f.assertFault(GP, 0, () -> f.unit.far().ret(4, 0));
        f.protectedMode(0);
        f.push(4, 0x6000, CODE3, STACK3, DATA0);
        f.assertFault(GP, DATA0, () -> f.unit.far().ret(4, 0));
        f.protectedMode(0);
        f.push(4, 0x6000, DATA0, 0, 0);
        f.assertFault(GP, DATA0, () -> f.unit.far().ret(4, 0));
        f.protectedMode(0);
        f.gdt(TARGET, 0, 0xFFF, 0x409A);
        f.push(4, 0x1000, TARGET, 0, 0);
        f.assertFault(GP, 0, () -> f.unit.far().ret(4, 0));
    }

    @Test
    void betweenCompatibilityAnd64BitMode() {
        f.compatibilityMode(0);
        f.unit.far().jump(CODE64, 0x1234, 4, 0);
        assertEquals(true, cpu.code64());
        f.push(8, 0x5000, CODE0);
        f.unit.far().ret(8, 0);
        assertEquals(false, cpu.code64());
        assertEquals(true, cpu.longMode());
        f.gdt(TARGET, 0, 0xFFFFF, LONG_CODE | 0x4000);
        f.assertFault(GP, TARGET, () -> f.unit.far().jump(TARGET, 0, 4, 0)); // L and D
    }

    @Test
    void callGatesOf64BitsHave16BytesAndUseRsp0() {
        f.longMode(3);
        f.memory.putLong(GDT + TESTED, gate(CODE64, 0x0012_3456, CALL_GATE32 | DPL3, 0));
        f.memory.putLong(GDT + TESTED + 8, 0xFFFF_8000L);
        f.memory.putLong(TSS + 4, STACK0);
        f.unit.far().call(TESTED | 3, 0, 8, 0x7009);
        assertEquals(0xFFFF_8000_0012_3456L, cpu.rip());
        assertEquals(0, cpu.selector(SS));
        assertEquals(STACK0 - 32, cpu.gpr(RSP));
        assertArrayEquals(new long[] {0x7009, CODE64_3, STACK3, DATA3}, f.frame(8, 4));
        f.unit.far().ret(8, 0);
        assertEquals(3, cpu.cpl());
        assertEquals(STACK3, cpu.gpr(RSP));
    }

    @Test
    void gateChecksOfIa32e() {
        f.longMode(3);
        f.memory.putLong(GDT + TESTED, gate(CODE0, 0x1234, CALL_GATE32 | DPL3, 0));
        f.memory.putLong(GDT + TESTED + 8, 0);
        f.assertFault(GP, CODE0, () -> f.unit.far().call(TESTED | 3, 0, 8, 0)); // not 64-bit code
        f.memory.putLong(GDT + TESTED, gate(CODE64, 0x1234, CALL_GATE32 | DPL3, 0));
        f.memory.putLong(GDT + TESTED + 8, 0x0100_0000_0000L);
        f.assertFault(GP, TESTED, () -> f.unit.far().call(TESTED | 3, 0, 8, 0));
        f.memory.putLong(GDT + TESTED + 8, 0x8000);
        f.assertFault(GP, 0, () -> f.unit.far().call(TESTED | 3, 0, 8, 0)); // not canonical
        f.memory.putLong(GDT + TESTED, gate(CODE64, 0x1234, CALL_GATE16 | DPL3, 0));
        f.assertFault(GP, TESTED, () -> f.unit.far().call(TESTED | 3, 0, 8, 0));
        f.assertFault(GP, SystemFixture.TASK, () -> f.unit.far().jump(SystemFixture.TASK, 0, 8, 0));
        cpu.putInt(StateLayout.GDTR_LIMIT_OFFSET, TESTED + 8);
        f.memory.putLong(GDT + TESTED, gate(CODE64, 0x1234, CALL_GATE32 | DPL3, 0));
        f.assertFault(GP, TESTED, () -> f.unit.far().call(TESTED | 3, 0, 8, 0));
    }
}
