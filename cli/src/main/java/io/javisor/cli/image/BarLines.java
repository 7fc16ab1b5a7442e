package io.javisor.cli.image;

import io.javisor.oci.TransferListener.Stage;
import io.javisor.oci.TransferListener.TransferEvent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** The lines that show how far layers are, of a width. */
final class BarLines {
    private static final int BAR_MAX = 50;
    private static final int BAR_MIN = 10;

    /** Brackets, and blanks around them. */
    private static final int BAR_FRAME = " [".length() + "]  ".length();

    private final StageWords words;

    BarLines(StageWords words) {
        this.words = words;
    }

    /** A line for each, in their order. */
    List<String> all(Collection<TransferEvent> layers, int columns) {
        return layers.stream().map(layer -> line(layer, columns)).toList();
    }

    /** As many lines as there is room for: of those that are under way first, then of those that wait; the others are counted. */
    List<String> fitting(Collection<TransferEvent> layers, int columns, int rows) {
        if (layers.size() <= rows || rows < 2) {
            return all(layers, columns).subList(0, Math.min(layers.size(), Math.max(rows, 0)));
        }
        List<TransferEvent> order = new ArrayList<>(layers);
        order.sort(Comparator.comparingInt(layer -> rank(layer.stage())));
        List<TransferEvent> shown = order.subList(0, rows - 1);
        List<TransferEvent> hidden = order.subList(rows - 1, order.size());
        long over =
                hidden.stream().filter(layer -> Report.isLast(layer.stage())).count();
        List<String> lines =
                new ArrayList<>(all(layers.stream().filter(shown::contains).toList(), columns));
        lines.add(cut("and " + hidden.size() + " more, " + over + " of them complete", columns));
        return lines;
    }

    private static int rank(Stage stage) {
        return switch (stage) {
            case COPYING, UNPACKING -> 0;
            case WAITING -> 1;
            case EXISTS, MOUNTED, DONE -> 2;
        };
    }

    /** One layer's, at most a column less than the terminal has: its cursor stays in the row. */
    String line(TransferEvent layer, int columns) {
        String start = layer.blob().digest().shortHex() + ": " + words.of(layer.stage());
        if (layer.stage() != Stage.COPYING && layer.stage() != Stage.UNPACKING) {
            return cut(start, columns);
        }
        long total = layer.blob().sizeBytes();
        long done = Math.min(layer.doneBytes(), total);
        String end = HumanSize.of(done) + "/" + HumanSize.of(total);
        int room = Math.min(BAR_MAX, columns - 1 - start.length() - BAR_FRAME - end.length());
        return cut(room < BAR_MIN ? start + " " + end : start + " [" + bar(done, total, room) + "]  " + end, columns);
    }

    private static String bar(long done, long total, int width) {
        int filled = total == 0 ? width : (int) (width * ((double) done / total));
        String arrow = filled == width ? "=".repeat(width) : "=".repeat(filled) + ">";
        return arrow + " ".repeat(width - arrow.length());
    }

    private static String cut(String line, int columns) {
        return line.length() < columns ? line : line.substring(0, Math.max(columns - 1, 0));
    }
}
