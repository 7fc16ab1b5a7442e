package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.engine.StepCount;
import io.javisor.devices.DeviceStatistics;
import io.javisor.machine.MachineStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StatisticsReportTest {
    private final StatisticsReport report = new StatisticsReport(new MachineStatistics(
            "software",
            List.of(ordered("port_reads", 7, "port_writes", 0)),
            List.of(new StepCount("iretq", "no_code", 1234), new StepCount("mov cr", "no_code", 56)),
            List.of(
                    new DeviceStatistics("com1", "serial", ordered("read_bytes", 0, "written_bytes", 12)),
                    new DeviceStatistics(
                            "disk0",
                            "disk",
                            ordered("reads", 3, "writes", 0),
                            List.of(ordered("chains", 0, "doorbells", 0), ordered("chains", 3, "doorbells", 1))))));

    private static Map<String, Long> ordered(String first, long one, String second, long two) {
        Map<String, Long> counters = new LinkedHashMap<>();
        counters.put(first, one);
        counters.put(second, two);
        return counters;
    }

    @Test
    void theTableHasWhatIsNotZero() {
        assertEquals("""
            engine: software
            DEVICE   QUEUE   VALUE   COUNTER
            vcpu0    -       7       port_reads
            com1     -       12      written_bytes
            disk0    -       3       reads
            disk0    1       3       chains
            disk0    1       1       doorbells
            INSTRUCTION   REASON    STEPS
            iretq         no_code   1234
            mov cr        no_code   56
            """, report.text(StatisticsReport.Format.TABLE));
    }

    @Test
    void anEngineWithoutStepsHasNoTableOfThem() {
        StatisticsReport none = new StatisticsReport(new MachineStatistics("kvm", List.of(), List.of(), List.of()));
        assertEquals("engine: kvm\nDEVICE   QUEUE   VALUE   COUNTER\n", none.text(StatisticsReport.Format.TABLE));
    }

    @Test
    void jsonHasAllInOrder() {
        assertEquals("""
            {"engine":"software","vcpus":[{"port_reads":7,"port_writes":0}],\
            "steps":[{"instruction":"iretq","reason":"no_code","count":1234},\
            {"instruction":"movcr","reason":"no_code","count":56}],\
            "devices":[{"id":"com1","kind":"serial","counters":{"read_bytes":0,"written_bytes":12},"queues":[]},\
            {"id":"disk0","kind":"disk","counters":{"reads":3,"writes":0},\
            "queues":[{"chains":0,"doorbells":0},{"chains":3,"doorbells":1}]}]}\
            """, report.text(StatisticsReport.Format.JSON).replaceAll("\\s", ""));
    }
}
