package io.javisor.benchmarks.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.machine.BootStep;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BootRecorderTest {
    private final AtomicLong clock = new AtomicLong();
    private final BootRecorder recorder = new BootRecorder(clock::incrementAndGet);

    private void print(String text) {
        text.chars().forEach(recorder::consoleOutput);
    }

    @Test
    void linesHaveTheTimeOfTheirFirstByte() {
        print("one\r\n\r\ntwo\n");
        clock.set(100);
        print("thr");
        clock.set(200);
        print("ee");
        assertEquals(
                List.of(new BootTrace.Line(1, "one"), new BootTrace.Line(2, "two"), new BootTrace.Line(101, "three")),
                recorder.lines());
        assertFalse(recorder.lost());
    }

    @Test
    void stepsCountOnce() {
        recorder.reached(BootStep.GUEST_ENTERED);
        recorder.reached(BootStep.GUEST_ENTERED);
        recorder.reached(BootStep.IMAGES_READ);
        assertEquals(Map.of(BootStep.GUEST_ENTERED, 1L, BootStep.IMAGES_READ, 3L), recorder.steps());
    }

    @Test
    void theNextLifeIsNotRecorded() {
        print("first\n");
        recorder.reached(BootStep.LIFE_ENDED);
        print("second\n");
        assertEquals(1, recorder.lines().size());
    }

    @Test
    void aLongLineIsCut() {
        print("x".repeat(100_000) + "\ny\n");
        assertEquals(
                List.of("x".repeat(BootRecorder.MAX_LINE_BYTES), "y"),
                recorder.lines().stream().map(BootTrace.Line::text).toList());
        assertFalse(recorder.lost());
    }

    @Test
    void linesAndTextHaveALimit() {
        print("a\n".repeat(BootRecorder.MAX_LINES));
        assertFalse(recorder.lost());
        print("b\n".repeat(10));
        assertTrue(recorder.lost());
        assertEquals(BootRecorder.MAX_LINES, recorder.lines().size());
        BootRecorder other = new BootRecorder(clock::incrementAndGet);
        for (int i = 0; i < 3000; i++) {
            ("c".repeat(150) + "\n").chars().forEach(other::consoleOutput);
        }
        assertTrue(other.lost());
        assertEquals(
                BootRecorder.MAX_TEXT_BYTES,
                other.lines().stream().mapToInt(line -> line.text().length()).sum());
    }

    @Test
    void coloursAreLeftOutAndControlsReplaced() {
        print("\u001B[1;31mred\u001B[0m\ta\u0007\u00FFb\n");
        assertEquals("red a??b", recorder.lines().getFirst().text());
    }
}
