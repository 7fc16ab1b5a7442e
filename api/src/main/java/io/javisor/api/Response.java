package io.javisor.api;

/**
 * What a client gets.
 *
 * @param status of HTTP
 * @param contentType of the body; of no meaning without one
 * @param body text, empty for none
 */
public record Response(int status, String contentType, String body) {
    public static final String JSON = "application/json";

    public static final int OK = 200;
    public static final int NO_CONTENT = 204;
    public static final int BAD_REQUEST = 400;
    public static final int NOT_FOUND = 404;
    public static final int METHOD_NOT_ALLOWED = 405;
    public static final int CONFLICT = 409;
    public static final int TOO_LARGE = 413;
    public static final int INTERNAL_ERROR = 500;

    /** Success with a JSON text. */
    public static Response json(String text) {
        return new Response(OK, JSON, text);
    }

    /** Success of which there is nothing to tell. */
    public static Response noContent() {
        return new Response(NO_CONTENT, JSON, "");
    }

    /** Whether the request was carried out. */
    public boolean isSuccess() {
        return status >= OK && status < 300;
    }
}
