package io.javisor.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes samples of what the guest's programs say on the console, as {@code benchmarks/engine-programs} prints it: a line each, behind the engine, the
 * round, the host's time in microseconds and the VMM's CPU time in nanoseconds, separated by tabs.
 *
 * <p>{@code program NAME TURN} begins what {@code end} ends, and its sample is the time between; {@code failed} in between leaves it out. In it OpenSSL's
 * {@code speed -mr} says when a test begins ({@code +DT}, {@code +DTP}), and how many operations that were ({@code +R}, {@code +R1} for a private
 * key, {@code +R2} for a public one): then the sample is the time of an operation between these two lines. Either way there is one of CPU time
 * too. Of a round that lacks a figure for one of the engines, none of that figure is kept: samples are pairs.
 */
public final class ProgramTimes {
    private static final int FIELDS = 5;

    private final Map<String, Map<String, Map<String, Double>>> rounds = new LinkedHashMap<>();
    private @Nullable String row;
    private @Nullable Mark begun;
    private @Nullable Mark tested;
    private boolean failed;

    private record Mark(double nanos, double cpu) {}

    private ProgramTimes() {}

    /**
     * Appends the samples.
     *
     * @param arguments what the script printed; the file of samples
     */
    public static void main(String[] arguments) throws IOException {
        ProgramTimes times = new ProgramTimes();
        Files.readAllLines(Path.of(arguments[0])).forEach(times::line);
        times.write(new Samples(Path.of(arguments[1])));
    }

    private void line(String line) {
        String[] fields = line.split("\t", FIELDS);
        if (fields.length < FIELDS) {
            return;
        }
        String engine = fields[0];
        String round = fields[1];
        Mark now = new Mark(Double.parseDouble(fields[2]) * 1e3, Double.parseDouble(fields[3]));
        String[] words = fields[4].split("[ :]", -1);
        switch (words[0]) {
            case "program" -> {
                row = words.length == 3 ? "engine/program/" + words[1] + "/" + words[2] : null;
                begun = now;
                tested = null;
                failed = false;
            }
            case "failed" -> failed = true;
            case "+DT", "+DTP" -> tested = now;
            case "+R" -> operations(engine, round, "", tested, now, words);
            case "+R1" -> operations(engine, round, "-private", tested, now, words);
            case "+R2" -> operations(engine, round, "-public", tested, now, words);
            case "end" -> {
                if (tested == null) {
                    add(engine, round, "", begun, now, 1);
                }
                row = null;
            }
            default -> {}
        }
    }

    private void operations(
            String engine, String round, String suffix, @Nullable Mark from, Mark now, String... words) {
        double count = words.length > 1 && words[1].matches("[1-9][0-9]{0,17}") ? Double.parseDouble(words[1]) : 0;
        if (count > 0) {
            add(engine, round, suffix, from, now, count);
        }
    }

    private void add(String engine, String round, String suffix, @Nullable Mark from, Mark now, double count) {
        if (row == null || from == null || failed) {
            return;
        }
        int turn = row.lastIndexOf('/');
        String id = row.substring(0, turn) + suffix + row.substring(turn);
        put(id, round, engine, (now.nanos - from.nanos) / count);
        put(id + "/cpu", round, engine, (now.cpu - from.cpu) / count);
    }

    private void put(String id, String round, String engine, double value) {
        rounds.computeIfAbsent(id, _ -> new LinkedHashMap<>())
                .computeIfAbsent(round, _ -> new LinkedHashMap<>())
                .put(engine, value);
    }

    /** Rounds with as many engines as any has. */
    private void write(Samples samples) {
        int engines = rounds.values().stream()
                .flatMap(byRound -> byRound.values().stream())
                .mapToInt(Map::size)
                .max()
                .orElse(0);
        rounds.forEach((id, byRound) -> List.copyOf(byRound.values()).stream()
                .filter(byEngine -> byEngine.size() == engines)
                .forEach(byEngine -> byEngine.forEach((engine, value) -> samples.add(id, engine, value))));
    }
}
