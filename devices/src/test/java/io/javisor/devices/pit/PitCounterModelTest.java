package io.javisor.devices.pit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random guests drive a counter and one that ticks: output, count, status, edges and the next edge agree at every step. */
class PitCounterModelTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
    void agrees(long seed) {
        new Run(seed).go();
    }

    private static final class Run {
        private final Random random;
        private final ReferenceCounter reference = new ReferenceCounter(true);
        private PitCounter counter = new PitCounter(true);
        private long tick;
        private long edgesBefore; // of counters before the last copy

        Run(long seed) {
            random = new Random(seed);
        }

        void go() {
            for (int step = 0; step < 4000; step++) {
                act();
                check(step);
                passTicks(step);
                check(step);
            }
        }

        private void act() {
            switch (random.nextInt(12)) {
                case 0 -> {
                    int word = (1 + random.nextInt(3)) << 4 | random.nextInt(8) << 1 | (random.nextInt(4) == 0 ? 1 : 0);
                    counter.writeControl(word, tick);
                    reference.control(word);
                }
                case 1, 2, 3, 4 -> {
                    int value = random.nextInt(20) == 0 ? random.nextInt(256) : random.nextInt(14);
                    if (random.nextInt(3) == 0) {
                        value = 0;
                    }
                    counter.write(value, tick);
                    reference.write(value);
                }
                case 5, 6 -> {
                    boolean gate = random.nextBoolean();
                    counter.setGate(gate, tick);
                    reference.gate(gate);
                }
                case 7 -> {
                    counter.latchCount(tick);
                    reference.latchCount();
                }
                case 8 -> {
                    counter.latchStatus(tick);
                    reference.latchStatus();
                }
                case 9 -> {
                    PitState.Counter state = counter.save();
                    edgesBefore += counter.risingEdges();
                    counter = new PitCounter(!reference.gate);
                    counter.restore(state, tick);
                    assertEquals(state, counter.save());
                }
                default -> assertEquals(reference.read(), counter.read(tick), "read");
            }
        }

        private void passTicks(int step) {
            int ticks = random.nextInt(50) == 0 ? random.nextInt(140_000) : random.nextInt(30);
            long predicted = counter.nextRise(tick);
            long rises = reference.rises;
            long rose = PitCounter.NEVER;
            for (int i = 1; i <= ticks; i++) {
                reference.clock();
                if (rose == PitCounter.NEVER && reference.rises != rises) {
                    rose = tick + i;
                }
            }
            tick += ticks;
            counter.sync(tick);
            assertEquals(rose, predicted > tick ? PitCounter.NEVER : predicted, () -> "next rise, step " + step);
        }

        private void check(int step) {
            assertEquals(reference.out, counter.out(tick), () -> "output, step " + step + ", mode " + reference.mode);
            assertEquals(reference.rises, edgesBefore + counter.risingEdges(), () -> "edges, step " + step);
        }
    }
}
