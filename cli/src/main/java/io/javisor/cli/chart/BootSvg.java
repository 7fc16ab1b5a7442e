package io.javisor.cli.chart;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Draws a boot: a panel for javisor's own part, which is short, and one for all of it, with a row for each phase and each long silence
 * of the console. As every label has a row of its own, none covers another, however short its phase is.
 */
final class BootSvg {
    static final int WIDTH = 1200;

    private static final int MARGIN = 24;
    private static final int PLOT_LEFT = 450;
    private static final int PLOT_WIDTH = 650; // right of it there is room for a duration
    private static final int ROW_HEIGHT = 24;
    private static final int BAR_HEIGHT = 14;
    private static final double MIN_BAR_WIDTH = 1.5;
    private static final int MAX_TITLE = 110;
    private static final int MAX_LABEL = 56;
    private static final int MAX_LINE = 62;

    private static final String INK = "#1f2328";
    private static final String FAINT_INK = "#59636e";
    private static final String GRID = "#d1d9e0";
    private static final String JAVISOR = "#2f6fb3";
    private static final String GUEST = "#3d8a5b";
    private static final String SILENCE = "#b8860b";
    private static final String BROKEN_OFF = "#b3423a";

    private final SvgWriter svg = new SvgWriter();
    private double y;

    private BootSvg() {}

    /**
     * The picture as an SVG 1.1 document.
     *
     * @param machine what was booted, in a line
     */
    static String draw(String machine, BootTimeline boot) {
        BootSvg drawing = new BootSvg();
        drawing.body(machine, boot);
        return drawing.svg.document(WIDTH, drawing.y, title(boot), description(boot));
    }

    private static String title(BootTimeline boot) {
        return "Boot by javisor: " + (boot.ready() ? "ready after " : "not ready, ended after ")
                + TimeAxis.duration(boot.endNanos());
    }

    private static String description(BootTimeline boot) {
        return boot.phases().stream()
                .map(phase -> phase.label() + " " + TimeAxis.duration(phase.nanos()))
                .collect(Collectors.joining("; ", "Phases in their order: ", "."));
    }

    private void body(String machine, BootTimeline boot) {
        y = 40;
        svg.text(MARGIN, y, 22, INK, title(boot));
        y += 22;
        svg.text(MARGIN, y, 13, FAINT_INK, SvgText.shortened(SvgText.printable(machine), MAX_TITLE));
        List<BootTimeline.Phase> own = of(boot, BootTimeline.Owner.JAVISOR);
        List<BootTimeline.Phase> guests = of(boot, BootTimeline.Owner.GUEST);
        panel(guests.isEmpty() ? "javisor" : "javisor, until the guest's first instruction");
        TimeAxis first = axis(boot.entryNanos());
        double top = axisLabels(first, own.size() * ROW_HEIGHT);
        own.forEach(phase -> phase(first, phase));
        y = top + own.size() * ROW_HEIGHT;
        if (!guests.isEmpty()) {
            panel("The whole boot");
            TimeAxis whole = axis(boot.endNanos());
            double start = axisLabels(whole, (1 + guests.size()) * ROW_HEIGHT);
            phase(
                    whole,
                    new BootTimeline.Phase(
                            "javisor, all of the above", BootTimeline.Owner.JAVISOR, 0, boot.entryNanos(), true));
            guests.forEach(phase -> phase(whole, phase));
            y = start + (1 + guests.size()) * ROW_HEIGHT;
            silences(whole, boot);
        }
        y += 20;
        svg.text(
                MARGIN,
                y,
                11,
                FAINT_INK,
                "Seconds since the command was started (to 10 ms). Console lines count from when the host got their"
                        + " first byte."
                        + (boot.linesLost() ? " There was more console output than is kept." : ""));
        y += MARGIN;
    }

    private static List<BootTimeline.Phase> of(BootTimeline boot, BootTimeline.Owner owner) {
        return boot.phases().stream().filter(phase -> phase.owner() == owner).toList();
    }

    private static TimeAxis axis(long endNanos) {
        return new TimeAxis(endNanos, PLOT_LEFT, PLOT_WIDTH);
    }

    private void panel(String heading) {
        y += 40;
        svg.text(MARGIN, y, 15, INK, heading);
    }

    /** Ticks with their labels, and lines down through {@code height} of rows. Returns where the rows start. */
    private double axisLabels(TimeAxis axis, double height) {
        y += 22;
        for (long tick : axis.ticks()) {
            svg.line(axis.x(tick), y + 6, axis.x(tick), y + 10 + height, GRID);
            svg.centred(axis.x(tick), y, 11, FAINT_INK, axis.label(tick));
        }
        y += 10;
        return y;
    }

    private void phase(TimeAxis axis, BootTimeline.Phase phase) {
        String colour = !phase.finished() ? BROKEN_OFF : phase.owner() == BootTimeline.Owner.JAVISOR ? JAVISOR : GUEST;
        svg.text(MARGIN, y + 16, 13, INK, SvgText.shortened(phase.label(), MAX_LABEL));
        bar(axis, phase.startNanos(), phase.endNanos(), colour, phase.label(), y + 5);
        y += ROW_HEIGHT;
    }

    private void bar(TimeAxis axis, long start, long end, String colour, String tip, double top) {
        double left = axis.x(start);
        double width = Math.max(MIN_BAR_WIDTH, axis.x(end) - left);
        String duration = TimeAxis.duration(end - start);
        svg.bar(left, top, width, BAR_HEIGHT, colour, tip + ": " + duration);
        svg.text(left + width + 6, top + 11, 12, INK, duration);
    }

    private void silences(TimeAxis axis, BootTimeline boot) {
        if (boot.silences().isEmpty()) {
            return;
        }
        int row = 2 * ROW_HEIGHT - 6;
        panel("The console's longest silences: after which line, before which");
        double top = axisLabels(axis, boot.silences().size() * row);
        for (BootTimeline.Silence silence : boot.silences()) {
            svg.code(MARGIN, y + 16, 11, INK, SvgText.shortened(silence.after(), MAX_LINE));
            svg.code(MARGIN, y + 32, 11, FAINT_INK, SvgText.shortened(silence.before(), MAX_LINE));
            bar(
                    axis,
                    silence.startNanos(),
                    silence.endNanos(),
                    SILENCE,
                    "after " + silence.after() + ", before " + silence.before(),
                    y + 13);
            y += row;
        }
        y = top + boot.silences().size() * row;
    }
}
