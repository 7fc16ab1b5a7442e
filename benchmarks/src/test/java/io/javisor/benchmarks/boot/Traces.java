package io.javisor.benchmarks.boot;

import io.javisor.machine.BootStep;
import java.util.List;
import java.util.Map;

/** Made-up boots; times are milliseconds after a start that is negative, as nanoTime may be. */
final class Traces {
    static final long ORIGIN = -7_000_000_000L;

    private Traces() {}

    static long millis(long millis) {
        return millis * 1_000_000;
    }

    static long at(long millis) {
        return ORIGIN + millis(millis);
    }

    static BootTrace.Line line(long millis, String text) {
        return new BootTrace.Line(at(millis), text);
    }

    static BootTrace of(List<BootTrace.Line> lines, long endMillis) {
        return new BootTrace(
                at(0),
                at(40),
                at(100),
                Map.of(
                        BootStep.IMAGES_READ, at(150),
                        BootStep.MEMORY_ALLOCATED, at(170),
                        BootStep.VM_CREATED, at(185),
                        BootStep.IMAGES_LOADED, at(195),
                        BootStep.VCPUS_CREATED, at(200),
                        BootStep.GUEST_ENTERED, at(201),
                        BootStep.LIFE_ENDED, at(endMillis)),
                lines,
                false,
                at(endMillis));
    }

    static BootTrace linux() {
        return of(
                List.of(
                        line(1000, "[    0.000000] Linux version 6.1"),
                        line(3100, "[    2.100000] Unpacking"),
                        line(5000, "[    4.000000] Run /init as init process"),
                        line(5250, "javisor guest ready"),
                        line(60_000, "/root # ")),
                90_000);
    }
}
