package io.javisor.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LifecycleTest {
    /** The whole table: every event in every state. */
    @ParameterizedTest
    @CsvSource({
        "CREATED, START, RUNNING",
        "CREATED, PAUSE,",
        "CREATED, RESUME,",
        "CREATED, STOP, STOPPED",
        "RUNNING, START,",
        "RUNNING, PAUSE, PAUSED",
        "RUNNING, RESUME,",
        "RUNNING, STOP, STOPPED",
        "PAUSED, START,",
        "PAUSED, PAUSE,",
        "PAUSED, RESUME, RUNNING",
        "PAUSED, STOP, STOPPED",
        "STOPPED, START,",
        "STOPPED, PAUSE,",
        "STOPPED, RESUME,",
        "STOPPED, STOP, STOPPED"
    })
    void transitions(Lifecycle from, Lifecycle.Event event, Lifecycle to) {
        if (to == null) {
            assertThrows(IllegalStateException.class, () -> from.on(event));
        } else {
            assertEquals(to, from.on(event));
        }
    }
}
