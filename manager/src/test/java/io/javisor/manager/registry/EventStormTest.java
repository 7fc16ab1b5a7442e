package io.javisor.manager.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.testkit.LogCapture;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client that pauses and resumes a machine again and again, where events can't be written down. */
class EventStormTest {
    @TempDir
    private Path directory = Path.of("");

    @Test
    void oneLineSaysThatEventsAreNotWritten() throws Exception {
        Places places = new Places(directory.resolve("state"), directory.resolve("run"));
        Registry registry = new Registry(places, InstantSource.system());
        MachineEntry machine = registry.create("web", "{}\n", RestartPolicy.NO, false);
        Files.createDirectory(registry.events().file());
        try (LogCapture log = LogCapture.of(EventLog.class.getName())) {
            for (int i = 0; i < 1000; i++) {
                registry.events().add(machine, MachineEvent.PAUSE, "");
            }
            assertEquals(1, log.lines().size(), () -> log.lines().toString());
            assertTrue(
                    log.lines().getFirst().contains(" of web is not in "),
                    () -> log.lines().toString());
        }
    }
}
