package io.javisor.firmware.grub;

import io.javisor.firmware.disk.ByteSource;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The command {@code test}, also known as {@code [} (GRUB manual, "test"); without parentheses. */
record GrubTest(Function<String, GrubDisk.@Nullable Location> files) {
    private static final int NUMBER_LENGTH_MAX = 18;
    private static final int WORD_COUNT_MAX = 64;

    /** False for what is longer than anybody would write, too. */
    boolean evaluate(List<String> words) {
        return words.size() <= WORD_COUNT_MAX && expression(words);
    }

    private boolean expression(List<String> words) {
        int or = words.indexOf("-o");
        if (or > 0) {
            return expression(words.subList(0, or)) || expression(words.subList(or + 1, words.size()));
        }
        int and = words.indexOf("-a");
        if (and > 0) {
            return expression(words.subList(0, and)) && expression(words.subList(and + 1, words.size()));
        }
        int negations = 0;
        while (negations < words.size() && words.get(negations).equals("!")) {
            negations++;
        }
        return simple(words.subList(negations, words.size())) == (negations % 2 == 0);
    }

    private boolean simple(List<String> words) {
        return switch (words.size()) {
            case 1 -> !words.getFirst().isEmpty();
            case 2 -> unary(words.getFirst(), words.getLast());
            case 3 -> binary(words.getFirst(), words.get(1), words.getLast());
            default -> false;
        };
    }

    private boolean unary(String operator, String operand) {
        return switch (operator) {
            case "-z" -> operand.isEmpty();
            case "-n" -> !operand.isEmpty();
            case "-f" -> file(operand) != null;
            case "-s" -> {
                ByteSource file = file(operand);
                yield file != null && file.sizeBytes() > 0;
            }
            case "-d" -> isDirectory(operand);
            case "-e" -> file(operand) != null || isDirectory(operand);
            default -> false;
        };
    }

    private @Nullable ByteSource file(String path) {
        GrubDisk.Location location = files.apply(path);
        return location == null ? null : location.file();
    }

    private boolean isDirectory(String path) {
        GrubDisk.Location location = files.apply(path);
        return location != null && location.isDirectory();
    }

    private static boolean binary(String left, String operator, String right) {
        return switch (operator) {
            case "=", "==" -> left.equals(right);
            case "!=" -> !left.equals(right);
            case "<" -> left.compareTo(right) < 0;
            case ">" -> left.compareTo(right) > 0;
            case "-eq" -> number(left) == number(right);
            case "-ne" -> number(left) != number(right);
            case "-lt" -> number(left) < number(right);
            case "-le" -> number(left) <= number(right);
            case "-gt" -> number(left) > number(right);
            case "-ge" -> number(left) >= number(right);
            default -> false;
        };
    }

    /** What is no number counts as 0. */
    private static long number(String text) {
        return text.length() <= NUMBER_LENGTH_MAX && text.matches("-?[0-9]+") ? Long.parseLong(text) : 0;
    }
}
