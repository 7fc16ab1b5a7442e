package io.javisor.cli.image;

import io.javisor.core.text.Printable;
import java.util.Arrays;
import java.util.List;

/** Tables for people, with docker's widths. */
final class Cells {
    private static final int WIDTH_MIN = 10;
    private static final int GAP = 3;

    private Cells() {}

    /** Lines of cells. Columns are as wide as their widest cell and a gap; the last one ends with its text. */
    static String table(List<List<String>> rows) {
        List<List<String>> shown = rows.stream()
                .map(row -> row.stream().map(Printable::of).toList())
                .toList();
        int columnCount = shown.stream().mapToInt(List::size).max().orElse(0);
        int[] widths = new int[columnCount];
        Arrays.fill(widths, WIDTH_MIN);
        for (List<String> row : shown) {
            for (int i = 0; i < row.size() - 1; i++) {
                widths[i] = Math.max(widths[i], length(row.get(i)) + GAP);
            }
        }
        StringBuilder text = new StringBuilder();
        for (List<String> row : shown) {
            for (int i = 0; i < row.size(); i++) {
                text.append(row.get(i));
                if (i < row.size() - 1) {
                    text.repeat(' ', widths[i] - length(row.get(i)));
                }
            }
            text.append(System.lineSeparator());
        }
        return text.toString();
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    /** The text if it has no more than {@code length} characters, else what fits of it and an ellipsis. */
    static String cut(String text, int length) {
        return length(text) <= length ? text : text.substring(0, text.offsetByCodePoints(0, length - 1)) + "…";
    }
}
