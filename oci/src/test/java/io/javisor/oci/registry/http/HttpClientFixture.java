package io.javisor.oci.registry.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;

/** A client that trusts whom the JDK trusts, knows no proxy, and is patient; closed after each test. */
abstract class HttpClientFixture {
    static final Timing TIMING = timing(Duration.ofSeconds(10), Duration.ofSeconds(20), Duration.ofSeconds(20));

    final HttpClient client = new HttpClient(TIMING, Trust.ofJdk(), Proxies.NONE);

    @AfterEach
    void close() {
        client.close();
    }

    /** Nothing is waited for between tries. */
    static Timing timing(Duration connect, Duration idle, Duration whole) {
        return new Timing(connect, idle, whole, Duration.ZERO, Duration.ZERO, _ -> {});
    }

    /** Status and body of an answer. */
    static String get(HttpClient client, Url url) throws IOException {
        try (Response response = client.send(Request.of("GET", url), true)) {
            return response.status() + " " + new String(response.bytes(1 << 20), StandardCharsets.UTF_8);
        }
    }

    static Request.Body body(byte[] bytes) {
        return new Request.Body() {
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
}
