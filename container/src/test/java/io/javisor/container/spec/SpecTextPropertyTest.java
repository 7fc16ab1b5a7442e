package io.javisor.container.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.container.spec.PrivilegesSpec.ResourceLimit;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.PublishedPort;
import io.javisor.oci.Digest;
import io.javisor.oci.model.ExposedPort;
import io.javisor.oci.model.Healthcheck;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What holds for any specification and its text. */
class SpecTextPropertyTest {
    private static final long SEED = 18;
    private static final int SPECS = 300;
    private static final int CHANGES = 3_000;
    private static final List<String> PIECES = List.of(
            "a", "Z", "0", " ", "=", ":", "/", "\"", "\\", "\n", "\t", "\u00e4", "\u2028", "\ud83d\udc0b", "{", "]");
    private static final String JSON_BYTES = "{}[]\":,0-9.eE tfn\\";

    private final Random random = new Random(SEED);

    @Test
    void whatIsWrittenIsReadBack() {
        for (int i = 0; i < SPECS; i++) {
            ContainerSpec spec = spec();
            String text = SpecText.write(spec);
            ContainerSpec read = SpecText.parse("it", text);
            assertEquals(spec, read, text);
            assertEquals(
                    List.copyOf(spec.labels().keySet()),
                    List.copyOf(read.labels().keySet()),
                    text);
            assertEquals(text, SpecText.write(read));
        }
    }

    @Test
    void whatIsDamagedIsReadOrRefusedInOneLine() {
        int refused = 0;
        for (int i = 0; i < CHANGES; i++) {
            String text = damaged(SpecText.write(spec()));
            try {
                ContainerSpec read = SpecText.parse("it", text);
                assertEquals(read, SpecText.parse("it", SpecText.write(read)), text);
            } catch (ConfigException e) {
                refused++;
                String message = String.valueOf(e.getMessage());
                assertTrue(message.startsWith("it"), message);
                assertFalse(message.chars().anyMatch(Character::isISOControl), message);
            }
        }
        assertTrue(refused > CHANGES / 10, refused + " refused");
    }

    private String damaged(String text) {
        int at = random.nextInt(text.length());
        return switch (random.nextInt(3)) {
            case 0 -> text.substring(0, at);
            case 1 -> text.substring(0, at) + text.substring(Math.min(text.length(), at + 1 + random.nextInt(8)));
            default ->
                text.substring(0, at) + JSON_BYTES.charAt(random.nextInt(JSON_BYTES.length())) + text.substring(at + 1);
        };
    }

    private ContainerSpec spec() {
        Map<String, String> labels = new LinkedHashMap<>();
        some(this::text).forEach(name -> labels.put("l" + name, text()));
        return new ContainerSpec(
                "image" + text(),
                Digest.sha256(new byte[] {(byte) random.nextInt()}),
                process(),
                new RootSpec(
                        random.nextBoolean(),
                        some(() -> new RootSpec.Tmpfs("/" + text(), text())),
                        random.nextLong(0, Long.MAX_VALUE)),
                new NamesSpec(
                        text(),
                        some(() -> new NamesSpec.HostLine("n" + text(), "192.0.2.1")),
                        some(this::text),
                        some(this::text),
                        some(this::text)),
                new LimitsSpec(amount(), amount(), amount()),
                new NetworkSpec(
                        random.nextBoolean() ? NetworkSpec.Kind.NONE : NetworkSpec.Kind.USER,
                        some(this::published),
                        some(this::exposed)),
                new StopSpec(random.nextInt(1, 65), random.nextInt(-1, 100)),
                random.nextBoolean()
                        ? Optional.empty()
                        : Optional.of(new Healthcheck(
                                some(this::text), amount(), amount(), amount(), amount(), random.nextInt(0, 100))),
                labels,
                new MachineSpec(
                        amount(),
                        random.nextInt(0, 1_000),
                        random.nextBoolean() ? null : "software",
                        random.nextBoolean() ? null : Path.of("/boot/vmlinuz")));
    }

    private ProcessSpec process() {
        return new ProcessSpec(
                some(this::text),
                some(this::text),
                some(() -> "N" + text().replace("=", "") + "=" + text()),
                "/" + text(),
                text(),
                some(this::text),
                random.nextBoolean(),
                random.nextBoolean(),
                new PrivilegesSpec(
                        random.nextLong() & Capabilities.ALL,
                        random.nextBoolean(),
                        random.nextBoolean(),
                        random.nextBoolean(),
                        some(() -> new ResourceLimit(
                                random.nextInt(0, 16),
                                random.nextLong(-1, 1_000),
                                random.nextLong(-1, Long.MAX_VALUE)))),
                random.nextBoolean());
    }

    private PublishedPort published() {
        return new PublishedPort(
                List.of(Optional.<String>empty(), Optional.of("127.0.0.1"), Optional.of("::1"))
                        .get(random.nextInt(3))
                        .orElse(null),
                random.nextInt(1, 65_536),
                random.nextInt(1, 65_536),
                random.nextBoolean() ? PublishedPort.Protocol.TCP : PublishedPort.Protocol.UDP);
    }

    private ExposedPort exposed() {
        int first = random.nextInt(1, 65_536);
        return new ExposedPort(
                first,
                random.nextInt(first, 65_536),
                List.of("tcp", "udp", "sctp").get(random.nextInt(3)));
    }

    private long amount() {
        return random.nextBoolean() ? 0 : random.nextLong(0, Long.MAX_VALUE);
    }

    private String text() {
        return String.join("", some(() -> PIECES.get(random.nextInt(PIECES.size()))));
    }

    private <T> List<T> some(Supplier<T> one) {
        return Stream.generate(one).limit(random.nextInt(4)).toList();
    }
}
