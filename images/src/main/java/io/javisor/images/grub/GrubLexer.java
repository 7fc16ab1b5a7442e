package io.javisor.images.grub;

import io.javisor.images.ImageException;
import io.javisor.images.grub.GrubNode.Part;
import io.javisor.images.grub.GrubNode.Word;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Splits a script into words (GRUB manual, "Shell-like scripting": words, quoting, comments). */
final class GrubLexer {
    /** What the next token is. */
    enum Kind {
        WORD,
        NEWLINE,
        SEMICOLON,
        OPEN,
        CLOSE,
        END
    }

    /** @param word of a {@code WORD}; else without parts */
    record Token(Kind kind, int line, Word word) {
        boolean is(String keyword) {
            return kind == Kind.WORD && word.is(keyword);
        }
    }

    /** Of the number of an argument. */
    private static final int DIGITS_MAX = 4;

    private final String name;
    private final String text;
    private final boolean file;
    private int position;
    private int line = 1;
    private @Nullable Token peeked;
    private boolean cutOff;

    /**
     * @param name the file's, for messages
     * @param file whether it is the text of a file, not of a variable
     */
    GrubLexer(String name, String text, boolean file) {
        this.name = name;
        this.text = text;
        this.file = file;
        skipComments();
    }

    Token peek() {
        if (peeked == null) {
            peeked = read();
        }
        return peeked;
    }

    Token next() {
        Token token = peek();
        peeked = null;
        return token;
    }

    /** Whether all was read, and it ends within quotes or behind a line that goes on: a syntax error to GRUB. */
    boolean isCutOff() {
        return cutOff;
    }

    private Token read() {
        skipBlanks();
        int start = line;
        if (position == text.length()) {
            return new Token(Kind.END, start, new Word(List.of()));
        }
        Kind kind =
                switch (text.charAt(position)) {
                    case '\n' -> Kind.NEWLINE;
                    case ';' -> Kind.SEMICOLON;
                    case '{' -> Kind.OPEN;
                    case '}' -> Kind.CLOSE;
                    default -> Kind.WORD;
                };
        if (kind == Kind.WORD) {
            return new Token(kind, start, word());
        }
        advance();
        return new Token(kind, start, new Word(List.of()));
    }

    private char advance() {
        char c = text.charAt(position++);
        if (c == '\n') {
            line++;
            skipComments();
        }
        return c;
    }

    /** GRUB passes by each line of a file that begins so, even within quotes and behind a line that goes on (grub-core/normal/main.c). */
    private void skipComments() {
        while (file && ahead("#")) {
            int end = text.indexOf('\n', position);
            position = end < 0 ? text.length() : end + 1;
            line += end < 0 ? 0 : 1;
        }
    }

    private boolean ahead(String expected) {
        return text.startsWith(expected, position);
    }

    private boolean blank() {
        return ahead(" ") || ahead("\t") || ahead("\r");
    }

    private void skipBlanks() {
        while (position < text.length()) {
            if (blank()) {
                advance();
            } else if (ahead("#")) {
                while (position < text.length() && !ahead("\n")) {
                    advance();
                }
            } else {
                return;
            }
        }
    }

    private Word word() {
        List<Part> parts = new ArrayList<>();
        StringBuilder plain = new StringBuilder();
        while (position < text.length() && !blank() && "\n;{}".indexOf(text.charAt(position)) < 0) {
            switch (text.charAt(position)) {
                case '\\' -> {
                    advance();
                    addLiteral(parts, plain, false);
                    if (position < text.length() && advance() != '\n') {
                        parts.add(new Part(text.substring(position - 1, position), false, true));
                    } else {
                        // At the end of a line it joins the next one. It begins a word, if perhaps one of nothing, and
                        // no keyword has one in it.
                        parts.add(new Part("", false, false));
                        cutOff = position == text.length();
                    }
                }
                case '\'' -> {
                    advance();
                    addLiteral(parts, plain, false);
                    while (position < text.length() && !ahead("'")) {
                        plain.append(advance());
                    }
                    skipQuote();
                    addQuoted(parts, plain);
                }
                case '"' -> doubleQuoted(parts, plain);
                case '$' -> variable(parts, plain, false);
                case '|', '&', '<', '>' -> throw problem("'%c' without quotes".formatted(text.charAt(position)));
                default -> plain.append(advance());
            }
        }
        addLiteral(parts, plain, false);
        return new Word(parts);
    }

    private void doubleQuoted(List<Part> parts, StringBuilder plain) {
        advance();
        addLiteral(parts, plain, false);
        // An empty string is a word, too.
        addQuoted(parts, plain);
        while (position < text.length() && !ahead("\"")) {
            if (ahead("$")) {
                variable(parts, plain, true);
            } else if (ahead("\\\n")) {
                advance();
                advance();
            } else if (ahead("\\$") || ahead("\\\"") || ahead("\\\\")) {
                advance();
                plain.append(advance());
            } else {
                plain.append(advance());
            }
        }
        skipQuote();
        addLiteral(parts, plain, true);
    }

    private void skipQuote() {
        cutOff = position == text.length();
        if (!cutOff) {
            advance();
        }
    }

    private ImageException problem(String what) {
        return new ImageException("%s, line %d: %s".formatted(name, line, what));
    }

    /** A dollar sign with a name behind it; before a string it asks for a translation, and there is none. */
    private void variable(List<Part> parts, StringBuilder plain, boolean quoted) {
        advance();
        if (!quoted && ahead("\"")) {
            return;
        }
        boolean braces = ahead("{");
        int start = position + (braces ? 1 : 0);
        int end = start;
        while (end < text.length() && isName(text.charAt(end), end > start)) {
            end++;
        }
        if (end == start && end < text.length() && "@#*?".indexOf(text.charAt(end)) >= 0) {
            end++;
        }
        while (end < text.length() && end - start < DIGITS_MAX && isDigits(text, start, end + 1)) {
            end++;
        }
        if (end == start || (braces && !text.startsWith("}", end))) {
            throw problem("'$' without a name");
        }
        addLiteral(parts, plain, quoted);
        parts.add(new Part(text.substring(start, end), true, quoted));
        position = end + (braces ? 1 : 0);
    }

    private static boolean isDigits(String text, int start, int end) {
        return text.substring(start, end).chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static boolean isName(char c, boolean digits) {
        return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (digits && c >= '0' && c <= '9');
    }

    private static void addLiteral(List<Part> parts, StringBuilder plain, boolean quoted) {
        if (!plain.isEmpty()) {
            parts.add(new Part(plain.toString(), false, quoted));
            plain.setLength(0);
        }
    }

    private static void addQuoted(List<Part> parts, StringBuilder plain) {
        parts.add(new Part(plain.toString(), false, true));
        plain.setLength(0);
    }
}
