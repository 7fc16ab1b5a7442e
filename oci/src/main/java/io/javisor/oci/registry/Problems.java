package io.javisor.oci.registry;

import io.javisor.core.text.Printable;
import io.javisor.oci.OciException;
import io.javisor.oci.Reference;
import io.javisor.oci.registry.http.Request;
import io.javisor.oci.registry.http.Response;
import io.javisor.oci.registry.http.TransportException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/** What users are told, in docker's words where docker has some. */
final class Problems {
    private static final String HUB = "docker.io";
    private static final int BAD_REQUEST = 400;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int TOO_MANY = 429;

    private static final Pattern TLS_WANTED = Pattern.compile("HTTPS (?:server|port)|SSL-enabled server");

    private Problems() {}

    /** What follows {@code login} for a registry: nothing for docker's. */
    static String loginName(String registry) {
        return registry.equals(HUB) ? "" : " " + registry;
    }

    /** No answer, or half of one. */
    static OciException unreachable(Request request, Server server, IOException e) {
        String words = Printable.line(String.valueOf(e.getMessage()));
        String message = request.describe() + ": " + words;
        String file = server.configFile();
        String host = Printable.quoted(server.registry(), 80);
        if (e instanceof TransportException failure) {
            message += switch (failure.kind()) {
                case CERTIFICATE ->
                    words.contains("unknown authority")
                            ? "; if it is to be trusted, name its authority's certificate as \"ca\" of " + host + " in "
                                    + file
                            : "";
                case NOT_TLS ->
                    "; if it is to be asked without encryption, set \"http\": true for " + host + " in " + file;
                case PROTOCOL ->
                    words.startsWith("malformed HTTP response")
                                    && !request.url().origin().tls()
                            ? overTls(server)
                            : "";
                case CONNECT, BROKEN, DOWNGRADE, INTERRUPTED -> "";
            };
        }
        return new OciException(message, e);
    }

    /** What is to be done for a server that was asked in the clear, and may want TLS. */
    private static String overTls(Server server) {
        return "; if it is to be asked over TLS, set \"http\": false for " + Printable.quoted(server.registry(), 80)
                + " in " + server.configFile();
    }

    /**
     * What is said of an answer without a registry's JSON, whose body this reads, to a request in the clear: that there is TLS to be spoken, if Go's server, which sends no
     * headers, nginx or Apache say so. Empty for others.
     */
    static Optional<OciException> tlsWanted(Request request, Server server, Response response) {
        String type = response.header("Content-Type").orElse("");
        if (response.status() != BAD_REQUEST || request.url().origin().tls() || type.contains("json")) {
            return Optional.empty();
        }
        boolean bare = type.isEmpty() && response.header("Content-Length").isEmpty();
        byte[] body = response.excerpt(ErrorBody.SIZE_MAX);
        String text = new String(body, StandardCharsets.UTF_8);
        boolean wanted = TLS_WANTED.matcher(text).find() || (bare && text.isBlank());
        if (!wanted && request.method().equals("HEAD")) {
            return Optional.empty(); // Some do not know of it, and no body says so.
        }
        String words = request.describe() + ": " + words(response, body, false);
        return Optional.of(new OciException(wanted ? words.replaceFirst("\\.$", "") + overTls(server) : words));
    }

    static boolean isDenied(int status) {
        return status == UNAUTHORIZED || status == FORBIDDEN;
    }

    /** A refusal, whose body this reads, of what concerns no other case. */
    static OciException refused(Request request, Response response) {
        return new OciException(request.describe() + ": " + words(response, response.status() == TOO_MANY));
    }

    /** A limit of how much may be asked for: the words alone, as they are long. */
    static OciException tooMany(Response response) {
        return new OciException(words(response, true));
    }

    /** What a registry says of its refusal; its status where it says nothing. */
    static String words(Response response, boolean limit) {
        return words(response, response.excerpt(ErrorBody.SIZE_MAX), limit);
    }

    private static String words(Response response, byte[] body, boolean limit) {
        String words = ErrorBody.line(body);
        if (limit) {
            String after = response.header("Retry-After")
                    .map(text -> "; it says to try again after " + Printable.asciiLine(text)
                            + (text.chars().allMatch(Character::isDigit) ? " s" : ""))
                    .orElse("");
            String said = words.startsWith("toomanyrequests") ? words : "toomanyrequests: " + words;
            return (words.isEmpty() ? "toomanyrequests: Too Many Requests" : said) + after;
        }
        return words.isEmpty() ? "received unexpected HTTP status: " + response.statusLine() : words;
    }

    /** Who asks may not have it, or may not know whether it is there. */
    static OciException denied(String verb, Reference reference, Response response) {
        String words = ErrorBody.line(response.excerpt(ErrorBody.SIZE_MAX));
        String said = words.isEmpty() ? response.status() == UNAUTHORIZED ? "unauthorized" : "denied" : words;
        return new OciException(verb + " access denied for " + reference.familiarName()
                + ", repository does not exist or may require 'javisor login" + loginName(reference.registry()) + "': "
                + said);
    }

    static OciException manifestUnknown(Reference reference, Response response) {
        String words = ErrorBody.line(response.excerpt(ErrorBody.SIZE_MAX));
        return new OciException("manifest for " + reference.familiar() + " not found: "
                + (words.isEmpty() || words.startsWith("manifest unknown") ? "manifest unknown" : words));
    }
}
