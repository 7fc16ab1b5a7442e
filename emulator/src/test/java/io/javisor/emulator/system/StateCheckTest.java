package io.javisor.emulator.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.core.cpu.Bytes;
import io.javisor.core.cpu.CpuRegisters;
import io.javisor.core.cpu.CpuState;
import io.javisor.core.cpu.DebugRegisters;
import io.javisor.core.cpu.GeneralRegisters;
import io.javisor.core.cpu.PendingEvents;
import io.javisor.core.cpu.PendingEvents.Management;
import io.javisor.core.cpu.PendingEvents.PendingException;
import io.javisor.core.cpu.PendingEvents.PendingInterrupt;
import io.javisor.core.cpu.PendingEvents.Shadow;
import io.javisor.core.cpu.RunState;
import io.javisor.core.cpu.SegmentState;
import io.javisor.core.cpu.SystemRegisters;
import io.javisor.core.cpu.TableState;
import io.javisor.emulator.state.Bits;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StateCheckTest {
    private static final OfferedCpu OFFERED = new OfferedCpu(
            Bits.CR4_PAE | Bits.CR4_OSXSAVE, Bits.EFER_LME | Bits.EFER_LMA | Bits.EFER_NXE, 7, 40, true, true, false);
    private static final long PAGING = Bits.CR0_PG | Bits.CR0_PE;
    private static final long LONG_MODE = Bits.EFER_LME | Bits.EFER_LMA;

    private long rip = 0x1000;
    private long rflags = 2;
    private SegmentState cs = SegmentState.code64(8);
    private long cr0 = PAGING;
    private long cr4 = Bits.CR4_PAE;
    private long efer = LONG_MODE;
    private long xcr0 = 7;
    private long dr6;
    private long dr7;
    private RunState runState = RunState.RUNNABLE;
    private PendingEvents events = PendingEvents.NONE;

    private CpuState state() {
        SegmentState none = SegmentState.none();
        TableState table = new TableState(0, 0);
        return new CpuState(
                CpuState.VERSION,
                new CpuRegisters(
                        GeneralRegisters.at(rip, 0, rflags),
                        new SystemRegisters(
                                cs, none, none, none, none, none, none, none, table, table, cr0, 0, 0, cr4, 0, efer,
                                0)),
                List.of(),
                List.of(),
                xcr0,
                Bytes.NONE,
                new DebugRegisters(0, 0, 0, 0, dr6, dr7),
                events,
                runState,
                Bytes.NONE);
    }

    private void taken() {
        StateCheck.check(state(), OFFERED);
    }

    private void refused(String why) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, this::taken);
        assertEquals("a processor's state: " + why, e.getMessage());
    }

    @Test
    void everyModeIsTaken() {
        taken();
        cs = SegmentState.code32(8); // compatibility mode
        taken();
        efer = 0; // PAE
        taken();
        cr4 = 0; // paging of 32 bits
        taken();
        rflags |= Bits.VM;
        taken();
        rflags = 2;
        cr0 = Bits.CR0_PE;
        efer = Bits.EFER_LME; // on its way to 64-bit mode
        taken();
        cr0 = Bits.CR0_CD | Bits.CR0_NW | Bits.CR0_ET; // after power-on
        cs = SegmentState.realModeCode(0xF000);
        taken();
    }

    @Test
    void modesThatThereAreNot() {
        cr4 = 0;
        refused("CR4 can't be 0x0 here");
        cr4 = Bits.CR4_PAE;
        efer = Bits.EFER_LMA;
        refused("EFER can't be 0x400 here");
        efer = Bits.EFER_LME;
        refused("EFER can't be 0x100 here");
        efer = LONG_MODE;
        cr0 = Bits.CR0_PE;
        refused("EFER can't be 0x500 here");
        cr0 = Bits.CR0_PG;
        refused("CR0 can't be 0x80000000 here");
        cr0 = PAGING | Bits.CR0_NW;
        refused("CR0 can't be 0xa0000001 here");
        cr0 = PAGING;
        rflags |= Bits.VM;
        refused("RFLAGS can't be 0x20002 here");
        cr0 = 0;
        efer = 0;
        refused("RFLAGS can't be 0x20002 here");
    }

    @Test
    void bitsThatTheProcessorHasNot() {
        cr0 = PAGING | 1 << 10;
        refused("CR0 can't be 0x80000401 here");
        cr0 = PAGING;
        cr4 |= Bits.CR4_SMEP;
        refused("CR4 can't be 0x100020 here");
        cr4 = Bits.CR4_PAE;
        efer |= Bits.EFER_SCE;
        refused("EFER can't be 0x501 here");
        efer = LONG_MODE;
        xcr0 = 0xF;
        refused("XCR0 can't be 0xf here");
        xcr0 = 5;
        refused("XCR0 can't be 0x5 here");
        xcr0 = 0;
        refused("XCR0 can't be 0x0 here");
        xcr0 = 1;
        dr6 = 1L << 32;
        refused("DR6 can't be 0x100000000 here");
        dr6 = 0;
        dr7 = -1;
        refused("DR7 can't be 0xffffffffffffffff here");
    }

    @Test
    void anInstructionIsWhereItCanBe() {
        rip = 0xFFFF_8000_0000_0000L;
        taken();
        rip = 0x8000_0000_0000L;
        refused("RIP can't be 0x800000000000 here");
        cs = SegmentState.code32(8);
        rip = 1L << 32;
        refused("RIP can't be 0x100000000 here");
    }

    @Test
    void onlyADebugTrapWaits() {
        events = events(new PendingException(1, null, 0x4001L, false), null, false, 0);
        taken();
        events = events(new PendingException(1, null, 0x1_0000L, false), null, false, 0);
        halfDelivered();
        events = events(new PendingException(1, null, null, false), null, false, 0);
        halfDelivered();
        events = events(new PendingException(1, null, 1L, true), null, false, 0);
        halfDelivered();
        events = events(new PendingException(13, 0, null, false), null, false, 0);
        halfDelivered();
        events = events(null, new PendingInterrupt(0x30, false), false, 0);
        halfDelivered();
        events = events(null, null, true, 0);
        halfDelivered();
        events = events(null, null, false, 8);
        halfDelivered();
        events = PendingEvents.NONE;
        runState = RunState.SIPI_RECEIVED;
        refused("a start-up message is half taken");
    }

    private static PendingEvents events(
            @Nullable PendingException exception, @Nullable PendingInterrupt interrupt, boolean nmi, int startUp) {
        return new PendingEvents(exception, interrupt, Shadow.NONE, nmi, false, false, startUp, Management.NONE, false);
    }

    private void halfDelivered() {
        refused("an event is half delivered, " + events);
    }
}
