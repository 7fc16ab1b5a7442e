package io.javisor.cli.chart;

import java.util.regex.Pattern;

/** Text of any source made fit for a picture: of known width, without anything that a viewer obeys. */
final class SvgText {
    /** ECMA-48 §5.4: CSI, parameters, intermediates, final. */
    private static final Pattern CONTROL_SEQUENCE = Pattern.compile("\u001B\\[[0-?]*[ -/]*[@-~]");

    private static final Pattern UNPRINTABLE = Pattern.compile("[^ -~]");

    private SvgText() {}

    /** As printable ASCII: colours and cursor movements left out, a question mark for all else. */
    static String printable(String text) {
        String plain = CONTROL_SEQUENCE.matcher(text.replace('\t', ' ')).replaceAll("");
        return UNPRINTABLE.matcher(plain).replaceAll("?");
    }

    /** At most {@code length} characters, the last three dots if some are missing. */
    static String shortened(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length - 3) + "...";
    }
}
