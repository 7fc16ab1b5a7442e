package io.javisor.oci.registry.auth;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * One way for who asks to say who it is, of those that {@code WWW-Authenticate} names (RFC 9110 §11.6.1).
 *
 * @param scheme in lower case, such as {@code bearer}
 * @param parameters by their names in lower case; of those that come twice the first
 */
public record Challenge(String scheme, Map<String, String> parameters) {
    private static final int LENGTH_MAX = 16 << 10;
    private static final int CHALLENGES_MAX = 16;
    private static final String TOKEN_SYMBOLS = "!#$%&'*+-.^_`|~";

    public Challenge {
        parameters = Map.copyOf(parameters);
    }

    public Optional<String> parameter(String name) {
        return Optional.ofNullable(parameters.get(name));
    }

    /**
     * The challenges of all headers of the name, in their order. What can't be read ends the header that it is in; what
     * came before counts.
     */
    public static List<Challenge> parse(List<String> headers) {
        List<Challenge> all = new ArrayList<>();
        for (String each : headers) {
            new Parser(each).challenges(all);
        }
        return List.copyOf(all);
    }

    /** A list of challenges, each of them with a list, both with commas between. */
    private static final class Parser {
        private final String text;
        private int at;

        Parser(String text) {
            this.text = text.length() > LENGTH_MAX ? "" : text;
        }

        void challenges(List<Challenge> all) {
            while (all.size() < CHALLENGES_MAX) {
                skip(", \t");
                String scheme = token();
                if (scheme.isEmpty()) {
                    return;
                }
                Map<String, String> parameters = new LinkedHashMap<>();
                boolean well = parameters(parameters);
                all.add(new Challenge(scheme.toLowerCase(Locale.ROOT), parameters));
                if (!well) {
                    return;
                }
            }
        }

        /** Up to the next challenge; false if the rest can't be read. */
        private boolean parameters(Map<String, String> parameters) {
            while (true) {
                int start = at;
                skip(", \t");
                String name = token();
                int end = at;
                skip(" \t");
                if (name.isEmpty()) {
                    return at == text.length();
                }
                if (!next('=')) {
                    // Another scheme, or a token68 without padding, which is none's here.
                    at = start;
                    return text.substring(start, end).indexOf(',') >= 0;
                }
                skip(" \t");
                if (at == text.length() || text.charAt(at) == ',' || text.charAt(at) == '=') {
                    skip("=");
                    continue; // token68
                }
                Optional<String> value = text.charAt(at) == '"' ? quoted() : Optional.of(token());
                if (value.isEmpty()) {
                    return false;
                }
                parameters.putIfAbsent(name.toLowerCase(Locale.ROOT), value.get());
            }
        }

        private Optional<String> quoted() {
            StringBuilder value = new StringBuilder();
            at++;
            while (at < text.length()) {
                char each = text.charAt(at++);
                if (each == '"') {
                    return Optional.of(value.toString());
                }
                if (each == '\\' && at < text.length()) {
                    each = text.charAt(at++);
                }
                value.append(each);
            }
            return Optional.empty();
        }

        private String token() {
            int start = at;
            while (at < text.length() && isTokenCharacter(text.charAt(at))) {
                at++;
            }
            return text.substring(start, at);
        }

        private static boolean isTokenCharacter(char each) {
            return each < 0x80 && (Character.isLetterOrDigit(each) || TOKEN_SYMBOLS.indexOf(each) >= 0);
        }

        private boolean next(char wanted) {
            boolean there = at < text.length() && text.charAt(at) == wanted;
            at += there ? 1 : 0;
            return there;
        }

        private void skip(String characters) {
            while (at < text.length() && characters.indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }
    }
}
