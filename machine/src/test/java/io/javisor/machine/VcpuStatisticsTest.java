package io.javisor.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.engine.EngineVcpu;
import io.javisor.core.engine.StepCount;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.emulator.SoftwareEngineProvider;
import io.javisor.testkit.guest.DrivenMachine;
import io.javisor.testkit.guest.TinyGuest;
import io.javisor.testkit.junit.MachineTest;
import java.util.List;
import java.util.Map;

/** What the engine counts, over a machine's lives, and where it is told of. */
class VcpuStatisticsTest {
    /** inc eax; out 0x84, al; jmp back */
    private static final String COUNTER = "40 e6 84 eb fb";

    private final VcpuStatistics statistics = new VcpuStatistics();

    private long portWrites(int vcpu) {
        return statistics.snapshot().get(vcpu).getOrDefault(EngineVcpu.PORT_WRITES, -1L);
    }

    @MachineTest
    void livesAddUp(EngineProvider engine) throws Exception {
        assertEquals(List.of(), statistics.snapshot());
        live(engine, 3, 3);
        assertEquals(3, portWrites(0));
        live(engine, 2, 5);
        assertEquals(5, portWrites(0));
        assertEquals(0, portWrites(1));
    }

    private void live(EngineProvider engine, int writes, int sum) throws Exception {
        try (DrivenMachine rig = new DrivenMachine(engine, COUNTER);
                AutoCloseable _ = statistics.begin(List.of(rig.vcpu(), rig.second()))) {
            rig.runTo(writes);
            assertEquals(sum, portWrites(0));
        }
    }

    @MachineTest
    void countersHaveNamesForEveryReader(EngineProvider engine) {
        try (DrivenMachine rig = new DrivenMachine(engine, COUNTER)) {
            rig.runTo(1);
            Map<String, Long> counters = rig.vcpu().counters();
            assertEquals(0, counters.get(EngineVcpu.PORT_READS));
            assertEquals(0, counters.get(EngineVcpu.DEVICE_READS));
            assertEquals(0, counters.get(EngineVcpu.DEVICE_WRITES));
            counters.forEach((name, value) -> {
                assertTrue(name.matches("[a-z0-9_]+"), name);
                assertTrue(value >= 0, name);
            });
        }
    }

    @MachineTest
    void stepsOfAllLivesAreTold(EngineProvider engine) throws Exception {
        assertEquals(List.of(), statistics.mostSteps());
        for (int life = 1; life <= 2; life++) {
            try (TinyGuest guest = TinyGuest.longMode(engine).code("""
                1000: b9 64 00 00 00            ; mov ecx,100
                1005: 0f 20 c0                  ; mov rax,cr0
                1008: 75 00                     ; jnz 0x100a
                100a: e2 f9                     ; loop 0x1005
                100c: f4                        ; hlt
                """).build();
                    AutoCloseable _ = statistics.begin(List.of(guest.engineVcpu(0)))) {
                guest.run();
                guest.awaitExit(VcpuExit.HALT);
            }
            List<StepCount> expected = engine instanceof SoftwareEngineProvider
                    ? List.of(
                            new StepCount("loop", "no_code", 100L * life),
                            new StepCount("mov cr", "no_code", 100L * life))
                    : List.of();
            assertEquals(
                    expected,
                    statistics.mostSteps().stream()
                            .filter(step -> step.count() >= 100)
                            .toList());
        }
    }

    @MachineTest
    void aCrashReportHasThem(EngineProvider engine) {
        try (DrivenMachine rig = new DrivenMachine(engine, COUNTER)) {
            rig.runTo(3);
            rig.settle();
            String report = CrashReport.of(engine.name(), rig.vcpu(), VcpuExit.UNEXPECTED);
            assertTrue(report.contains("\n  engine       " + engine.name() + "\n"), report);
            assertTrue(report.contains("\n  counted      port_writes 3"), report);
        }
    }
}
