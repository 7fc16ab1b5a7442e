package io.javisor.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.engine.StepCount;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepTotalsTest {
    private final StepTotals totals = new StepTotals();

    @Test
    void theSameInstructionForTheSameReasonAddsUp() {
        totals.add(List.of(new StepCount("in", "no_code", 3), new StepCount("mov", "cold", 9)));
        totals.add(List.of(new StepCount("mov", "device", 4), new StepCount("in", "no_code", 2)));
        assertEquals(
                List.of(
                        new StepCount("mov", "cold", 9),
                        new StepCount("in", "no_code", 5),
                        new StepCount("mov", "device", 4)),
                totals.most(10));
    }

    @Test
    void theMostFrequentComeFirst() {
        totals.add(
                List.of(new StepCount("b", "cold", 1), new StepCount("c", "cold", 2), new StepCount("a", "cold", 1)));
        assertEquals(List.of(new StepCount("c", "cold", 2), new StepCount("a", "cold", 1)), totals.most(2));
        assertEquals(List.of(), new StepTotals().most(2));
    }
}
