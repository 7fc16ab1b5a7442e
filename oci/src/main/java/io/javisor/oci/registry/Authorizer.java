package io.javisor.oci.registry;

import io.javisor.core.text.Printable;
import io.javisor.oci.OciException;
import io.javisor.oci.registry.auth.Challenge;
import io.javisor.oci.registry.http.HttpClient;
import io.javisor.oci.registry.http.Request;
import io.javisor.oci.registry.http.Response;
import io.javisor.oci.registry.http.TransportException;
import io.javisor.oci.registry.http.Url;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What one registry's requests have as {@code Authorization}: Basic, or Bearer with tokens of the server that the
 * registry names (distribution, "Token Authentication Specification" and "OAuth2 Token Authentication"). A token is
 * kept for as long as it is good for. Several threads may ask; while one fetches a token the others wait, and then have
 * it.
 */
final class Authorizer {
    private static final String CLIENT = "javisor";
    private static final int TOKEN_BYTES_MAX = 1 << 20;
    private static final long DEFAULT_EXPIRES_SECONDS = 60;
    private static final long EXPIRES_SECONDS_MAX = 3600;
    private static final long MARGIN_SECONDS = 5;
    private static final int OK = 200;

    private final String registry;
    private final RegistryConfig config;
    private final HttpClient http;
    private final Supplier<Optional<Credentials.Login>> login;
    private final LongSupplier nanoTime;
    private final Map<String, Token> tokens = new HashMap<>();
    private boolean basic;
    private @Nullable Realm realm;

    Authorizer(
            String registry,
            RegistryConfig config,
            HttpClient http,
            Supplier<Optional<Credentials.Login>> login,
            LongSupplier nanoTime) {
        this.registry = registry;
        this.config = config;
        this.http = http;
        this.login = login;
        this.nanoTime = nanoTime;
    }

    private record Realm(Url url, Optional<String> service) {}

    private record Token(String value, long expiresNanos) {
        @Override
        public String toString() {
            return "Token";
        }
    }

    /** The value for a request that is to do what {@code scopes} say; null as long as the registry has not asked for one. */
    @Nullable
    synchronized String current(List<String> scopes) throws IOException {
        if (basic) {
            return basic();
        }
        return realm == null ? null : bearer(realm, scopes);
    }

    /**
     * The value to try again with after a 401.
     *
     * @param used what the refused request had
     * @return null if there is nothing else to try
     */
    @Nullable
    synchronized String answer(List<String> challenges, List<String> scopes, @Nullable String used) throws IOException {
        List<Challenge> all = Challenge.parse(challenges);
        for (Challenge each : all) {
            Optional<String> url = each.parameter("realm");
            if (each.scheme().equals("bearer") && url.isPresent()) {
                Realm asked = new Realm(realm(url.get()), each.parameter("service"));
                basic = false;
                realm = asked;
                List<String> wanted =
                        scopes.isEmpty() ? each.parameter("scope").map(List::of).orElse(List.of()) : scopes;
                if (used != null && used.equals(held(wanted))) {
                    tokens.remove(key(wanted)); // It is not good any more, or was not good enough.
                }
                String fresh = bearer(asked, wanted);
                return fresh.equals(used) ? null : fresh;
            }
        }
        if (all.stream().anyMatch(each -> each.scheme().equals("basic"))) {
            basic = true;
            String value = basic();
            return value == null || value.equals(used) ? null : value;
        }
        return null;
    }

    private Url realm(String text) throws TransportException {
        Url url = Url.parse(text);
        if (url.origin().tls()) {
            return url;
        }
        if (config.server(registry).tls()) {
            throw new OciException(registry + ": its token server " + url.origin()
                    + " is asked over http, which is refused, as anyone could read the password; tell the"
                    + " registry's operator");
        }
        if (!config.mayBeClear(url.origin())) {
            throw new OciException(registry + ": its token server " + url.origin()
                    + " would be asked over http, so that anyone could read the password; if that is meant, set"
                    + " \"http\": true for " + Printable.quoted(url.origin().authority(), 80) + " in "
                    + config.file());
        }
        return url;
    }

    private @Nullable String basic() {
        return login.get()
                .filter(each -> !each.isToken())
                .map(Authorizer::basic)
                .orElse(null);
    }

    private static String basic(Credentials.Login login) {
        String plain = login.username() + ":" + login.secret();
        return "Basic " + Base64.getEncoder().encodeToString(plain.getBytes(StandardCharsets.UTF_8));
    }

    private static String key(List<String> scopes) {
        return String.join(" ", scopes);
    }

