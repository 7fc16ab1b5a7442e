package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.cli.registry.MachineEntry;
import io.javisor.cli.registry.RestartPolicy;
import io.javisor.testkit.Await;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class StatsCommandTest {
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
