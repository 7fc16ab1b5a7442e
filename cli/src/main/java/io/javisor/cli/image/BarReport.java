package io.javisor.cli.image;

import io.javisor.oci.Digest;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * A line for each layer on a terminal, redrawn in its place at most ten times a second. Where there are more layers than rows, those that are under
 * way are shown.
 */
final class BarReport implements Report {
    static final long REDRAW_NANOS = 100_000_000;

    // ECMA-48, 8.3.41 EL, 8.3.39 ED
    private static final String TO_END_OF_LINE = "\u001b[K";
    private static final String TO_END_OF_SCREEN = "\u001b[J";

    private final BarLines lines;
    private final Screen screen;
    private final PrintWriter out;
    private final LongSupplier nanoTime;
    private final Map<Digest, TransferEvent> layers = new LinkedHashMap<>(); // guarded by this
    private int drawn; // lines, above the cursor
    private long drawnNanos;

    BarReport(StageWords words, Screen screen, PrintWriter out, LongSupplier nanoTime) {
        this.lines = new BarLines(words);
        this.screen = screen;
        this.out = out;
        this.nanoTime = nanoTime;
        this.drawnNanos = nanoTime.getAsLong() - REDRAW_NANOS;
    }

    @Override
    public synchronized void say(String text) {
        settle();
        out.println(text);
        out.flush();
    }

    @Override
    public synchronized void told(TransferEvent event) {
        if (!Report.isOfLayer(event)) {
            return;
        }
        TransferEvent before = layers.get(event.blob().digest());
        if (before != null && Report.isLast(before.stage())) {
            return; // a layer that is in the image twice
        }
        layers.put(event.blob().digest(), event);
        long now = nanoTime.getAsLong();
        if (now - drawnNanos >= REDRAW_NANOS) {
            drawnNanos = now;
            draw(lines.fitting(layers.values(), screen.columns(), screen.rows() - 1));
        }
    }

    /** Leaves the last state of all layers on the screen, and begins anew below. */
    @Override
    public synchronized void settle() {
        if (!layers.isEmpty()) {
            draw(lines.all(layers.values(), screen.columns()));
            layers.clear();
            drawn = 0;
        }
    }

    private void draw(List<String> text) {
        StringBuilder drawing = new StringBuilder();
        if (drawn > 0) {
            drawing.append("\u001b[").append(drawn).append('A'); // 8.3.22 CUU
        }
        text.forEach(line -> drawing.append(line).append(TO_END_OF_LINE).append("\r\n"));
        out.print(drawing.append(TO_END_OF_SCREEN));
        out.flush();
        drawn = text.size();
    }
}
