package io.javisor.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.engine.EngineVcpu;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.testkit.guest.DrivenMachine;
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
