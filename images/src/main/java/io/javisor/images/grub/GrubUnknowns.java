package io.javisor.images.grub;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Values that javisor can't know. Each is one character that is in no file, for files are read a character a byte; so it shows in all that is
 * made of it, and nothing of that reaches a kernel.
 */
final class GrubUnknowns {
    private static final char FIRST = 0x100;
    private static final int COUNT_MAX = 4096;

    private final List<String> reasons = new ArrayList<>();

    /** A new one. Of very many, the last ones share a reason. */
    String mark(String reason) {
        if (reasons.isEmpty()
                || (reasons.size() < COUNT_MAX && !reasons.getLast().equals(reason))) {
            reasons.add(reason);
        }
        return Character.toString(FIRST + reasons.size() - 1);
    }

    /** Whether one may be at {@code c}. */
    static boolean isMark(char c) {
        return c >= FIRST;
    }

    static boolean isIn(String text) {
        return text.chars().anyMatch(c -> isMark((char) c));
    }

    /** Why the first one in {@code text} is not known; null if there is none. */
    @Nullable
    String reason(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isMark(text.charAt(i))) {
                return reasons.get(Math.min(text.charAt(i) - FIRST, reasons.size() - 1));
            }
        }
        return null;
    }

    /** As of one text. */
    @Nullable
    String reason(List<String> texts) {
        for (String text : texts) {
            String reason = reason(text);
            if (reason != null) {
                return reason;
            }
        }
        return null;
    }
}
