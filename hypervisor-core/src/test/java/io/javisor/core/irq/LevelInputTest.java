package io.javisor.core.irq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LevelInputTest {
    private final List<Boolean> levels = new ArrayList<>();
    private boolean refuses;
    private final LevelInput input = new LevelInput(level -> {
        if (refuses) {
            throw new IllegalStateException("no chip");
        }
        levels.add(level);
    });

    @Test
    void itIsAssertedWhileAnyOfItsLinesIs() {
        ConnectedLine one = input.connect();
        ConnectedLine other = input.connect();
        one.raise();
        one.raise();
        other.raise();
        one.lower();
        one.lower();
        assertEquals(List.of(true), levels);
        other.close();
        other.close();
        assertEquals(List.of(true, false), levels);
    }

    /** A device that tries again must reach the chips, and a second one must not be taken for the first. */
    @Test
    void aChangeThatIsRefusedIsNone() {
        ConnectedLine one = input.connect();
        ConnectedLine other = input.connect();
        refuses = true;
        assertThrows(IllegalStateException.class, one::raise);
        assertThrows(IllegalStateException.class, other::raise);
        refuses = false;
        other.raise();
        one.lower();
        assertEquals(List.of(true), levels);
        refuses = true;
        assertThrows(IllegalStateException.class, other::lower);
        refuses = false;
        other.lower();
        assertEquals(List.of(true, false), levels);
    }
}
