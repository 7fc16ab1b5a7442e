package io.javisor.api.json;

import io.javisor.core.text.Printable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;

/** What a text has that is not JSON, in words of a reader's and not of the parser's. */
public final class ParserWords {
    private static final Pattern CHARACTER = Pattern.compile(
            "Unexpected (?:character|close marker) \\(?('.')(?: \\(code \\d+.*)?[):].*", Pattern.DOTALL);
    private static final Pattern TOKEN =
            Pattern.compile("(?:Unrecognized|Non-standard) token ('.*?'):.*", Pattern.DOTALL);
    private static final Pattern CONTROL = Pattern.compile("Illegal unquoted character .*", Pattern.DOTALL);
    private static final Pattern END = Pattern.compile("Unexpected end-of-input.*", Pattern.DOTALL);
    private static final Pattern TRAILING = Pattern.compile("Trailing token .*", Pattern.DOTALL);
    private static final Pattern NUMBER = Pattern.compile("Invalid numeric value: (.*)", Pattern.DOTALL);

    private ParserWords() {}

    /** One line, without a full stop. */
    public static String of(JacksonException failure) {
        return Printable.line(of(failure.getOriginalMessage()));
    }

    private static String of(String words) {
        if (END.matcher(words).matches()) {
            return "it ends too soon";
        }
        if (CONTROL.matcher(words).matches()) {
            return "a control character in a string, where only an escape like \\n may stand";
        }
        if (TRAILING.matcher(words).matches()) {
            return "more text after its end";
        }
        Matcher number = NUMBER.matcher(words);
        if (number.matches()) {
            return "not a number: " + decapitalized(number.group(1));
        }
        for (Pattern pattern : new Pattern[] {CHARACTER, TOKEN}) {
            Matcher matcher = pattern.matcher(words);
            if (matcher.matches()) {
                return "unexpected " + matcher.group(1);
            }
        }
        // What the parser says of its source is of no use: the reader knows it.
        return decapitalized(words.replaceFirst(" \\((?:start marker at|code) .*", ""));
    }

    private static String decapitalized(String text) {
        return text.isEmpty() ? text : Character.toLowerCase(text.charAt(0)) + text.substring(1);
    }
}
