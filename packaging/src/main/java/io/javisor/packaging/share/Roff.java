package io.javisor.packaging.share;

import java.util.List;

/** Writes a page in roff's {@code man} macros. groff_man(7), groff_char(7) */
final class Roff {
    private static final int FIRST_PRINTABLE = 0x20;
    private static final int LAST_ASCII = 0x7E;

    private final StringBuilder out = new StringBuilder();
    private boolean sectionStarts;

    /** Text that means itself: nothing in it is a request or an escape, and a hyphen can be copied into a shell. */
    static String text(String plain) {
        StringBuilder escaped = new StringBuilder();
        plain.codePoints().forEach(c -> {
            switch (c) {
                case '\\' -> escaped.append("\\e");
                case '-' -> escaped.append("\\-");
                case '\'' -> escaped.append("\\(aq");
                case '"' -> escaped.append("\\(dq");
                case '`' -> escaped.append("\\(ga");
                case '^' -> escaped.append("\\(ha");
                case '~' -> escaped.append("\\(ti");
                default -> {
                    if (c >= FIRST_PRINTABLE && c <= LAST_ASCII) {
                        escaped.appendCodePoint(c);
                    } else {
                        escaped.append("\\[u").append("%04X".formatted(c)).append(']');
                    }
                }
            }
        });
        return escaped.toString().startsWith(".") ? "\\&" + escaped : escaped.toString();
    }

    static String bold(String plain) {
        return "\\fB" + text(plain) + "\\fR";
    }

    static String italic(String plain) {
        return "\\fI" + text(plain) + "\\fR";
    }

    void comment(String plain) {
        line(".\\\" " + plain);
    }

    /** The page's title line, and lines that are not filled up to the right margin. */
    void title(String name, String date, String source, String manual) {
        line(".TH %s 1 %s \"%s\" \"%s\"".formatted(name, date, source, manual));
        line(".ad l");
        line(".nh");
    }

    void section(String heading) {
        line(".SH " + text(heading));
        sectionStarts = true;
    }

    /** A line of text that is escaped already. */
    void line(String escaped) {
        out.append(escaped).append('\n');
        sectionStarts = false;
    }

    void paragraph(String plain) {
        startParagraph();
        lines(plain);
    }

    /**
     * An entry of a list.
     *
     * @param term escaped already
     */
    void item(String term, List<String> paragraphs) {
        line(".TP");
        line(term);
        boolean first = true;
        for (String paragraph : paragraphs) {
            if (!first) {
                line(".IP");
            }
            lines(paragraph);
            first = false;
        }
    }

    /** Lines that are kept as they are. */
    void table(List<String> plainLines) {
        if (plainLines.isEmpty()) {
            return;
        }
        startParagraph();
        line(".nf");
        plainLines.forEach(plain -> line(text(plain.stripTrailing())));
        line(".fi");
    }

    /** A section's first paragraph is started by its heading. */
    private void startParagraph() {
        if (!sectionStarts) {
            line(".PP");
        }
    }

    private void lines(String plain) {
        plain.lines().map(String::strip).filter(line -> !line.isEmpty()).forEach(line -> line(text(line)));
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
