package io.javisor.machine.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.cpu.CpuRegisters;
import io.javisor.core.cpu.CpuState;
import io.javisor.core.cpu.GeneralRegisters;
import io.javisor.core.engine.EngineProvider;
import io.javisor.core.engine.EngineVm;
import io.javisor.core.engine.VmState;
import io.javisor.core.event.EventLoop;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.testkit.guest.DrivenMachine;
import io.javisor.testkit.junit.MachineTest;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;

/** What every engine does by its ports. The vCPU is driven by the test's own thread. */
@Timeout(60)
class EngineTest {
    /** Adds 1 to AX and writes AL, for ever. */
    private static final String COUNTER = "40 e6 84 eb fb"; // 1: inc ax; out 0x84, al; jmp 1b

    private static final int IA32_TSC = 0x10;

    @MachineTest
    void aKickIsStickyAndCompletesTheAccessInFlight(EngineProvider engine) {
        try (DrivenMachine rig = new DrivenMachine(engine, "e4 84 90 90")) { // in al, 0x84; nop; nop
            rig.vcpu().kick();
            assertEquals(VcpuExit.KICKED, rig.vcpu().run(), "before the first instruction");
            assertEquals(VcpuExit.KICKED, rig.vcpu().run(), "until it is taken back");
            assertEquals(
                    DrivenMachine.CODE_GPA, rig.vcpu().registers().general().rip());
            rig.vcpu().clearKick();
            assertEquals(VcpuExit.CONTINUE, rig.vcpu().run());
            rig.settle();
            assertEquals(
                    DrivenMachine.CODE_GPA + 2, rig.vcpu().registers().general().rip());
            assertEquals(0x5A, rig.vcpu().registers().general().rax() & 0xFF);
        }
    }

    @MachineTest
    void registersComeBackAsTheyWereSet(EngineProvider engine) {
        try (DrivenMachine rig = new DrivenMachine(engine, COUNTER)) {
            CpuRegisters now = rig.vcpu().registers();
            GeneralRegisters general =
                    new GeneralRegisters(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 0x1234, 0x202);
            rig.vcpu().setRegisters(new CpuRegisters(general, now.system()));
            assertEquals(new CpuRegisters(general, now.system()), rig.vcpu().registers());
        }
    }

    @MachineTest
    void aStateGoesOnInAnotherMachine(EngineProvider engine) {
        VmState saved;
        try (DrivenMachine source = new DrivenMachine(engine, COUNTER)) {
            source.runTo(3);
            source.settle();
            saved = source.vm().save();
            assertEquals(2, saved.cpus().size());
            CpuState boot = saved.cpus().getFirst();
            assertEquals(source.vcpu().registers(), boot.registers());
            assertEquals(1024, boot.localApic().length());
            assertTrue(boot.xsave().length() >= 576);
        }
        try (DrivenMachine target = new DrivenMachine(engine, "f4")) { // its code is put in the place of this
            byte[] code = HexFormat.of().parseHex(COUNTER.replace(" ", ""));
            target.memory().copyIn(code, 0, DrivenMachine.CODE_GPA, code.length);
            target.vm().restore(saved);
            VmState again = target.vm().save();
            for (int i = 0; i < 2; i++) {
                assertEquals(
                        saved.cpus().get(i).registers(), again.cpus().get(i).registers());
                assertEquals(saved.cpus().get(i).xsave(), again.cpus().get(i).xsave());
                assertEquals(saved.cpus().get(i).runState(), again.cpus().get(i).runState());
            }
            assertTrue(again.clock().nanos() >= saved.clock().nanos());
            target.runTo(2);
            assertEquals(List.of(4L, 5L), target.written());
        }
    }

    /** The counter of a guest of some milliseconds is near to that of a new machine, and all the same does not go back to it. */
    @MachineTest
    void theTimeStampCountersGoOnTogether(EngineProvider engine) throws InterruptedException {
        VmState saved;
        try (DrivenMachine source = new DrivenMachine(engine, COUNTER)) {
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(300);
            while (System.nanoTime() < end) {
                source.runTo(source.written().size() + 1);
            }
            source.settle();
            saved = source.vm().save();
        }
        try (DrivenMachine target = new DrivenMachine(engine, COUNTER)) {
            target.vm().restore(saved);
            VmState again = target.vm().save();
            assertTrue(tsc(again, 0) >= tsc(saved, 0), () -> tsc(saved, 0) + " became " + tsc(again, 0));
            assertTrue(tsc(again, 1) >= tsc(saved, 1), () -> tsc(saved, 1) + " became " + tsc(again, 1));
            target.runTo(1);
            target.settle();
            VmState later = target.vm().save();
            assertTrue(tsc(later, 0) > tsc(again, 0));
            assertTrue(tsc(later, 1) >= tsc(later, 0), "the second is looked at later, and in step with the first");
        }
    }

    private static long tsc(VmState state, int cpu) {
        return state.cpus().get(cpu).msrs().stream()
                .filter(entry -> entry.index() == IA32_TSC)
                .findFirst()
                .orElseThrow()
                .data();
    }

    @MachineTest
    void aStateOfAnotherEngineOrMachineIsRefused(EngineProvider engine) {
        try (DrivenMachine rig = new DrivenMachine(engine, COUNTER)) {
            VmState own = rig.vm().save();
            refuse(
                    rig,
                    new VmState(VmState.VERSION, "other", own.clock(), own.cpus(), own.chips()),
                    "a VM's state of version 1 from engine other is not for version 1 of engine " + engine.name());
            refuse(
                    rig,
                    new VmState(VmState.VERSION + 1, own.engine(), own.clock(), own.cpus(), own.chips()),
                    "a VM's state of version 2 from engine " + engine.name() + " is not for version 1 of engine "
                            + engine.name());
            refuse(
                    rig,
                    new VmState(
                            VmState.VERSION,
                            own.engine(),
                            own.clock(),
                            own.cpus().subList(0, 1),
                            own.chips()),
                    "a VM's state with 1 processors is not for a VM with 2");
            rig.runTo(1);
        }
    }

    private static void refuse(DrivenMachine rig, VmState state, String why) {
        assertEquals(
                why,
                assertThrows(IllegalArgumentException.class, () -> rig.vm().restore(state))
                        .getMessage());
    }

    @MachineTest
    void aDoorbellRingsOnTheLoopForItsValueAlone(EngineProvider engine) throws InterruptedException {
        // mov byte [0], 7 and 8 at 0xD0000000 need protected mode: 0xF0000 is no RAM here and can be reached
        String code = "b8 00 f0 8e d8 c7 06 10 00 08 00 c7 06 10 00 07 00 e6 84 f4";
        try (DrivenMachine rig = new DrivenMachine(engine, code);
                EventLoop loop = EventLoop.start("test/io-loop")) {
            CountDownLatch rung = new CountDownLatch(1);
            EngineVm.Binding binding = rig.vm().bindDoorbell("bell", 0xF0010, 2, 7, loop, rung::countDown);
            rig.runTo(1);
            assertTrue(rung.await(10, TimeUnit.SECONDS));
            binding.close();
            binding.close();
        }
    }

    @MachineTest
    void translatesAndDescribes(EngineProvider engine) {
        try (DrivenMachine rig = new DrivenMachine(engine, COUNTER)) {
            assertEquals(OptionalLong.of(0x1234), rig.vcpu().translate(0x1234));
            assertEquals(
                    "40 e6 84 eb fb",
                    rig.vcpu()
                            .failure(VcpuExit.UNEXPECTED)
                            .instruction()
                            .toString()
                            .substring(0, 14));
        }
    }
}
