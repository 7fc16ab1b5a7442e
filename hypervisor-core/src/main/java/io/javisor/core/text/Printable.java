package io.javisor.core.text;

import java.util.regex.Pattern;

/** Text of any source (a guest, a disk, a client, a file) made fit for a message: a terminal obeys nothing that is in it. Any thread. */
public final class Printable {
    private static final int ASCII_LINE_LENGTH = 200;
    private static final String DOTS = "...";

    /** Unicode's categories of control, format, surrogate, private and unassigned code points. */
    private static final Pattern UNPRINTABLE = Pattern.compile("\\p{C}");

    private static final Pattern NOT_ASCII = Pattern.compile("[^ -~]");
    private static final Pattern LINE_END = Pattern.compile("\\s*\\R\\s*");

    private Printable() {}

    /** The text with a question mark in the place of each character that does not print, the ends of its lines among them. */
    public static String of(String text) {
        return UNPRINTABLE.matcher(text).replaceAll("?");
    }

    /** As {@link #of}, after white space at both ends is dropped and lines are joined by semicolons. */
    public static String line(String text) {
        return of(LINE_END.matcher(text.strip()).replaceAll("; "));
    }

    /** The text with a question mark in the place of each character that is not printable ASCII. */
    public static String ascii(String text) {
        return NOT_ASCII.matcher(text).replaceAll("?");
    }

    /** An {@link #excerpt} of 200 characters, as {@link #ascii}. */
    public static String asciiLine(String text) {
        return ascii(excerpt(text, ASCII_LINE_LENGTH));
    }

    /**
     * The first {@code length} characters and three dots; the whole text where that would not be shorter.
     *
     * @param length 0 or more
     */
    public static String excerpt(String text, int length) {
        return text.length() <= length + DOTS.length() ? text : text.substring(0, length) + DOTS;
    }

    /** An {@link #excerpt} in double quotes. */
    public static String quoted(String text, int length) {
        return '"' + excerpt(text, length) + '"';
    }
}
