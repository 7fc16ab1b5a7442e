package io.javisor.oci.registry.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is asked.
 *
 * @param method such as {@code GET}
 * @param headers names and values, in their order; {@code Host}, {@code User-Agent} and {@code Content-Length} are not among them
 * @param body what is sent along, or null
 */
public record Request(
        String method,
        Url url,
        List<Map.Entry<String, String>> headers,
        @Nullable Body body) {
    private static final String AUTHORIZATION = "Authorization";

    public Request {
        headers = List.copyOf(headers);
    }

    public static Request of(String method, Url url) {
        return new Request(method, url, List.of(), null);
    }

    /** The same with a header more. */
    public Request with(String name, String value) {
        List<Map.Entry<String, String>> more = new ArrayList<>(headers);
        more.add(Map.entry(name, value));
        return new Request(method, url, more, body);
    }

    /** The same with a body of this type. */
    public Request with(String mediaType, Body content) {
        return new Request(method, url, with("Content-Type", mediaType).headers(), content);
    }

    /** The same with these credentials; without any if they are null. */
    public Request authorized(@Nullable String authorization) {
        return authorization == null ? this : with(AUTHORIZATION, authorization);
    }

    /** The same elsewhere; {@code trusted} says whether the credentials may go there. */
    Request to(Url elsewhere, boolean trusted) {
        List<Map.Entry<String, String>> kept = trusted
                ? headers
                : headers.stream()
                        .filter(each -> !each.getKey().equalsIgnoreCase(AUTHORIZATION))
                        .toList();
        return new Request(method, elsewhere, kept, body);
    }

    /** Docker's (Go's) way to begin a message about it: {@code Get "https://host/v2/"}. */
    public String describe() {
        return method.charAt(0) + method.substring(1).toLowerCase(Locale.ROOT) + " \"" + url + "\"";
    }

    /** Without the values of headers, which may be secrets. */
    @Override
    public String toString() {
        return describe();
    }

    /** Bytes to send, as often as it takes. */
    public interface Body {
        long sizeBytes();

        /** All of them; the caller closes the stream. */
        InputStream open() throws IOException;

        /** Whether it is for that server only: then no redirect leads it to another. */
        default boolean isSecret() {
            return false;
        }

        /** Is told that the first {@code count} bytes were handed over. */
        default void sent(long count) {}
    }
}
