package io.javisor.core.text;

/** How far two words are apart, for "did you mean". */
public final class EditDistance {
    private static final int SHORT_LENGTH = 4;
    private static final int MEDIUM_LENGTH = 8;

    private EditDistance() {}

    /** How many letters must be put in, left out, replaced, or swapped with their neighbour to make one word of the other. */
    public static int between(String from, String to) {
        int[] before = new int[to.length() + 1];
        int[] above = new int[to.length() + 1];
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                char letter = from.charAt(i - 1);
                int replaced = above[j - 1] + (letter == to.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, 1 + Math.min(above[j], row[j - 1]));
                boolean swapped =
                        i > 1 && j > 1 && letter == to.charAt(j - 2) && from.charAt(i - 2) == to.charAt(j - 1);
                if (swapped) {
                    row[j] = Math.min(row[j], before[j - 2] + 1);
                }
            }
            int[] free = before;
            before = above;
            above = row;
            row = free;
        }
        return above[to.length()];
    }

    /**
     * Whether somebody who wrote {@code wanted} may have meant {@code known}: they differ by one letter where the first is short, by three at
     * most where it is long.
     */
    public static boolean isNear(String wanted, String known) {
        int length = wanted.length();
        int limit = length <= SHORT_LENGTH ? 1 : length <= MEDIUM_LENGTH ? 2 : 3;
        return between(wanted, known) <= Math.min(limit, length - 1);
    }
}
