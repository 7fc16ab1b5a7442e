package io.javisor.machine.wiring;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.devices.Device;
import io.javisor.devices.DeviceStatistics;
import io.javisor.devices.NoState;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DeviceTotalsTest {
    /** Counts what it is told to. */
    private static final class Counting implements Device<NoState> {
        private final String id;
        long events;

        Counting(String id) {
            this.id = id;
        }

        @Override
        public String id() {
            return id;
        }

        @Override
        public String kind() {
            return "test";
        }

        @Override
        public void reset() {}

        @Override
        public NoState save() {
            return NoState.INSTANCE;
        }

        @Override
        public void restore(NoState state) {}

        @Override
        public DeviceStatistics statistics() {
            return new DeviceStatistics(id, kind(), Map.of("events", events), List.of(Map.of("chains", 2 * events)));
        }
    }

    private final DeviceTotals totals = new DeviceTotals();

    private void assertTotals(long first, long second) {
        assertEquals(
                List.of(
                        new DeviceStatistics(
                                "a", "test", Map.of("events", first), List.of(Map.of("chains", 2 * first))),
                        new DeviceStatistics(
                                "b", "test", Map.of("events", second), List.of(Map.of("chains", 2 * second)))),
                totals.snapshot());
    }

    @Test
    void livesAreAdded() throws Exception {
        Counting forLife = new Counting("a");
        Counting forEver = new Counting("b");
        assertEquals(List.of(), totals.snapshot());
        AutoCloseable life = totals.begin(List.of(forLife, forEver));
        forLife.events = 3;
        forEver.events = 5;
        assertTotals(3, 5);
        life.close();
        forLife.events = 99;
        assertTotals(3, 5);

        Counting again = new Counting("a");
        life = totals.begin(List.of(again, forEver));
        assertTotals(3, 5);
        again.events = 1;
        forEver.events = 7; // it has counted the life before too
        assertTotals(4, 7);
        life.close();
        assertTotals(4, 7);
        life = totals.begin(List.of(new Counting("a"), forEver));
        assertTotals(4, 7);
        life.close();
    }
}
