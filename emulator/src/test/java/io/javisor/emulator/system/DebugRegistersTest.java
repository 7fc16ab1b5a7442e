package io.javisor.emulator.system;

import static io.javisor.emulator.state.Vectors.DB;
import static io.javisor.emulator.state.Vectors.GP;
import static io.javisor.emulator.state.Vectors.UD;
import static io.javisor.emulator.system.SystemFixture.NONE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.StateLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** SDM vol. 3B ch. 18. */
class DebugRegistersTest {
    private final SystemFixture f = new SystemFixture();
    private final CpuBlock cpu = f.cpu;

    @AfterEach
    void close() {
        f.close();
    }

    private long dr6() {
        return cpu.getLong(StateLayout.DR6_OFFSET);
    }

    private int pending() {
        return cpu.getInt(StateLayout.PENDING_DEBUG_OFFSET);
    }

    @Test
    void fixedBitsAndAliases() {
        f.protectedMode(0);
        f.unit.debug().write(7, 0xFFFF_DFFFL);
        assertEquals(0xFFFF_07FFL, f.unit.debug().read(5));
        f.unit.debug().write(4, 0);
        assertEquals(0xFFFF_0FF0L, f.unit.debug().read(6));
        f.unit.debug().write(6, 0xFFFF_FFFFL);
        assertEquals(0xFFFF_EFFFL, f.unit.debug().read(4));
        cpu.putLong(StateLayout.CR4_OFFSET, Bits.CR4_DE);
        f.assertFault(UD, NONE, () -> f.unit.debug().read(4));
        f.assertFault(UD, NONE, () -> f.unit.debug().write(5, 0));
        f.assertFault(UD, NONE, () -> f.unit.debug().read(8));
        f.longMode(0);
        f.assertFault(GP, 0, () -> f.unit.debug().write(6, 1L << 32));
        f.assertFault(GP, 0, () -> f.unit.debug().write(7, 1L << 32));
        f.longMode(3);
        f.assertFault(GP, 0, () -> f.unit.debug().read(0));
    }

    @Test
    void generalDetectFaultsAndTheHandlerMayLook() {
        f.protectedMode(0);
        f.idt(DB, SystemFixture.CODE0, 0x1000, SystemFixture.INTERRUPT_GATE32, 0);
        f.unit.debug().write(7, 1 << 13);
        CpuFault fault = assertThrows(CpuFault.class, () -> f.unit.debug().read(0));
        assertEquals(DB, fault.vector());
        assertEquals(0xFFFF_2FF0L, dr6());
        assertTrue(f.unit.exceptions().deliver(fault));
        assertEquals(0xFFFF_2FF0L, f.unit.debug().read(6));
        assertEquals(0, f.frame(4, 3)[2] & Bits.RF);
    }

    @Test
    void codeBreakpointsFaultUnlessResumed() {
        f.protectedMode(0);
        assertFalse(f.unit.debug().armed());
        f.unit.debug().write(2, 0x7000);
        f.unit.debug().write(7, 1 << 5);
        assertTrue(f.unit.debug().armed());
        f.unit.debug().checkExecution(0x7001);
        CpuFault fault = assertThrows(CpuFault.class, () -> f.unit.debug().checkExecution(0x7000));
        assertEquals(DB, fault.vector());
        assertEquals(0xFFFF_0FF4L, dr6());
        cpu.setRflags(cpu.rflags() | Bits.RF);
        f.unit.debug().checkExecution(0x7000);
    }

    /** Each kind and length of breakpoint, against each place and size of an access round it. */
    @Test
    void dataBreakpointsByKindAndLength() {
        f.protectedMode(0);
        int[] lengths = {1, 2, 8, 4};
        for (int kind = 0; kind < 4; kind++) {
            for (int code = 0; code < 4; code++) {
                f.unit.debug().write(1, 0x6008);
                f.unit.debug().write(7, 1 << 2 | kind << 20 | code << 22);
                for (int at = 0x5FF8; at < 0x6018; at++) {
                    for (int size = 1; size <= 16; size *= 2) {
                        for (int write = 0; write < 2; write++) {
                            cpu.putInt(StateLayout.PENDING_DEBUG_OFFSET, 0);
                            f.unit.debug().noteData(at, size, write != 0);
                            boolean touches = at < 0x6008 + lengths[code] && at + size > 0x6008;
                            boolean watched = kind == 3 || (kind == 1 && write != 0);
                            assertEquals(touches && watched ? 2 : 0, pending());
                        }
                    }
                }
            }
        }
    }

    @Test
    void lowBitsOfTheAddressDoNotCount() {
        f.protectedMode(0);
        f.unit.debug().write(0, 0x6007);
        f.unit.debug().write(7, 2 | 3 << 16 | 3 << 18);
        f.unit.debug().noteData(0x6004, 1, false);
        assertEquals(1, pending());
    }

    @Test
    void portBreakpointsNeedDe() {
        f.protectedMode(0);
        f.unit.debug().write(3, 0x60);
        f.unit.debug().write(7, 1L << 6 | 2L << 28);
        f.unit.debug().notePort(0x60, 1);
        assertEquals(0, pending());
        cpu.putLong(StateLayout.CR4_OFFSET, Bits.CR4_DE);
        f.unit.debug().notePort(0x5D, 4);
        assertEquals(8, pending());
    }

    @Test
    void trapsAreDeliveredTogether() {
        f.protectedMode(0);
        f.idt(DB, SystemFixture.CODE0, 0x1000, SystemFixture.INTERRUPT_GATE32, 0);
        cpu.putLong(StateLayout.DR6_OFFSET, 0xFFFF_0FF9L);
        f.unit.debug().write(0, 0x6000);
        f.unit.debug().write(7, 2 | 1 << 16);
        f.unit.debug().noteStep();
        f.unit.debug().noteData(0x6000, 1, true);
        assertTrue(f.unit.exceptions().pendingDebug());
        assertEquals(0x1000, cpu.rip());
        assertEquals(0xFFFF_4FF1L, dr6());
        assertEquals(0, pending());
        assertTrue(f.unit.exceptions().pendingDebug());
        assertEquals(0x1000, cpu.rip());
    }
}
