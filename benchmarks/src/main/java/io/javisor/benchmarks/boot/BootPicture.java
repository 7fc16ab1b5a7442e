package io.javisor.benchmarks.boot;

import java.awt.Color;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.style.CategoryStyler;
import org.knowm.xchart.style.Styler;

/** Draws a boot: a bar for each phase, on a logarithmic scale, for javisor's are much shorter than the guest's. */
final class BootPicture {
    private static final int WIDTH = 1000;
    private static final int HEIGHT = 560;
    private static final Color JAVISOR = new Color(0x2B, 0x6C, 0xB0);
    private static final Color GUEST = new Color(0x3D, 0x8A, 0x5B);

    /** Nothing shorter can be told apart, and a logarithm needs more than 0. */
    private static final double SHORTEST_MILLIS = 0.1;

    private BootPicture() {}

    /** The picture as an SVG document. */
    static byte[] svg(String title, BootTimeline boot) throws IOException {
        CategoryChart chart = new CategoryChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .yAxisTitle("ms")
                .build();
        CategoryStyler style = chart.getStyler();
        style.setYAxisLogarithmic(true);
        style.setYAxisMin(SHORTEST_MILLIS);
        style.setYAxisDecimalPattern("#,##0.#");
        style.setLabelsVisible(true);
        style.setOverlapped(true); // the two series have no phase in common
        style.setXAxisLabelRotation(45);
        style.setLegendPosition(Styler.LegendPosition.OutsideS);
        style.setLegendLayout(Styler.LegendLayout.Horizontal);
        style.setChartBackgroundColor(Color.WHITE);
        add(chart, boot, BootTimeline.Owner.JAVISOR, JAVISOR);
        add(chart, boot, BootTimeline.Owner.GUEST, GUEST);
        ByteArrayOutputStream svg = new ByteArrayOutputStream();
        VectorGraphicsEncoder.saveVectorGraphic(chart, svg, VectorGraphicsFormat.SVG);
        return svg.toByteArray();
    }

    private static void add(CategoryChart chart, BootTimeline boot, BootTimeline.Owner owner, Color colour) {
        List<String> labels = new ArrayList<>();
        List<@Nullable Double> millis = new ArrayList<>();
        for (BootTimeline.Phase phase : boot.phases()) {
            labels.add(phase.label());
            millis.add(phase.owner() == owner ? Math.max(SHORTEST_MILLIS, phase.nanos() / 1e6) : null);
        }
        if (millis.stream().anyMatch(each -> each != null)) {
            chart.addSeries(owner.name().toLowerCase(Locale.ROOT), labels, millis)
                    .setFillColor(colour);
        }
    }
}
