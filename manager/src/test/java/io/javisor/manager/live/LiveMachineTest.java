package io.javisor.manager.live;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.manager.registry.MachineEntry;
import io.javisor.manager.registry.MachinePhase;
import io.javisor.manager.registry.Places;
import io.javisor.manager.registry.Registry;
import io.javisor.manager.registry.RestartPolicy;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is written down of a machine's end by the process that follows, and whether it goes on. */
class LiveMachineTest {
    @TempDir
    private Path directory = Path.of("");

    private LiveMachine starting(String policy) {
        Registry registry =
                new Registry(new Places(directory.resolve("state"), directory.resolve("run")), InstantSource.system());
        MachineEntry entry = registry.create("web", "{}\n", RestartPolicy.parse(policy), false);
        LiveMachine live = LiveMachine.of(registry, entry);
        live.starting();
        return live;
    }

    @ParameterizedTest
    @CsvSource({
        "no,           137, false, stopped,    its process was ended by signal 9",
        "no,           1,   false, stopped,    its process ended with status 1",
        "always,       137, true,  restarting, its process was ended by signal 9",
        "always,       0,   true,  restarting, its process ended with status 0",
        "on-failure,   0,   false, stopped,    its process ended with status 0",
        "on-failure:1, 3,   true,  restarting, its process ended with status 3",
        "always,       143, false, stopped,    ended by signal 15",
    })
    void aProcessThatWroteNothingDown(String policy, int status, boolean again, String phase, String reason) {
        try (LiveMachine live = starting(policy)) {
            assertEquals(again, live.goesOnAfter(status));
            assertEquals(phase, live.written().phase().toString());
            assertEquals(reason, live.written().reason());
            assertEquals(status, live.written().exitStatus());
            assertEquals(again ? 100 : 0, live.awaitsRestart());
        }
    }

    @Test
    void aProcessThatAskedToBeFollowedHasDecided() {
        try (LiveMachine live = starting("on-failure:1")) {
            live.ended(7, "the guest exited");
            assertEquals(true, live.restartsAfterEnd());
            assertEquals(true, live.goesOnAfter(75));
            assertEquals("the guest exited", live.written().reason());
            assertEquals(1, live.written().restarts());
            live.ended(7, "the guest exited");
            assertEquals(false, live.restartsAfterEnd());
        }
    }

    @Test
    void theWaitIsSeen() {
        try (LiveMachine live = starting("always")) {
            assertEquals(0, live.awaitsRestart());
            assertEquals(MachinePhase.STARTING, live.written().phase());
            assertEquals(true, live.goesOnAfter(1));
            live.starting();
            assertEquals(100, live.awaitsRestart());
            assertEquals(MachinePhase.RESTARTING, live.written().phase());
        }
    }
}
