package io.javisor.oci.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.javisor.oci.registry.auth.Challenge;
import io.javisor.oci.registry.http.RetryAfter;
import io.javisor.oci.registry.http.TransportException;
import io.javisor.oci.registry.http.Url;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** What a registry says of itself, any bytes of it: challenges, places to go on at, delays and explanations. */
class RegistryWordsFuzzTest {
    static Stream<byte[]> seeds() {
        return Stream.of(
                        "Bearer"
                            + " realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\",scope=\"repository:a/b:pull,push\"",
                        "Negotiate YWJj==, Digest nonce=\"a,b=\\\"c\\\"\" , qop=auth,, BASIC Realm = x",
                        "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"manifest"
                                + " unknown\",\"detail\":{\"Tag\":\"x\"}}]}",
                        "{\"details\":\"incorrect username or password\"}",
                        "https://h:5000/v2/a/blobs/uploads/1?_state=x%3D#f",
                        "//[::1]:5000/x",
                        "../x?y=z",
                        "https://k/" + "\u00ff".repeat(300),
                        "120",
                        "Sun, 06 Nov 1994 08:49:37 GMT")
                .map(text -> text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @MethodSource("seeds")
    @FuzzTest
    void whateverComesIsReadWithinBounds(byte[] bytes) throws TransportException {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        challenges(text);
        String line = ErrorBody.line(bytes);
        assertTrue(line.length() < 400, line);
        assertFalse(line.codePoints().anyMatch(Character::isISOControl), line);
        RetryAfter.parse(text, Instant.EPOCH).ifPresent(delay -> assertTrue(delay.compareTo(Duration.ZERO) >= 0));
        Url base = Url.parse("https://registry.example:5000/v2/a?b=c");
        try {
            Url url = base.resolve(text);
            assertTrue(url.target().startsWith("/") && url.target().chars().allMatch(c -> c > ' ' && c < 0x7F));
            assertTrue(url.origin().authority().chars().allMatch(c -> c > ' ' && c < 0x7F && c != '/' && c != '@'));
            assertEquals(url, Url.parse(url.origin() + url.target()));
        } catch (TransportException e) {
            assertEquals(1, String.valueOf(e.getMessage()).lines().count());
            assertTrue(String.valueOf(e.getMessage()).length() < 400);
        }
    }

    /** Written again and read again they are the same. */
    private static void challenges(String text) {
        List<Challenge> all = Challenge.parse(List.of(text));
        assertTrue(all.size() <= 16);
        StringBuilder again = new StringBuilder();
        for (Challenge each : all) {
            again.append(again.isEmpty() ? "" : ", ").append(each.scheme());
            String separator = " ";
            for (var parameter : each.parameters().entrySet()) {
                String value = parameter.getValue().replace("\\", "\\\\").replace("\"", "\\\"");
                again.append(separator)
                        .append(parameter.getKey())
                        .append("=\"")
                        .append(value)
                        .append('"');
                separator = ", ";
            }
        }
        if (again.length() < 16 << 10) {
            assertEquals(all, Challenge.parse(List.of(again.toString())));
        }
    }
}
