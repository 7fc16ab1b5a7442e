package io.javisor.images.disk;

/** Text from a disk, made fit for a message. */
public final class Printable {
    private static final int LENGTH_MAX = 200;

    private Printable() {}

    /** {@code text} in one line of printable ASCII, at most 200 characters: the rest is cut, others show as question marks. */
    public static String line(String text) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < Math.min(text.length(), LENGTH_MAX); i++) {
            char c = text.charAt(i);
            line.append(c >= ' ' && c < 0x7F ? c : '?');
        }
        return text.length() > LENGTH_MAX ? line + "..." : line.toString();
    }
}
