package io.javisor.core.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.core.cpu.PendingEvents.PendingException;
import io.javisor.core.cpu.PendingEvents.PendingInterrupt;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class CpuStateTest {
    private static CpuState state(
            int version, List<Long> pdptrs, List<MsrEntry> msrs, long cr8, int xsaveBytes, int apicBytes) {
        SegmentState none = SegmentState.none();
        TableState table = new TableState(0, 0xFFFF);
        return new CpuState(
                version,
                new CpuRegisters(
                        GeneralRegisters.at(0xFFF0, 0, 2),
                        new SystemRegisters(
                                none, none, none, none, none, none, none, none, table, table, 0, 0, 0, 0, cr8, 0, 0)),
                pdptrs,
                msrs,
                1,
                Bytes.of(new byte[xsaveBytes]),
                new DebugRegisters(0, 0, 0, 0, 0, 0),
                PendingEvents.NONE,
                RunState.RUNNABLE,
                Bytes.of(new byte[apicBytes]));
    }

    private static void refused(String why, Executable making) {
        assertEquals(why, assertThrows(IllegalArgumentException.class, making).getMessage());
    }

    @Test
    void statesAreComparedByValue() {
        List<MsrEntry> msrs = new ArrayList<>(List.of(new MsrEntry(0x10, 5)));
        CpuState state = state(CpuState.VERSION, List.of(1L, 2L, 3L, 4L), msrs, 15, 832, 1024);
        assertEquals(
                state, state(CpuState.VERSION, List.of(1L, 2L, 3L, 4L), List.of(new MsrEntry(0x10, 5)), 15, 832, 1024));
        msrs.clear();
        assertEquals(1, state.msrs().size(), "nobody changes it afterwards");
    }

    @Test
    void sizesThatNoProcessorHasAreRefused() {
        refused(
                "a processor's state of version 2 is not known; this is 1",
                () -> state(2, List.of(), List.of(), 0, 0, 0));
        refused(
                "a processor's state has 3 page directory pointers",
                () -> state(1, List.of(1L, 2L, 3L), List.of(), 0, 0, 0));
        refused(
                "a processor's state has 4097 MSRs",
                () -> state(1, List.of(), Collections.nCopies(4097, new MsrEntry(0x10, 0)), 0, 0, 0));
        refused("a processor's state has a task priority of 16", () -> state(1, List.of(), List.of(), 16, 0, 0));
        refused(
                "a processor's state has 65537 bytes of XSAVE area",
                () -> state(1, List.of(), List.of(), 0, (1 << 16) + 1, 0));
        refused("a processor's state has 1023 bytes of a local APIC", () -> state(1, List.of(), List.of(), 0, 0, 1023));
    }

    @Test
    void valuesThatARegisterCannotHoldAreRefused() {
        refused("no descriptor table register: limit 0x10000", () -> new TableState(0, 0x10000));
        refused("no segment register: selector 0x10000, type 0x3, DPL 0", () -> SegmentState.data(0x10000));
        refused(
                "no segment register: selector 0x0, type 0x10, DPL 0",
                () -> new SegmentState(0, 0, 0, 16, true, 0, true, false, false, false, false, false));
        refused(
                "no segment register: selector 0x0, type 0x0, DPL 4",
                () -> new SegmentState(0, 0, 0, 0, true, 4, true, false, false, false, false, false));
        refused("no vector of a pending event: 32", () -> new PendingException(32, null, null, false));
        refused("no vector of a pending event: -1", () -> new PendingException(-1, null, null, false));
        refused("no vector of a pending event: 256", () -> new PendingInterrupt(256, false));
        PendingEvents none = PendingEvents.NONE;
        refused(
                "no vector of a pending event: 256",
                () -> new PendingEvents(
                        null, null, none.interruptShadow(), false, false, false, 256, none.management(), false));
    }
}
