package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.api.metrics.ProcessUsage;
import io.javisor.manager.registry.MachineEntry;
import io.javisor.manager.registry.RestartPolicy;
import io.javisor.testkit.Await;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.json.JsonMapper;

@Timeout(120)
class StatsCommandTest {
    private static MachineUsage.Figures figures(String name, String steps) {
        JsonMapper json = JsonMapper.shared();
        ProcessUsage none = new ProcessUsage(Duration.ZERO, 0, Duration.ofSeconds(1));
        return new MachineUsage(0, "software", none, 0, 0, 0, 0, 0, 0, 0, json.readTree("[]"), json.readTree(steps))
                .since(name, null);
    }

    @Test
    void whatWasCarriedOutSinglyIsATable() {
        String steps = """
            [{"instruction": "iretq", "reason": "no_code", "count": 1234}]
            """;
        assertEquals("""

            NAME   INSTRUCTION   REASON    STEPS
            web    iretq         no_code   1234
            """, StatsCommand.steps(List.of(figures("web", steps), figures("db", "[]"))));
        assertEquals("", StatsCommand.steps(List.of(figures("db", "[]"))));
    }

    @Test
    void aMachineThatDoesNotRunIsSaid() throws Exception {
        try (MachineHome home = new MachineHome()) {
            MachineEntry _ = home.registry.create("web", "{}\n", RestartPolicy.NO, false);
            try (Program program = Program.start(home.unpackaged("stats", "web"))) {
                assertEquals(
                        new Program.Result(
                                ExitStatus.OWN_ERROR,
                                "",
                                "javisor: machine 'web' is stopped; to start it: javisor start web\n"),
                        program.awaitEnd(Await.TIMEOUT_SECONDS));
            }
        }
    }
}
