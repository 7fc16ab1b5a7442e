package io.javisor.benchmarks;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.style.CategoryStyler;
import org.knowm.xchart.style.Styler;

/** The report's pictures, as SVG. */
final class Charts {
    /** The stages of a cold start, by the names of their samples, in order. */
    static final Map<String, String> STAGES = stages();

    private static final int WIDTH = 900;
    private static final int HEIGHT = 380;
    private static final Color OURS = new Color(0x2B, 0x6C, 0xB0);
    private static final Color PEER = new Color(0xA0, 0xAE, 0xC0);

    private final Map<String, Map<String, List<Double>>> samples;
    private final Path directory;
    private final List<String> drawn = new ArrayList<>();

    Charts(Map<String, Map<String, List<Double>>> samples, Path directory) {
        this.samples = samples;
        this.directory = directory;
    }

    private static Map<String, String> stages() {
        Map<String, String> stages = new LinkedHashMap<>();
        stages.put("launcher", "the launcher's exec of java");
        stages.put("jvm", "main, java alone");
        stages.put("binding", "the first C call");
        stages.put("kvm", "a vCPU in KVM");
        stages.put("run", "the guest's first instruction, without the launcher");
        return stages;
    }

    /** Returns the names of the files. What was not measured is not drawn. */
    List<String> draw() throws IOException {
        paired("exits.svg", "Exit round trips", "µs", "exit/", "c", 1e3);
        dispatch();
        coldStart();
        engineLoops();
        return drawn;
    }

    private void paired(String file, String title, String unit, String prefix, String peer, double divisor)
            throws IOException {
        List<String> names = new ArrayList<>();
        List<Double> ours = new ArrayList<>();
        List<Double> theirs = new ArrayList<>();
        samples.forEach((row, series) -> {
            if (row.startsWith(prefix) && series.containsKey(Row.OURS) && series.containsKey(peer)) {
                names.add(row.substring(prefix.length()));
                ours.add(median(series, Row.OURS) / divisor);
                theirs.add(median(series, peer) / divisor);
            }
        });
        if (names.isEmpty()) {
            return;
        }
        CategoryChart chart = chart(title, unit);
        chart.addSeries(peer.equals("c") ? "C" : peer, names, theirs).setFillColor(PEER);
        chart.addSeries(Row.OURS, names, ours).setFillColor(OURS);
        save(chart, file);
    }

    private void dispatch() throws IOException {
        Map<String, Map<String, Double>> byKind = new LinkedHashMap<>();
        samples.forEach((row, series) -> {
            if (row.startsWith("dispatch/")) {
                String[] parts = row.split("/", -1);
                byKind.computeIfAbsent(parts[2], _ -> new LinkedHashMap<>()).put(parts[1], median(series, Row.OURS));
            }
        });
        if (byKind.isEmpty()) {
            return;
        }
        CategoryChart chart = chart("Dispatch of an exit, without KVM", "ns");
        byKind.forEach((devices, kinds) ->
                chart.addSeries(devices + " devices", List.copyOf(kinds.keySet()), List.copyOf(kinds.values())));
        save(chart, "dispatch.svg");
    }

    private void coldStart() throws IOException {
        List<String> names = new ArrayList<>();
        List<Double> millis = new ArrayList<>();
        STAGES.keySet().forEach(stage -> {
            Map<String, List<Double>> series = samples.get("stage/" + stage);
            if (series != null) {
                names.add(stage);
                millis.add(median(series, Row.OURS) / 1e6);
            }
        });
        Map<String, List<Double>> cold = samples.getOrDefault("cold-start", Map.of());
        cold.forEach((series, _) -> {
            names.add(series.equals(Row.OURS) ? "all" : "QEMU");
            millis.add(median(cold, series) / 1e6);
        });
        if (names.isEmpty()) {
            return;
        }
        CategoryChart chart = chart("Cold start: from exec to each stage", "ms");
        chart.addSeries("time", names, millis).setFillColor(OURS);
        chart.getStyler().setLegendVisible(false);
        save(chart, "cold-start.svg");
    }

    private void engineLoops() throws IOException {
        Map<String, Map<String, Double>> bySeries = new EngineFigures(samples).loopMips();
        if (bySeries.isEmpty()) {
            return;
        }
        CategoryChart chart = chart("Tiny loops on the software engine", "million instructions a second");
        bySeries.forEach(
                (series, mips) -> chart.addSeries(series, List.copyOf(mips.keySet()), List.copyOf(mips.values())));
        save(chart, "engine-loops.svg");
    }

    private static double median(Map<String, List<Double>> series, String name) {
        List<Double> values = series.get(name);
        return values == null ? 0 : Statistics.median(Statistics.array(values));
    }

    private static CategoryChart chart(String title, String unit) {
        CategoryChart chart = new CategoryChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .yAxisTitle(unit)
                .build();
        CategoryStyler style = chart.getStyler();
        style.setLegendPosition(Styler.LegendPosition.OutsideS);
        style.setLegendLayout(Styler.LegendLayout.Horizontal);
        style.setChartBackgroundColor(Color.WHITE);
        style.setXAxisLabelRotation(30);
        return chart;
    }

    private void save(CategoryChart chart, String file) throws IOException {
        VectorGraphicsEncoder.saveVectorGraphic(chart, directory.resolve(file).toString(), VectorGraphicsFormat.SVG);
        drawn.add(file);
    }
}
