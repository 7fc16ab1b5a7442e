package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.javisor.testkit.junit.HostTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What podman was asked once, and answered ({@code cli/src/test/podman}), is asked of javisor. Where docker answers otherwise, so does javisor: the file
 * "differences" has these. Containers of their own for most of "run" are for {@code -Pfull}.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class PodmanTableIT {
    private static final Path TABLE = Checkout.DIRECTORY.resolve("cli/src/test/podman");
    private static final String RUNNING = "table";
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    private static Path directory = Path.of("");

    /** @param stderr null for one line of the program's own */
    record Answer(int status, String stdout, @Nullable String stderr) {
        static Answer of(JsonNode line) {
            JsonNode errors = line.get("stderr");
            return new Answer(
                    line.get("status").intValue(),
                    line.get("stdout").stringValue(),
                    errors.isNull() ? null : errors.stringValue());
        }
    }

    record Case(String verb, List<String> words, String input, Answer answer) {
        static List<String> words(JsonNode line) {
            return line.get("words").valueStream().map(JsonNode::stringValue).toList();
        }

        @Override
        public String toString() {
            return verb + " " + String.join(" ", words);
        }
    }

    private static ImageHome home() {
        return new ImageHome(directory);
    }

    @BeforeAll
    static void loadImagesAndStart() throws Exception {
        HostTool.require("umoci", "umoci");
        Path images = Files.createDirectory(directory.resolve("images"));
        home().tool("bash", TABLE.resolve("images").toString(), images.toString());
        for (String image : List.of("box", "words", "user")) {
            String loaded = home().succeed(
                            "load", "-q", "-i", images.resolve(image + ".tar").toString());
            home().succeed("tag", loaded.replaceFirst("Loaded image ID: ", "").strip(), image);
        }
        home().succeed("run", "-d", "--init", "--network", "none", "--name", RUNNING, "box", "sleep", "100000");
    }

    @AfterAll
    static void remove() throws Exception {
        Program.Result _ = home().javisor("rm", "--force", RUNNING);
    }

    static Stream<Case> cases() throws IOException {
        boolean all = Boolean.getBoolean("javisor.table.full");
        Map<String, Answer> differences = new HashMap<>();
        for (JsonNode line : lines("differences")) {
            differences.put(key(line), Answer.of(line));
        }
        List<Case> cases = new ArrayList<>();
        for (JsonNode line : lines("recorded")) {
            Answer other = differences.remove(key(line));
            Answer answer = other == null ? Answer.of(line) : other;
            if (all
                    || line.get("often").booleanValue()
                    || line.get("verb").stringValue().equals("exec")) {
                cases.add(new Case(
                        line.get("verb").stringValue(),
                        Case.words(line),
                        line.get("stdin").stringValue(),
                        answer));
            }
        }
        assertEquals(Map.of(), differences, "of no case");
        return cases.stream();
    }

    private static String key(JsonNode line) {
        return line.get("verb").stringValue() + " " + Case.words(line);
    }

    private static List<JsonNode> lines(String file) throws IOException {
        return Files.readAllLines(TABLE.resolve(file)).stream()
                .map(JSON::readTree)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isAnswered(Case asked) throws Exception {
        List<String> words = new ArrayList<>(List.of(asked.verb));
        if (asked.verb.equals("run")) {
            words.addAll(List.of("--rm", "--network", "none", "--pull", "never"));
        }
        asked.words.forEach(word -> words.add(word.equals("@") ? RUNNING : word));
        Program.Result result = home().piped(asked.input, words.toArray(String[]::new));
        String expected = asked.answer.stderr;
        assertAll(
                () -> assertEquals(asked.answer.status, result.status(), result::toString),
                () -> assertEquals(asked.answer.stdout, result.out()),
                () -> {
                    if (expected == null) {
                        assertEquals(1, result.err().lines().count(), result::err);
                        assertFalse(result.err().contains("Exception"), result.err());
                    } else {
                        assertEquals(expected, result.err());
                    }
                });
    }
}
