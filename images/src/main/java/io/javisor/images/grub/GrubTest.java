package io.javisor.images.grub;

import io.javisor.images.ByteSource;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One run of {@code test}, also known as {@code [} (GRUB manual, "test"; 2.12, grub-core/commands/test.c): what is no test is true if it is not
 * empty, and an expression without any is true.
 */
final class GrubTest {
    /** Finds a path; throws {@link GrubUnclear} where that can't be said. */
    interface Files {
        GrubDisk.@Nullable Location locate(String path);
    }

    private static final int DEPTH_MAX = 16;

    /** How GRUB's strtoul begins: in base 16, 8 or 10. */
    private static final Pattern NUMBER =
            Pattern.compile("(-?)\\s*(?:0x([0-9a-fA-F]*)|0([0-7]+)|([0-9]+)).*", Pattern.DOTALL);

    private final Files files;
    private final List<String> words;
    private int position;
    private int depth;

    private GrubTest(Files files, List<String> words) {
        this.files = files;
        this.words = words;
    }

    /**
     * Tests.
     *
     * @param words without values that are not known
     * @throws GrubUnclear with what is not understood, without file and line
     */
    static boolean evaluate(Files files, List<String> words) {
        int end = words.isEmpty() || !words.getLast().equals("]") ? words.size() : words.size() - 1;
        return new GrubTest(files, words.subList(0, end)).expression();
    }

    private boolean expression() {
        if (++depth > DEPTH_MAX) {
            throw new GrubUnclear("parentheses more than %d deep".formatted(DEPTH_MAX));
        }
        boolean any = false;
        boolean all = true;
        boolean inverted = false;
        while (position < words.size()) {
            String word = words.get(position);
            Boolean result = triple();
            result = result != null ? result : pair();
            if (result == null) {
                position++;
                if (word.equals(")")) {
                    break;
                }
                switch (word) {
                    case "(" -> result = expression();
                    case "!" -> inverted = !inverted;
                    case "-a" -> {}
                    case "-o" -> {
                        any |= all;
                        all = true;
                    }
                    default -> result = !word.isEmpty();
                }
            }
            if (result != null) {
                all &= result != inverted;
                inverted = false;
            }
        }
        depth--;
        return any || all;
    }

    /** Null if the next three words are no test. */
    private @Nullable Boolean triple() {
        if (position + 2 >= words.size()) {
            return null;
        }
        String left = words.get(position);
        String operator = words.get(position + 1);
        String right = words.get(position + 2);
        Boolean result =
                switch (operator) {
                    case "=", "==" -> left.equals(right);
                    case "!=" -> !left.equals(right);
                    case "<" -> left.compareTo(right) < 0;
                    case "<=" -> left.compareTo(right) <= 0;
                    case ">" -> left.compareTo(right) > 0;
                    case ">=" -> left.compareTo(right) >= 0;
                    case "-eq" -> number(left) == number(right);
                    case "-ne" -> number(left) != number(right);
                    case "-lt" -> number(left) < number(right);
                    case "-le" -> number(left) <= number(right);
                    case "-gt" -> number(left) > number(right);
                    case "-ge" -> number(left) >= number(right);
                    default -> null;
                };
        if (result != null) {
            position += 3;
        } else if (operator.startsWith("-nt")
                || operator.startsWith("-ot")
                || operator.equals("-pgt")
                || operator.equals("-plt")) {
            throw new GrubUnclear("the test '%s'".formatted(operator));
        }
        return result;
    }

    /** Null if the next two words are no test. */
    private @Nullable Boolean pair() {
        if (position + 1 >= words.size()) {
            return null;
        }
        String operand = words.get(position + 1);
        Boolean result =
                switch (words.get(position)) {
                    case "-z" -> operand.isEmpty();
                    case "-n" -> !operand.isEmpty();
                    case "-f" -> file(operand) != null;
                    case "-s" -> {
                        ByteSource file = file(operand);
                        yield file != null && file.sizeBytes() > 0;
                    }
                    case "-d" -> isDirectory(operand);
                    case "-e" -> file(operand) != null || isDirectory(operand);
                    default -> null;
                };
        position += result == null ? 0 : 2;
        return result;
    }

    private @Nullable ByteSource file(String path) {
        GrubDisk.Location location = files.locate(path);
        return location == null ? null : location.file();
    }

    private boolean isDirectory(String path) {
        GrubDisk.Location location = files.locate(path);
        return location != null && (location.path().isEmpty() || location.isDirectory());
    }

    /** The digits that it begins with; 0 if there are none. */
    private static long number(String text) {
        Matcher matcher = NUMBER.matcher(text);
        if (!matcher.matches()) {
            return 0;
        }
        int base = matcher.group(2) != null ? 16 : matcher.group(3) != null ? 8 : 10;
        String digits = matcher.group(base == 16 ? 2 : base == 8 ? 3 : 4);
        try {
            return Long.parseLong(matcher.group(1) + (digits.isEmpty() ? "0" : digits), base);
        } catch (NumberFormatException e) {
            throw new GrubUnclear("the number '%s'".formatted(text));
        }
    }
}