    private @Nullable String held(List<String> scopes) {
        Token token = tokens.get(key(scopes));
        return token == null || nanoTime.getAsLong() - token.expiresNanos() >= 0 ? null : bearer(token);
    }

    private static String bearer(Token token) {
        return "Bearer " + token.value();
    }

    private String bearer(Realm asked, List<String> scopes) throws IOException {
        String value = held(scopes);
        if (value != null) {
            return value;
        }
        Token fresh = fetch(asked, scopes);
        tokens.put(key(scopes), fresh);
        // Even if it took so long to come that it is not kept for another request.
        return bearer(fresh);
    }

    private Token fetch(Realm asked, List<String> scopes) throws IOException {
        Optional<Credentials.Login> user = login.get();
        Request request = user.isPresent() && user.get().isToken()
                ? refresh(asked, scopes, user.get())
                : get(asked, scopes, user);
        long now = nanoTime.getAsLong();
        try (Response response = http.send(request, true)) {
            if (response.status() != OK) {
                throw refused(request, response, user.isPresent());
            }
            return token(response.bytes(TOKEN_BYTES_MAX), now);
        } catch (TransportException e) {
            throw new TransportException(e.kind(), "token server: " + request.describe() + ": " + e.getMessage(), e);
        }
    }

    private Request get(Realm asked, List<String> scopes, Optional<Credentials.Login> user) {
        try {
            return Request.of("GET", url(asked, scopes, user))
                    .authorized(user.map(Authorizer::basic).orElse(null));
        } catch (IllegalArgumentException e) {
            throw new OciException(
                    registry + ": the URL of its token server is too long; tell the registry's operator", e);
        }
    }

    private static Url url(Realm asked, List<String> scopes, Optional<Credentials.Login> user) {
        Url url = asked.url();
        if (asked.service().isPresent()) {
            url = url.with("service", encoded(asked.service().get()));
        }
        for (String scope : scopes) {
            url = url.with("scope", encoded(scope));
        }
        if (user.isPresent()) {
            url = url.with("account", encoded(user.get().username()));
        }
        return url.with("client_id", CLIENT);
    }

    private static Request refresh(Realm asked, List<String> scopes, Credentials.Login user) {
        StringBuilder form = new StringBuilder("grant_type=refresh_token&client_id=" + CLIENT);
        asked.service().ifPresent(service -> form.append("&service=").append(encoded(service)));
        if (!scopes.isEmpty()) {
            form.append("&scope=").append(encoded(key(scopes)));
        }
        form.append("&refresh_token=").append(encoded(user.secret()));
        byte[] bytes = form.toString().getBytes(StandardCharsets.US_ASCII);
        return Request.of("POST", asked.url()).with("application/x-www-form-urlencoded", bytes(bytes, true));
    }

    static Request.Body bytes(byte[] bytes) {
        return bytes(bytes, false);
    }

    private static Request.Body bytes(byte[] bytes, boolean secret) {
        return new Request.Body() {
            @Override
            public boolean isSecret() {
                return secret;
            }

            @Override
            public long sizeBytes() {
                return bytes.length;
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream(bytes);
            }
        };
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private OciException refused(Request request, Response response, boolean known) {
        String words = ErrorBody.line(response.excerpt(ErrorBody.SIZE_MAX));
        String remedy = response.status() == 401 || response.status() == 403
                ? "; try 'javisor login" + Problems.loginName(registry) + "'" + (known ? " again" : "")
                : "";
        return new OciException(request.describe() + ": "
                + (words.isEmpty() ? "the token server answers " + response.statusLine() : words) + remedy);
    }

    private Token token(byte[] answer, long nowNanos) {
        ObjectNode fields = JsonText.object(answer).orElseThrow(() -> noToken("no JSON object"));
        String value = JsonText.string(fields, "token")
                .or(() -> JsonText.string(fields, "access_token"))
                .orElseThrow(() -> noToken("no token"));
        if (!value.chars().allMatch(each -> each > ' ' && each < 0x7F)) {
            throw noToken("a token with characters that none has");
        }
        JsonNode expires = fields.get("expires_in");
        long seconds = expires != null && expires.isIntegralNumber() && expires.canConvertToLong()
                ? Math.clamp(expires.longValue(), 0, EXPIRES_SECONDS_MAX)
                : DEFAULT_EXPIRES_SECONDS;
        // Less than a minute is no use (distribution's client takes it for one), but for the margin.
        long kept = Math.max(seconds, DEFAULT_EXPIRES_SECONDS) - MARGIN_SECONDS;
        return new Token(value, nowNanos + Duration.ofSeconds(kept).toNanos());
    }

    private OciException noToken(String what) {
        return new OciException(Printable.asciiLine(registry) + ": its token server gives " + what);
    }
}
