package io.javisor.emulator.system;

import static io.javisor.emulator.state.CpuBlock.CS;
import static io.javisor.emulator.state.CpuBlock.DS;
import static io.javisor.emulator.state.CpuBlock.ES;
import static io.javisor.emulator.state.CpuBlock.FS;
import static io.javisor.emulator.state.CpuBlock.LDTR;
import static io.javisor.emulator.state.CpuBlock.RSP;
import static io.javisor.emulator.state.CpuBlock.SS;
import static io.javisor.emulator.state.CpuBlock.TR;
import static io.javisor.emulator.state.Vectors.GP;
import static io.javisor.emulator.state.Vectors.NP;
import static io.javisor.emulator.state.Vectors.TS;
import static io.javisor.emulator.system.SystemFixture.CODE0;
import static io.javisor.emulator.system.SystemFixture.CODE3;
import static io.javisor.emulator.system.SystemFixture.DATA0;
import static io.javisor.emulator.system.SystemFixture.DATA3;
import static io.javisor.emulator.system.SystemFixture.DPL3;
import static io.javisor.emulator.system.SystemFixture.GDT;
import static io.javisor.emulator.system.SystemFixture.TASK;
import static io.javisor.emulator.system.SystemFixture.TASK_GATE;
import static io.javisor.emulator.system.SystemFixture.TSS;
import static io.javisor.emulator.system.SystemFixture.TSS16;
import static io.javisor.emulator.system.SystemFixture.TSS32;
import static io.javisor.emulator.system.SystemFixture.gate;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.StateLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** SDM vol. 3A ch. 8. */
class TaskSwitchTest {
    private static final int OTHER = 0x80;
    private static final int GATE = 0x88;
    private static final int LDT_SELECTOR = 0x90;
    private static final long OTHER_TSS = 0x4000;

    private final SystemFixture f = new SystemFixture();
    private final CpuBlock cpu = f.cpu;

    @BeforeEach
    void tasks() {
        f.protectedMode(0);
        other32(CODE0, DATA0);
    }

    @AfterEach
    void close() {
        f.close();
    }

    private void other32(int code, int data) {
        f.gdt(OTHER, OTHER_TSS, 0x67, TSS32);
        f.memory.putInt(OTHER_TSS + 0x20, 0x6543);
        f.memory.putInt(OTHER_TSS + 0x24, 0x202 | (int) Bits.ZF);
        for (int i = 0; i < 8; i++) {
            f.memory.putInt(OTHER_TSS + 0x28 + 4L * i, 0x1000_0000 + i);
        }
        f.memory.putInt(OTHER_TSS + 0x38, 0x7F00);
        int[] segments = {data, code, data, data, 0, 0};
        for (int i = 0; i < 6; i++) {
            f.memory.putInt(OTHER_TSS + 0x48 + 4L * i, segments[i]);
        }
        f.memory.putInt(OTHER_TSS + 0x60, 0);
        f.memory.putInt(OTHER_TSS + 0x64, 0);
    }

    private int type(int selector) {
        return f.memory.getByte(GDT + selector + 5) & 0x1F;
    }

    @Test
    void aJumpSavesTheOldTaskAndLoadsTheNewOne() {
        for (int i = 0; i < 8; i++) {
            if (i != RSP) {
                cpu.setGpr(i, 0x2000_0000 + i);
            }
        }
        long flags = cpu.rflags();
        f.unit.far().jump(OTHER, 0x9999, 4, 0x7007);
        assertEquals(0x6543, cpu.rip());
        assertEquals(0x202 | Bits.ZF, cpu.rflags());
        assertEquals(0x1000_0003, cpu.gpr(3));
        assertEquals(0x7F00, cpu.gpr(RSP));
        assertEquals(OTHER, cpu.selector(TR));
        assertEquals(OTHER_TSS, cpu.base(TR));
        assertEquals(0x8B, cpu.attributes(TR));
        assertEquals(CODE0, cpu.selector(CS));
        assertEquals(0, cpu.selector(FS));
        assertEquals(9, type(TASK));
        assertEquals(11, type(OTHER));
        assertTrue((cpu.cr0() & Bits.CR0_TS) != 0);
        assertEquals(0x7007, f.memory.getInt(TSS + 0x20));
        assertEquals(flags, f.memory.getInt(TSS + 0x24));
        assertEquals(0x2000_0006, f.memory.getInt(TSS + 0x40));
        assertEquals(CODE0, f.memory.getInt(TSS + 0x4C) & 0xFFFF);
    }

