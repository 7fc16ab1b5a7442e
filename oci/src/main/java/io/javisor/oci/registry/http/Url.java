package io.javisor.oci.registry.http;

import io.javisor.core.text.Printable;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a request goes.
 *
 * @param target path and query, as they are sent: of visible ASCII characters, the first a slash
 */
public record Url(Origin origin, String target) {
    private static final int LENGTH_MAX = 16 << 10;

    /** Of what a server gives: then there is room for a digest. */
    private static final int GIVEN_MAX = 15 << 10;

    private static final Pattern VISIBLE = Pattern.compile("[!-~]+");
    private static final String HTTP = "http://";
    private static final String HTTPS = "https://";

    public Url {
        if (!target.startsWith("/")
                || target.length() > LENGTH_MAX
                || !VISIBLE.matcher(target).matches()) {
            throw new IllegalArgumentException("it has characters that no URL has, or too many");
        }
    }

    /**
     * Reads an absolute URL of http or https. A fragment is dropped, user and password are refused.
     *
     * @throws TransportException if it is none
     */
    public static Url parse(String text) throws TransportException {
        String lower =
                text.substring(0, Math.min(text.length(), HTTPS.length())).toLowerCase(Locale.ROOT);
        boolean tls = lower.startsWith(HTTPS);
        if (!tls && !lower.startsWith(HTTP)) {
            throw invalid(text, "it is neither http nor https", null);
        }
        String rest = text.substring((tls ? HTTPS : HTTP).length());
        int fragment = rest.indexOf('#');
        if (fragment >= 0) {
            rest = rest.substring(0, fragment);
        }
        int end = 0;
        while (end < rest.length() && rest.charAt(end) != '/' && rest.charAt(end) != '?') {
            end++;
        }
        String authority = rest.substring(0, end);
        if (authority.indexOf('@') >= 0) {
            throw invalid("", "it has a user's name in it", null);
        }
        String target = rest.substring(end);
        try {
            return given(Origin.parse(tls, authority), target.startsWith("/") ? target : "/" + target);
        } catch (IllegalArgumentException problem) {
            throw invalid(text, String.valueOf(problem.getMessage()), problem);
        }
    }

    private static Url given(Origin origin, String target) {
        if (target.length() > GIVEN_MAX) {
            throw new IllegalArgumentException("it is too long");
        }
        return new Url(origin, target);
    }

    private static TransportException invalid(String text, String why, @Nullable Throwable cause) {
        String shown = text.isEmpty() ? "" : " \"" + Printable.asciiLine(withoutQuery(text)) + "\"";
        return new TransportException(
                TransportException.Kind.PROTOCOL, "the server gave an invalid URL" + shown + ": " + why, cause);
    }

    /**
     * Where a {@code Location} leads from here (RFC 3986 §5.2, without dot segments, which no server sends).
     *
     * @throws TransportException if that is no URL
     */
    public Url resolve(String location) throws TransportException {
        String text = location.strip();
        int fragment = text.indexOf('#');
        if (fragment >= 0) {
            text = text.substring(0, fragment);
        }
        int colon = text.indexOf("://");
        if (colon > 0 && text.substring(0, colon).chars().allMatch(Character::isLetterOrDigit)) {
            return parse(text);
        }
        if (text.startsWith("//")) {
            return parse((origin.tls() ? "https:" : "http:") + text);
        }
        String path = withoutQuery(target);
        String next;
        if (text.startsWith("/")) {
            next = text;
        } else if (text.startsWith("?") || text.isEmpty()) {
            next = path + text;
        } else {
            next = path.substring(0, path.lastIndexOf('/') + 1) + text;
        }
        try {
            return given(origin, next);
        } catch (IllegalArgumentException problem) {
            throw invalid(location, String.valueOf(problem.getMessage()), problem);
        }
    }

    /**
     * The same with {@code name=value} more in its query, both encoded already.
     *
     * @throws IllegalArgumentException if that is too long
     */
    public Url with(String name, String value) {
        return new Url(origin, target + (target.indexOf('?') < 0 ? '?' : '&') + name + "=" + value);
    }

    private static String withoutQuery(String text) {
        int query = text.indexOf('?');
        return query < 0 ? text : text.substring(0, query);
    }

    /** For messages: without its query, which may be a secret. */
    @Override
    public String toString() {
        return origin + withoutQuery(target);
    }
}
