package io.javisor.images.grub;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code default} says (GRUB manual, "default"): with {@code >} between the levels of submenus, and {@code >>} for one in a title. */
final class GrubDefault {
    private static final int DIGITS_MAX = 7;
    private static final Pattern NUMBER =
            Pattern.compile("\\s*(?:0x([0-9a-fA-F]+)|0([0-7]+)|(?!0x)([0-9]+)).*", Pattern.DOTALL);
    private static final Pattern WHOLE = Pattern.compile("0x[0-9a-fA-F]+|[0-9]+");

    private GrubDefault() {}

    /** The entry in this menu. */
    static String first(String wanted) {
        return wanted.substring(0, end(wanted)).replace(">>", ">");
    }

    /** The one in the submenu that the first names; empty if nothing is said. */
    static String rest(String wanted) {
        return wanted.substring(Math.min(wanted.length(), end(wanted) + 1));
    }

    /** The number that it begins with, as GRUB takes one (grub-core/normal/menu.c, get_entry_number); -1 if there is none. */
    static int number(String wanted) {
        Matcher matcher = NUMBER.matcher(wanted);
        if (!matcher.matches()) {
            return -1;
        }
        int base = matcher.group(1) != null ? 16 : matcher.group(2) != null ? 8 : 10;
        String digits = matcher.group(base == 16 ? 1 : base == 8 ? 2 : 3);
        // Any of that many digits is beyond all menus.
        return digits.length() > DIGITS_MAX ? Integer.MAX_VALUE : Integer.parseInt(digits, base);
    }

    /** Whether nothing follows the number that it begins with. */
    static boolean isNumber(String wanted) {
        return WHOLE.matcher(wanted).matches();
    }

    private static int end(String wanted) {
        for (int i = 0; i < wanted.length(); i++) {
            if (wanted.charAt(i) == '>') {
                if (i + 1 == wanted.length() || wanted.charAt(i + 1) != '>') {
                    return i;
                }
                i++;
            }
        }
        return wanted.length();
    }
}
