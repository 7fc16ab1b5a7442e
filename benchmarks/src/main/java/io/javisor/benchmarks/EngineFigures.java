package io.javisor.benchmarks;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the report says of the software engine besides its rows: how many instructions a second, and how two vCPUs stand to one. */
final class EngineFigures {
    private static final String LOOP = "engine/loop/";
    private static final String BOOT = "engine/boot";
    private static final String SMP = "engine/smp";
    private static final String QEMU = "qemu";
    private static final List<String> SERIES = List.of("native", QEMU, Row.OURS);

    private final Map<String, Map<String, List<Double>>> samples;

    EngineFigures(Map<String, Map<String, List<Double>>> samples) {
        this.samples = samples;
    }

    /** Millions of instructions a second, by series and loop. Empty unless instructions were counted. */
    Map<String, Map<String, Double>> loopMips() {
        Map<String, Map<String, Double>> bySeries = new LinkedHashMap<>();
        for (String series : SERIES) {
            Map<String, Double> mips = new LinkedHashMap<>();
            for (String row : samples.keySet()) {
                Double value = row.startsWith(LOOP) ? mips(row, series) : null;
                if (value != null) {
                    mips.put(row.substring(LOOP.length()), value);
                }
            }
            if (!mips.isEmpty()) {
                bySeries.put(series, mips);
            }
        }
        return bySeries;
    }

    /** Millions of instructions a second of a row with a count of them; null if that or the time was not measured. */
    private @Nullable Double mips(String row, String series) {
        Double instructions = median(row, "instructions");
        Double nanos = median(row, series);
        return instructions == null || nanos == null ? null : instructions * 1e3 / nanos;
    }

    void write(StringBuilder text) {
        Map<String, Map<String, Double>> loops = loopMips();
        if (!loops.isEmpty()) {
            text.append("""

                ## The software engine in instructions a second

                Counted by a plugin of QEMU's: the guest begins as many on either engine, the boot but for what depends on time. In millions.

                | | instructions | native | QEMU | javisor |
                |---|---|---|---|---|
                """);
            samples.keySet().stream()
                    .filter(row -> row.startsWith(LOOP))
                    .forEach(row -> instructions(text, "loop: " + row.substring(LOOP.length()), row));
            // QEMU's guest decompresses its kernel first, which is not in the count.
            instructions(text, "boot to /init", BOOT);
        }
        if (median(SMP, Row.OURS) != null) {
            text.append("\n## Two busy vCPUs\n\n| | one | both, for as much each | speed-up |\n|---|---|---|---|\n");
            speedUp(text, Row.OURS);
            speedUp(text, QEMU);
        }
    }

    private void instructions(StringBuilder text, String title, String row) {
        Double count = median(row, "instructions");
        if (count == null) {
            return;
        }
        text.append(String.format(Locale.ROOT, "| %s | %.1f", title, count / 1e6));
        for (String series : SERIES) {
            Double mips = row.equals(BOOT) && series.equals(QEMU) ? null : mips(row, series);
            text.append(mips == null ? " | " : String.format(Locale.ROOT, " | %.0f", mips));
        }
        text.append(" |\n");
    }

    private void speedUp(StringBuilder text, String series) {
        Double one = median(SMP, series + ", one");
        Double share = median(SMP, series);
        if (one != null && share != null) {
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %.0f ms | %.0f ms | %.2f |\n",
                    series,
                    one / 1e6,
                    2 * share / 1e6,
                    one / share));
        }
    }

    private @Nullable Double median(String row, String series) {
        List<Double> values = samples.getOrDefault(row, Map.of()).get(series);
        return values == null ? null : Statistics.median(Statistics.array(values));
    }
}
