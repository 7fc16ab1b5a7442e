package io.javisor.images.bls;

import java.util.Comparator;

/**
 * Older versions first (uapi-group.org/specifications/specs/version_format_specification): numbers compare as numbers, letters as
 * letters, and {@code ~}, {@code -}, {@code ^} and {@code .} divide, each weaker than the next.
 */
public final class VersionOrder implements Comparator<String> {
    public static final VersionOrder INSTANCE = new VersionOrder();

    private static final String SEPARATORS = "-^.";

    private VersionOrder() {}

    @Override
    public int compare(String left, String right) {
        int l = 0;
        int r = 0;
        while (true) {
            l = skipIgnored(left, l);
            r = skipIgnored(right, r);
            boolean leftTilde = at(left, l) == '~';
            boolean rightTilde = at(right, r) == '~';
            if (leftTilde || rightTilde) {
                if (!leftTilde || !rightTilde) {
                    return leftTilde ? -1 : 1;
                }
                l++;
                r++;
                continue;
            }
            if (l == left.length() || r == right.length()) {
                return Boolean.compare(l < left.length(), r < right.length());
            }
            int separator = Math.min(separator(left, l), separator(right, r));
            if (separator < SEPARATORS.length()) {
                if (separator(left, l) != separator(right, r)) {
                    return separator(left, l) == separator ? -1 : 1;
                }
                l++;
                r++;
                continue;
            }
            boolean digits = isDigit(at(left, l)) || isDigit(at(right, r));
            int leftEnd = end(left, l, digits);
            int rightEnd = end(right, r, digits);
            String leftPart = left.substring(l, leftEnd);
            String rightPart = right.substring(r, rightEnd);
            int order = digits ? compareNumbers(leftPart, rightPart) : leftPart.compareTo(rightPart);
            if (order != 0) {
                return order;
            }
            l = leftEnd;
            r = rightEnd;
        }
    }

    /** Digits of any number, the empty string being zero. */
    private static int compareNumbers(String left, String right) {
        String l = withoutZeros(left);
        String r = withoutZeros(right);
        return l.length() != r.length() ? Integer.compare(l.length(), r.length()) : l.compareTo(r);
    }

    private static String withoutZeros(String digits) {
        int start = 0;
        while (start < digits.length() && digits.charAt(start) == '0') {
            start++;
        }
        return digits.substring(start);
    }

    private static int end(String text, int from, boolean digits) {
        int end = from;
        while (end < text.length() && (digits ? isDigit(text.charAt(end)) : isLetter(text.charAt(end)))) {
            end++;
        }
        return end;
    }

    private static int skipIgnored(String text, int from) {
        int at = from;
        while (at < text.length()
                && !isDigit(text.charAt(at))
                && !isLetter(text.charAt(at))
                && "~-^.".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        return at;
    }

    /** The rank of the separator at {@code index}, the weakest first; beyond them all for another character. */
    private static int separator(String text, int index) {
        int rank = SEPARATORS.indexOf(at(text, index));
        return rank < 0 ? SEPARATORS.length() : rank;
    }

    private static char at(String text, int index) {
        return index < text.length() ? text.charAt(index) : 0;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }
}