    @Test
    void aCallNestsAndIretReturns() {
        f.unit.far().call(OTHER, 0, 4, 0x7007);
        assertTrue(cpu.flag(Bits.NT));
        assertEquals(TASK, f.memory.getShort(OTHER_TSS));
        assertEquals(11, type(TASK));
        assertEquals(11, type(OTHER));
        f.unit.interruptReturn().iret(4, 0x6600);
        assertEquals(0x7007, cpu.rip());
        assertEquals(TASK, cpu.selector(TR));
        assertFalse(cpu.flag(Bits.NT));
        assertEquals(9, type(OTHER));
        assertEquals(11, type(TASK));
        assertEquals(0x6600, f.memory.getInt(OTHER_TSS + 0x20));
        assertEquals(0, f.memory.getInt(OTHER_TSS + 0x24) & Bits.NT);
    }

    @Test
    void taskGatesAreOpenToTheirPrivilege() {
        f.protectedMode(3);
        other32(CODE3, DATA3);
        f.memory.putLong(GDT + GATE, gate(OTHER, 0, TASK_GATE, 0));
        f.assertFault(GP, GATE, () -> f.unit.far().jump(GATE, 0, 4, 0));
        f.assertFault(GP, OTHER, () -> f.unit.far().jump(OTHER, 0, 4, 0)); // the TSS has DPL 0
        f.memory.putLong(GDT + GATE, gate(OTHER, 0, TASK_GATE | DPL3, 0));
        f.unit.far().jump(GATE, 0, 4, 0);
        assertEquals(OTHER, cpu.selector(TR));
        assertEquals(3, cpu.cpl());
        assertEquals(DATA3, cpu.selector(DS));
    }

    @Test
    void anEventThroughATaskGatePushesItsErrorCodeThere() {
        f.idt(GP, OTHER, 0, TASK_GATE, 0);
        assertTrue(f.unit.exceptions().deliver(cpu.fault(GP, 0x1234)));
        assertEquals(OTHER, cpu.selector(TR));
        assertTrue(cpu.flag(Bits.NT));
        assertEquals(0x7EFC, cpu.gpr(RSP));
        assertEquals(0x1234, f.memory.getInt(0x7EFC));
        assertEquals(0x7000, f.memory.getInt(TSS + 0x20));
        assertTrue((f.memory.getInt(TSS + 0x24) & Bits.RF) != 0);
    }

    @Test
    void checksBeforeTheSwitchLeaveTheOldTaskAsItWas() {
        f.assertFault(GP, TASK, () -> f.unit.far().jump(TASK, 0, 4, 0)); // busy: itself
        f.gdt(OTHER, OTHER_TSS, 0x66, TSS32);
        f.assertFault(TS, OTHER, () -> f.unit.far().jump(OTHER, 0, 4, 0));
        f.gdt(OTHER, OTHER_TSS, 0x67, TSS32 & ~0x80);
        f.assertFault(NP, OTHER, () -> f.unit.far().jump(OTHER, 0, 4, 0));
        f.memory.putLong(GDT + GATE, gate(OTHER | 4, 0, TASK_GATE, 0));
        f.assertFault(GP, OTHER | 4, () -> f.unit.far().jump(GATE, 0, 4, 0));
        f.memory.putShort(TSS, (short) OTHER);
        cpu.setRflags(cpu.rflags() | Bits.NT);
        f.gdt(OTHER, OTHER_TSS, 0x67, TSS32);
        f.assertFault(TS, OTHER, () -> f.unit.interruptReturn().iret(4, 0)); // not busy
    }

