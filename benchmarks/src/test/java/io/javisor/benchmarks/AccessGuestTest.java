package io.javisor.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.testkit.junit.KvmTest;
import java.lang.management.ClassLoadingMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@KvmTest
class AccessGuestTest {
    static List<String> kinds() {
        return AccessGuest.KINDS;
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void everyAccessIsAnExit(String kind) {
        long[] nanos = new long[40];
        try (AccessGuest guest = new AccessGuest(kind, nanos)) {
            guest.run(10);
            assertEquals(0, nanos[10]);
            guest.run(30);
        }
        for (int i = 1; i < nanos.length; i++) {
            assertEquals(1, Long.signum(nanos[i] - nanos[i - 1]), kind + " " + i);
        }
    }

    /**
     * What the design promises of the exit path: in steady state nothing is allocated and no class loaded. The JDK's own method handles
     * reach theirs after some hundred calls; so the last of a few batches counts.
     */
    @ParameterizedTest
    @MethodSource("kinds")
    void anExitAllocatesNothingAndLoadsNoClass(String kind) {
        ClassLoadingMXBean classes = ManagementFactory.getClassLoadingMXBean();
        try (AccessGuest guest = new AccessGuest(kind)) {
            long allocated = -1;
            long loaded = -1;
            for (int batch = 0; batch < 20 && (allocated != 0 || loaded != 0); batch++) {
                long before = classes.getTotalLoadedClassCount();
                allocated = guest.allocatedBy(1000);
                loaded = classes.getTotalLoadedClassCount() - before;
            }
            assertEquals(0, allocated, kind);
            assertEquals(0, loaded, kind);
        }
    }

    @Test
    void theGuestsValueArrives() {
        try (AccessGuest guest = new AccessGuest("out4")) {
            guest.run(1);
            assertEquals(0, guest.lastValue());
        }
    }
}
