package io.javisor.core.engine;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.core.cpu.Bytes;
import io.javisor.core.cpu.CpuRegisters;
import io.javisor.core.cpu.CpuState;
import io.javisor.core.cpu.DebugRegisters;
import io.javisor.core.cpu.GeneralRegisters;
import io.javisor.core.cpu.PendingEvents;
import io.javisor.core.cpu.RunState;
import io.javisor.core.cpu.SegmentState;
import io.javisor.core.cpu.SystemRegisters;
import io.javisor.core.cpu.TableState;
import io.javisor.core.engine.VmState.ChipState;
import io.javisor.core.engine.VmState.ClockState;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class VmStateTest {
    private static final int XSAVE_BYTES = 576;
    private static final int APIC_BYTES = 1024;

    private static CpuState cpu(int xsaveBytes, int apicBytes) {
        SegmentState none = SegmentState.none();
        TableState table = new TableState(0, 0);
        return new CpuState(
                CpuState.VERSION,
                new CpuRegisters(
                        GeneralRegisters.at(0, 0, 2),
                        new SystemRegisters(
                                none, none, none, none, none, none, none, none, table, table, 0, 0, 0, 0, 0, 0, 0)),
                List.of(),
                List.of(),
                1,
                Bytes.of(new byte[xsaveBytes]),
                new DebugRegisters(0, 0, 0, 0, 0, 0),
                PendingEvents.NONE,
                RunState.RUNNABLE,
                Bytes.of(new byte[apicBytes]));
    }

    private static VmState state(int version, CpuState... cpus) {
        return new VmState(
                version, "one", new ClockState(7), List.of(cpus), List.of(new ChipState("chip", Bytes.of(new byte[] {
                    1, 2
                }))));
    }

    private static void refused(String why, Executable checking) {
        assertEquals(why, assertThrows(IllegalArgumentException.class, checking).getMessage());
    }

    @Test
    void statesAreComparedByValue() {
        assertEquals(state(1, cpu(XSAVE_BYTES, APIC_BYTES)), state(1, cpu(XSAVE_BYTES, APIC_BYTES)));
    }

    @Test
    void itGoesIntoAVmLikeItsOwn() {
        CpuState cpu = cpu(XSAVE_BYTES, APIC_BYTES);
        assertDoesNotThrow(() -> state(1, cpu, cpu).requireFor("one", 2, VmSpec.Interrupts.PC));
        assertDoesNotThrow(() -> state(1, cpu(832, 0)).requireFor("one", 1, VmSpec.Interrupts.NONE));
    }

    @Test
    void othersAreRefused() {
        CpuState cpu = cpu(XSAVE_BYTES, APIC_BYTES);
        VmSpec.Interrupts chips = VmSpec.Interrupts.PC;
        refused(
                "a VM's state of version 2 from engine one is not for version 1 of engine one",
                () -> state(2, cpu).requireFor("one", 1, chips));
        refused(
                "a VM's state of version 1 from engine one is not for version 1 of engine two",
                () -> state(1, cpu).requireFor("two", 1, chips));
        refused(
                "a VM's state with 1 processors is not for a VM with 2",
                () -> state(1, cpu).requireFor("one", 2, chips));
        refused(
                "a processor's state has an XSAVE area of 575 bytes; it has at least 576",
                () -> state(1, cpu(575, APIC_BYTES)).requireFor("one", 1, chips));
        refused(
                "the VM's local APICs have no state",
                () -> state(1, cpu(XSAVE_BYTES, 0)).requireFor("one", 1, chips));
        refused(
                "the VM has no local APICs, and the state has",
                () -> state(1, cpu).requireFor("one", 1, VmSpec.Interrupts.NONE));
        refused("a guest's clock does not stand at -1 ns", () -> new ClockState(-1));
    }
}
