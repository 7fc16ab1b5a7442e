package io.javisor.api;

/**
 * What a client asks.
 *
 * @param method as it came, {@code GET} for one
 * @param path decoded, begins with a slash; without the query
 * @param body text, empty if there is none
 */
public record Request(String method, String path, String body) {
    public boolean hasBody() {
        return !body.isEmpty();
    }
}
