package io.javisor.cli.image;

import io.javisor.oci.Reference;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A name as {@code images} takes it, with or without a tag. {@code *} stands for any characters but {@code /}, {@code ?} for one, {@code [a-c]} for one of these; as in Go's
 * {@code path.Match}, which docker takes.
 */
final class NamePattern {
    private final Pattern pattern;

    private NamePattern(Pattern pattern) {
        this.pattern = pattern;
    }

    /** @throws IllegalArgumentException with what is wrong, in one line */
    static NamePattern parse(String text) {
        StringBuilder regex = new StringBuilder();
        int i = 0;
        while (i < text.length()) {
            char next = text.charAt(i);
            int close = next == '[' ? text.indexOf(']', i + 2) : -1;
            if (next == '[' && close < 0) {
                throw wrong(text);
            } else if (next == '[') {
                String inside = text.substring(i + 1, close);
                regex.append('[')
                        .append(inside.replaceAll("[\\[\\\\&]", "\\\\$0"))
                        .append(']');
                i = close;
            } else if (next == '*') {
                regex.append("[^/]*");
            } else if (next == '?') {
                regex.append("[^/]");
            } else {
                regex.append(Pattern.quote(String.valueOf(next)));
            }
            i++;
        }
        try {
            return new NamePattern(Pattern.compile(regex.toString()));
        } catch (PatternSyntaxException e) {
            throw wrong(text);
        }
    }

    private static IllegalArgumentException wrong(String text) {
        return new IllegalArgumentException("invalid pattern '" + text + "'");
    }

    /** Whether it is the name, with tag or digest or without, as docker shows it or whole. */
    boolean matches(Reference name) {
        return isAll(name.familiar())
                || isAll(name.familiarName())
                || isAll(name.toString())
                || isAll(name.registry() + "/" + name.repository());
    }

    private boolean isAll(String text) {
        return pattern.matcher(text).matches();
    }
}
