package io.javisor.emulator.system;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.cpu.Bytes;
import io.javisor.core.cpu.CpuState;
import io.javisor.core.cpu.MsrEntry;
import io.javisor.core.cpu.PendingEvents;
import io.javisor.core.cpu.RunState;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.StateLayout;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SystemSnapshotTest {
    private static final long APIC_BASE = 0xFEE0_0900L;

    private static CpuState save(SystemFixture f) {
        return f.unit.snapshot().save(APIC_BASE, Bytes.NONE, Bytes.NONE);
    }

    /** The block without what is no state of the guest: attention, mode, and the addresses of the TLB's and the jump cache's tables. */
    private static byte[] guestState(CpuBlock cpu) {
        byte[] bytes = cpu.segment().asSlice(0, StateLayout.SYSTEM_END_OFFSET).toArray(ValueLayout.JAVA_BYTE);
        for (int i = StateLayout.MODE_OFFSET; i < StateLayout.SHADOW_OFFSET; i++) {
            bytes[i] = 0;
        }
        for (int i = StateLayout.ATTENTION_OFFSET; i < StateLayout.SEGMENTS_OFFSET; i++) {
            bytes[i] = 0;
        }
        for (int i = StateLayout.JUMP_CODE_OFFSET; i < StateLayout.TLB_AC_OFFSET + 8; i++) {
            bytes[i] = 0;
        }
        return bytes;
    }

    @Test
    void everyByteOfTheBlockComesBackInEveryMode() {
        SplittableRandom random = new SplittableRandom(1);
        for (int mode = 0; mode < 6; mode++) {
            try (SystemFixture from = new SystemFixture();
                    SystemFixture to = new SystemFixture()) {
                switch (mode) {
                    case 0 -> from.protectedMode(3);
                    case 1 -> from.longMode(0);
                    case 2 -> from.compatibilityMode(3);
                    case 3 -> from.v86(2);
                    case 4 -> from.longMode(3);
                    default -> from.cpu.setShadow(CpuBlock.SHADOW_STI);
                }
                for (int i = 0; i < 16; i++) {
                    from.cpu.setGpr(i, random.nextLong());
                }
                from.unit.msrs().writeAny(Msrs.IA32_LSTAR, 0xFFFF_8000_1234_5678L);
                from.unit.msrs().writeAny(Msrs.IA32_TSC, 0x1_0000_0000L);
                from.cpu.putInt(StateLayout.NMI_BLOCKED_OFFSET, 1);
                from.unit.debug().noteStep();
                List<MsrEntry> refused = to.unit.snapshot().restore(save(from));
                assertEquals(List.of(), refused);
                assertArrayEquals(guestState(from.cpu), guestState(to.cpu), "mode " + mode);
                assertEquals(save(from), save(to));
            }
        }
    }

    @Test
    void theTimeStampGoesOnAndItsAdjustmentStays() {
        try (SystemFixture from = new SystemFixture();
                SystemFixture to = new SystemFixture()) {
            from.unit.msrs().writeAny(Msrs.IA32_TSC, 500_000);
            to.ports.now = 77;
            to.unit.snapshot().restore(save(from));
            assertEquals(500_000, to.unit.msrs().readAny(Msrs.IA32_TSC));
            assertEquals(
                    from.unit.msrs().readAny(Msrs.IA32_TSC_ADJUST),
                    to.unit.msrs().readAny(Msrs.IA32_TSC_ADJUST));
        }
    }

    @Test
    void paePointersAreRegisters() {
        try (SystemFixture from = new SystemFixture();
                SystemFixture to = new SystemFixture()) {
            from.protectedMode(0);
            from.memory.putLong(SystemFixture.PML4, 0x11001);
            from.cpu.putLong(StateLayout.CR3_OFFSET, SystemFixture.PML4);
            from.unit.controls().write(4, Bits.CR4_PAE);
            from.unit.controls().write(0, from.cpu.cr0() | Bits.CR0_PG);
            CpuState state = save(from);
            assertEquals(List.of(0x11001L, 0L, 0L, 0L), state.pdptrs());
            to.memory.putLong(0x11000, 0x87);
            to.unit.snapshot().restore(state);
            assertEquals(0x1234, to.fixture.mmu.probe(0x1234));
        }
    }

    @Test
    void whatAProcessorWaitsForIsKept() {
        int[] activities = {CpuBlock.RUNNING, CpuBlock.HALTED, CpuBlock.SHUTDOWN, CpuBlock.WAIT_FOR_SIPI};
        RunState[] states = {RunState.RUNNABLE, RunState.HALTED, RunState.RUNNABLE, RunState.INIT_RECEIVED};
        for (int i = 0; i < activities.length; i++) {
            try (SystemFixture from = new SystemFixture();
                    SystemFixture to = new SystemFixture()) {
                from.cpu.setActivity(activities[i]);
                CpuState state = save(from);
                assertEquals(states[i], state.runState());
                assertEquals(activities[i] == CpuBlock.SHUTDOWN, state.events().tripleFault());
                to.unit.snapshot().restore(state);
                assertEquals(activities[i], to.cpu.activity());
            }
        }
    }

    @Test
    void msrsOfOthersAreRefusedAndNamed() {
        try (SystemFixture from = new SystemFixture();
                SystemFixture to = new SystemFixture()) {
            CpuState state = save(from);
            MsrEntry strange = new MsrEntry(0x1234, 1);
            CpuState changed = new CpuState(
                    CpuState.VERSION,
                    state.registers(),
                    state.pdptrs(),
                    List.of(strange, new MsrEntry(Msrs.IA32_LSTAR, 0x1000)),
                    state.xcr0(),
                    state.xsave(),
                    state.debug(),
                    PendingEvents.NONE,
                    state.runState(),
                    state.localApic());
            assertEquals(List.of(strange), to.unit.snapshot().restore(changed));
            assertEquals(0x1000, to.unit.msrs().readAny(Msrs.IA32_LSTAR));
        }
    }
}
