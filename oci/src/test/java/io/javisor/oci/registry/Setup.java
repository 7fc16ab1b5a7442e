package io.javisor.oci.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.oci.BlobContent;
import io.javisor.oci.BlobSink;
import io.javisor.oci.Descriptor;
import io.javisor.oci.Digest;
import io.javisor.oci.MediaTypes;
import io.javisor.oci.OciException;
import io.javisor.oci.registry.http.Timing;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** What a user has, in a directory of its own, and a client with it that does not wait. */
final class Setup implements AutoCloseable {
    /** How long was to be waited, each time. */
    final List<Duration> waits = Collections.synchronizedList(new ArrayList<>());

    private final Path home;
    private final Registries registries;

    private Setup(Path home) {
        this.home = home;
        Timing timing = new Timing(
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofSeconds(30),
                Duration.ofMillis(100),
                Duration.ofSeconds(30),
                waits::add);
        Map<String, String> environment = Map.of("HOME", home.toString());
        registries = Registries.open(RegistryConfig.load(environment), Credentials.open(environment), timing);
    }

    /** @param config {@code registries.json}, with apostrophes for quotation marks */
    static Setup of(Path home, String config) {
        try {
            Path directory = Files.createDirectories(home.resolve(".config/javisor"));
            Path _ = Files.writeString(directory.resolve("registries.json"), config.replace('\'', '"'));
            return new Setup(home);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Setup of(Path home) {
        return of(home, "{}");
    }

    static void login(Path home, String registry, String user, String secret) {
        String _ =
                Credentials.open(Map.of("HOME", home.toString())).store(registry, new Credentials.Login(user, secret));
    }

    Registries registries() {
        return registries;
    }

    Path home() {
        return home;
    }

    @Override
    public void close() {
        registries.close();
    }

    /** What a step that must fail says, in one line. */
    static String failure(Runnable step) {
        OciException e = assertThrows(OciException.class, step::run);
        String message = String.valueOf(e.getMessage());
        assertEquals(1, message.lines().count(), message);
        return message;
    }

    /** Bytes that are the same each time, and compress badly. */
    static byte[] noise(int length, int seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    static Descriptor descriptor(byte[] content) {
        return new Descriptor(MediaTypes.OCI_LAYER_GZIP, Digest.sha256(content), content.length);
    }

    /** Blobs in memory. */
    static BlobContent content(byte[] bytes) {
        Descriptor descriptor = descriptor(bytes);
        return new BlobContent() {
            @Override
            public Descriptor descriptor() {
                return descriptor;
            }

            @Override
            public InputStream open(long offset) {
                return new ByteArrayInputStream(bytes, (int) offset, bytes.length - (int) offset);
            }
        };
    }

    /** Keeps a blob in memory. */
    static final class Sink implements BlobSink {
        private final long max;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private int restarts;

        Sink(long max) {
            this.max = max;
        }

        @Override
        public long offset() {
            return bytes.size();
        }

        @Override
        public void write(byte[] from, int offset, int length) {
            if (bytes.size() + length > max) {
                throw new OciException("too many bytes");
            }
            bytes.write(from, offset, length);
        }

        @Override
        public void restart() {
            restarts++;
            bytes.reset();
        }

        int restarts() {
            return restarts;
        }

        byte[] bytes() {
            return bytes.toByteArray();
        }
    }
}