    @Test
    void wrongSegmentsOfTheNewTaskFaultInIt() {
        int[][] cases = {
            {0x4C, 0, TS, 0}, {0x4C, DATA0, TS, DATA0}, {0x50, 0, TS, 0}, {0x50, DATA3, TS, DATA3 & ~3},
            {0x54, 0x400, TS, 0x400}, {0x54, TASK, TS, TASK}, {0x60, OTHER, TS, OTHER}, {0x60, 0x14, TS, 0x14}
        };
        for (int[] wrong : cases) {
            tasks();
            f.memory.putInt(OTHER_TSS + wrong[0], wrong[1]);
            CpuFault fault = assertThrows(CpuFault.class, () -> f.unit.far().jump(OTHER, 0, 4, 0x7007));
            assertEquals(wrong[2], fault.vector());
            assertEquals(wrong[3], fault.errorCode());
            assertEquals(OTHER, cpu.selector(TR));
            assertEquals(0x6543, cpu.rip());
        }
    }

    @Test
    void theLdtComesAlong() {
        f.gdt(LDT_SELECTOR, SystemFixture.LDT, 0xFF, 0x82);
        f.ldt(0x14, 0x5_0000, 0xFFF, 0x0092);
        f.memory.putInt(OTHER_TSS + 0x60, LDT_SELECTOR);
        f.memory.putInt(OTHER_TSS + 0x48, 0x14);
        f.unit.far().jump(OTHER, 0, 4, 0);
        assertEquals(SystemFixture.LDT, cpu.base(LDTR));
        assertEquals(0x5_0000, cpu.base(ES));
    }

    @Test
    void tasksOf16Bits() {
        f.gdt(OTHER, OTHER_TSS, 0x2B, TSS16);
        short[] words = {0x6543, 0x202, 1, 2, 3, 4, 0x7F00, 6, 7, 8, DATA0, CODE0, DATA0, DATA0, 0};
        for (int i = 0; i < words.length; i++) {
            f.memory.putShort(OTHER_TSS + 0x0E + 2L * i, words[i]);
        }
        f.unit.far().call(OTHER, 0, 4, 0x7007);
        assertEquals(0x6543, cpu.rip());
        assertEquals(2, cpu.gpr(1) & 0xFFFF);
        assertEquals(0x7F00, cpu.gpr(RSP) & 0xFFFF);
        assertEquals(0x83, cpu.attributes(TR));
        assertEquals(3, type(OTHER));
        f.unit.interruptReturn().iret(2, 0x6600);
        assertEquals(TASK, cpu.selector(TR));
        assertEquals(0x6600, f.memory.getShort(OTHER_TSS + 0x0E));
        assertEquals(0x7007, cpu.rip());
    }

    @Test
    void virtual8086Tasks() {
        f.memory.putInt(OTHER_TSS + 0x24, (int) (Bits.VM | 0x3202));
        f.memory.putInt(OTHER_TSS + 0x4C, 0x2000);
        f.memory.putInt(OTHER_TSS + 0x50, 0x3000);
        f.unit.far().jump(OTHER, 0, 4, 0);
        assertTrue(cpu.v86());
        assertEquals(3, cpu.cpl());
        assertEquals(0x20000, cpu.base(CS));
        assertEquals(0x30000, cpu.base(SS));
    }

    @Test
    void theDebugFlagTrapsAndLocalBreakpointsGo() {
        f.memory.putShort(OTHER_TSS + 0x64, (short) 1);
        cpu.putLong(StateLayout.DR7_OFFSET, 0x7FF);
        f.unit.far().jump(OTHER, 0, 4, 0);
        assertEquals(1 << 15, cpu.getInt(StateLayout.PENDING_DEBUG_OFFSET));
        assertEquals(0x6AA, cpu.getLong(StateLayout.DR7_OFFSET));
    }

    @Test
    void anInstructionPointerBeyondTheLimitFaultsInTheNewTask() {
        f.gdt(GATE, 0, 0xFFF, 0x409A);
        f.memory.putInt(OTHER_TSS + 0x4C, GATE);
        CpuFault fault = assertThrows(CpuFault.class, () -> f.unit.far().jump(OTHER, 0, 4, 0x7007));
        assertEquals(GP, fault.vector());
        assertEquals(0x6543, cpu.rip());
    }
}
