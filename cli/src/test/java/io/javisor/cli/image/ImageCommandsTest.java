package io.javisor.cli.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The commands on a store of a test's own, without a registry. */
class ImageCommandsTest {
    /** A file, or a pipe. */
    private static final Screen NO_TERMINAL = new Screen() {
        @Override
        public boolean isTerminal() {
            return false;
        }

        @Override
        public boolean takesEscapes() {
            return false;
        }

        @Override
        public int columns() {
            return 0;
        }

        @Override
        public int rows() {
            return 0;
        }
    };

    @TempDir
    private Path directory = Path.of("");

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private byte[] input = {};
    private boolean isPerson;
    private String id = "";

    private record Answer(int status, String out, String err) {}

    @BeforeEach
    void makeImage() {
        id = TinyLayout.write(directory.resolve("layout"), "one", "hello\n");
    }

    private Surroundings around(Screen screen) {
        return new Surroundings(
                Map.of("XDG_DATA_HOME", directory.resolve("data").toString()),
                screen,
                bytes,
                new ByteArrayInputStream(input),
                () -> isPerson,
                InstantSource.fixed(Instant.parse("2026-12-01T12:00:00Z")),
                ZoneId.of("UTC"));
    }

    private Answer answer(Screen screen, String name, String... arguments) {
        Object command = ImageCommands.of(name, around(screen));
        CommandLine line = command instanceof CommandLine made ? made : new CommandLine(command);
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExecutionExceptionHandler((failure, failed, _) -> {
            failed.getErr().println(failure.getMessage());
            return failed.getCommandSpec().exitCodeOnExecutionException();
        });
        int status = line.execute(arguments);
        return new Answer(status, out.toString(), err.toString());
    }

    private String succeed(String name, String... arguments) {
        Answer answer = answer(NO_TERMINAL, name, arguments);
        assertEquals("", answer.err());
        assertEquals(Statuses.DONE, answer.status(), answer::toString);
        return answer.out();
    }

    private void assertFailed(String expected, String name, String... arguments) {
        assertEquals(
                new Answer(Statuses.FAILED, "", expected + System.lineSeparator()),
                answer(NO_TERMINAL, name, arguments));
    }

    private String pull() {
        return succeed("pull", "-q", "oci:" + directory.resolve("layout") + ":one");
    }

    @Test
    void anImageComesIsNamedAndGoes() {
        assertEquals("REPOSITORY   TAG       IMAGE ID   CREATED   SIZE\n", succeed("images"));
        assertEquals(id + "\n", pull());
        assertEquals("", succeed("tag", id.substring(7, 15), "tiny:1"));
        assertEquals("", succeed("tag", "tiny:1", "localhost:5000/a/tiny"));
        String shortId = id.substring(7, 19);
        assertEquals(
                """
                REPOSITORY              TAG       IMAGE ID       CREATED      SIZE
                tiny                    1         %s   3 days ago   4.1kB
                localhost:5000/a/tiny   latest    %s   3 days ago   4.1kB
                """.formatted(shortId, shortId).lines().sorted().toList(),
                succeed("images").lines().sorted().toList());
        assertEquals(shortId + "\n" + shortId + "\n", succeed("images", "-q"));
        assertEquals(
                "tiny:1 " + id + "\n",
                succeed("images", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}", "tiny"));
        assertEquals("Untagged: localhost:5000/a/tiny:latest\n", succeed("rmi", "localhost:5000/a/tiny"));
        String removed = succeed("image", "rm", "tiny:1");
        assertTrue(removed.startsWith("Untagged: tiny:1\nDeleted: " + id + "\n"), removed);
        assertEquals("", succeed("image", "ls", "-q"));
    }

    @Test
    void aFieldThatIsNotThereCostsNoOtherImagesLine() {
        String _ = pull();
        assertEquals("<no value>\n", succeed("image", "inspect", "-f", "{{.Config.Labels.none}}", id));
        Answer answer = answer(NO_TERMINAL, "image", "inspect", "-f", "{{.Id}} {{.None}}", id, "none:1", id);
        assertEquals(Statuses.FAILED, answer.status());
        assertEquals(3, answer.err().lines().count(), answer.err());
        Answer one = answer(NO_TERMINAL, "image", "inspect", "-f", "{{.Id}}", id, "none:1", id);
        assertEquals(id + "\n" + id + "\n", one.out());
        assertTrue(answer.err().startsWith("javisor: --format: there is no field .None; there are ."), answer.err());
    }

    @Test
    void whatIsKnownIsShown() {
        String _ = pull();
        String _ = succeed("tag", id, "tiny:1");
        assertEquals(
                "[tiny:1] [/hello] 2026-11-28T10:00:00Z\n",
                succeed("image", "inspect", "-f", "{{.RepoTags}} {{.Config.Cmd}} {{.Created}}", "tiny:1"));
        assertTrue(succeed("image", "inspect", id).startsWith("[ {\n  \"Id\" : \"" + id + "\""));
        assertEquals("""
            IMAGE          CREATED      CREATED BY     SIZE      COMMENT
            %s   3 days ago   COPY hello /   4.1kB     \n\
            """.formatted(id.substring(7, 19)), succeed("history", "tiny:1"));
        assertEquals(id + "\n", succeed("history", "-q", "--no-trunc", "tiny:1"));
        String df = succeed("system", "df");
        assertTrue(df.matches("""
            TYPE {6}TOTAL {5}ACTIVE {4}SIZE {6}RECLAIMABLE
            Images {4}1 {9}0 {9}[0-9.]+kB +[0-9.]+kB \\(100%\\)
            """), df);
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker-archive", "oci-archive", "oci-dir"})
    void anImageIsSavedAndLoaded(String format) throws IOException {
        String _ = pull();
        String _ = succeed("tag", id, "tiny:1");
        String _ = succeed("tag", id, "tiny:2");
        Path file = directory.resolve("saved");
        assertEquals("", succeed("save", "--format", format, "-o", file.toString(), "tiny"));
        if (!format.equals("oci-dir")) {
            assertEquals("", succeed("save", "--format", format, "tiny:1", "tiny:2"));
            assertArrayEquals(Files.readAllBytes(file), bytes.toByteArray());
        }
        String _ = succeed("rmi", "-f", id);
        assertEquals("Loaded image: tiny:1\nLoaded image: tiny:2\n", succeed("load", "-i", file.toString()));
        assertEquals(id + "\n" + id + "\n", succeed("images", "-q", "--no-trunc"));
        String _ = succeed("rmi", "-f", id);
        if (!format.equals("oci-dir")) {
            input = bytes.toByteArray();
            assertEquals("Loaded image: tiny:1\nLoaded image: tiny:2\n", succeed("load"));
        }
    }

    @Test
    void aNameWithADigestInAnArchiveIsPassedOver() throws IOException {
        Path index = directory.resolve("layout/index.json");
        String text = Files.readString(index);
        String entry = text.substring(text.indexOf('[') + 1, text.lastIndexOf(']'));
        String digest = entry.replaceFirst(".*\"digest\": \"([^\"]*)\".*", "$1");
        Files.writeString(
                index,
                text.replace(
                        entry,
                        entry.replace("\"one\"", "\"localhost/a:1\"") + ","
                                + entry.replace("\"one\"", "\"localhost/a@" + digest + "\"")));
        assertEquals(
                "Loaded image: localhost/a:1\n",
                succeed("load", "-i", directory.resolve("layout").toString()));
    }

    @Test
    void whatIsForAnotherPlatformIsPassedOver() throws IOException {
        Path layout = directory.resolve("layout");
        String first = entry(layout);
        String foreign = TinyLayout.writeFor("arm64", layout, "two", "world\n");
        String second = entry(layout);
        String other = TinyLayout.write(layout, "three", "others\n");
        Files.writeString(
                layout.resolve("index.json"),
                "{\"schemaVersion\": 2, \"manifests\": [" + first.replace("\"one\"", "\"localhost/a:1\"") + ","
                        + second.replace("\"two\"", "\"localhost/a:2\"") + ","
                        + entry(layout).replace("\"three\"", "\"localhost/a:3\"") + "]}");
        assertEquals(
                new Answer(
                        Statuses.FAILED,
                        "Loaded image: localhost/a:1\nLoaded image: localhost/a:3\n",
                        "javisor: image with reference localhost/a:2 was found but does not match the specified"
                                + " platform: wanted linux/amd64, actual: linux/arm64\n"),
                answer(NO_TERMINAL, "load", "-i", layout.toString()));
        String images = succeed("images", "-q", "--no-trunc");
        assertTrue(images.contains(id) && images.contains(other) && !images.contains(foreign), images);
    }

    /** The only one of its index. */
    private static String entry(Path layout) throws IOException {
        String text = Files.readString(layout.resolve("index.json"));
        return text.substring(text.indexOf('[') + 1, text.lastIndexOf(']'));
    }

    @Test
    void aDamagedImageIsNeitherLeftOutNorSaidToBeMissing() throws IOException {
        String _ = pull();
        String _ = succeed("tag", id, "localhost:1/a:1");
        String other = TinyLayout.write(directory.resolve("layout"), "two", "world\n");
        String _ = succeed("pull", "-q", "oci:" + directory.resolve("layout") + ":two");
        String _ = succeed("tag", other, "localhost:1/a:2");
        Files.delete(directory.resolve("data/javisor/images/blobs/sha256").resolve(other.substring(7)));
        String missing = "the image store lacks " + other
                + "; get it again: javisor pull (or javisor load) and the image's name";
        Path file = directory.resolve("saved");
        assertFailed(missing, "save", "-o", file.toString(), "localhost:1/a");
        assertFalse(Files.exists(file));
        assertFailed(missing, "push", "-q", "localhost:1/a:2");
    }

    @Test
    void aDirectoryThatStaysEmptyGoes() throws IOException {
        String _ = pull();
        Path blobs = directory.resolve("data/javisor/images/blobs/sha256");
        try (Stream<Path> files = Files.list(blobs)) {
            for (Path blob : files.toList()) {
                byte[] content = Files.readAllBytes(blob);
                if (content[0] != '{') {
                    Files.setPosixFilePermissions(blob, PosixFilePermissions.fromString("rw-------"));
                    Files.write(blob, new byte[content.length]);
                }
            }
        }
        Path saved = directory.resolve("saved");
        String[] save = {"--format", "oci-dir", "-o", saved.resolve("into/it").toString(), id};
        assertEquals(Statuses.FAILED, answer(NO_TERMINAL, "save", save).status());
        assertFalse(Files.exists(saved));
        Files.createDirectory(saved);
        assertEquals(Statuses.FAILED, answer(NO_TERMINAL, "save", save).status());
        assertTrue(Files.exists(saved));
        assertFalse(Files.exists(saved.resolve("into")));
    }

    @Test
    void whatCanNotBeWrittenIsTold() {
        assertFalse(Surroundings.ofProcess().output() instanceof PrintStream, "a PrintStream tells of no failure");
    }

    @Test
    void whatHasNoNameIsLoadedByItsId() {
        String _ = pull();
        Path file = directory.resolve("saved");
        assertEquals("", succeed("save", "-o", file.toString(), id));
        assertEquals("Loaded image ID: " + id + "\n", succeed("load", "-q", "-i", file.toString()));
    }

    @Test
    void pruneAsks() {
        String _ = pull();
        String question = "WARNING! This will remove all dangling images." + System.lineSeparator()
                + "Are you sure you want to continue? [y/N] ";
        Answer refused = answer(NO_TERMINAL, "image", "prune");
        assertEquals(Statuses.FAILED, refused.status());
        assertEquals(question, refused.out());
        assertFalse(succeed("images", "-q").isEmpty());
        input = "y\n".getBytes(StandardCharsets.UTF_8);
        String pruned = succeed("image", "prune");
        assertTrue(pruned.startsWith(question + "Deleted Images:\ndeleted: " + id + "\n"), pruned);
        assertTrue(pruned.matches("(?s).*\n\nTotal reclaimed space: [0-9.]+kB\n"), pruned);
        assertEquals("Total reclaimed space: 0B\n", succeed("image", "prune", "-af"));
    }

    @Test
    void whatIsNotThereIsSaid() {
        assertFailed("No such image: tiny:latest", "history", "tiny");
        assertFailed("No such image: tiny:latest", "tag", "tiny", "x");
        assertFailed(
                "No such image: tiny:latest",
                "save",
                "-o",
                directory.resolve("x").toString(),
                "tiny");
        assertFalse(Files.exists(directory.resolve("x")));
        assertFailed("javisor: No such image: tiny:latest", "rmi", "tiny");
        assertEquals(
                new Answer(Statuses.DONE, "", "javisor: No such image: tiny:latest\n"),
                answer(NO_TERMINAL, "rmi", "-f", "tiny"));
        assertEquals(
                new Answer(Statuses.FAILED, "[]\n", "javisor: No such image: tiny:latest\n"),
                answer(NO_TERMINAL, "image", "inspect", "tiny"));
        assertEquals(
                new Answer(Statuses.FAILED, "", "javisor: No such image: tiny:latest\n"),
                answer(NO_TERMINAL, "image", "inspect", "-f", "{{.Id}}", "tiny"));
        assertFailed(
                "An image does not exist locally with the tag: localhost:5000/tiny:latest; javisor images lists those"
                        + " that do",
                "push",
                "-q",
                "localhost:5000/tiny");
    }

    @Test
    void aTerminalIsNoPlaceForAnArchive() {
        isPerson = true;
        assertFailed("requested load from stdin, but stdin is empty; give --input FILE, or redirect", "load");
        assertEquals(
                new Answer(
                        Statuses.FAILED, "", "cowardly refusing to save to a terminal. Use the -o flag or redirect\n"),
                answer(new ReportTest.Window(80, 24), "save", "tiny"));
    }

    @Test
    void aFileIsPulledWithProgress() {
        String source = "oci:" + directory.resolve("layout");
        Answer bars = answer(new ReportTest.Window(80, 24), "pull", source);
        assertTrue(bars.out().endsWith(": Pull complete\u001b[K\r\n\u001b[J" + id + "\n"), bars::toString);
        assertEquals(id + "\n", succeed("pull", source), "it is there");
        String _ = succeed("rmi", id);
        String told = succeed("pull", source);
        assertTrue(
                told.matches("([0-9a-f]{12}): Pulling fs layer\n(\\1: Download complete\n)?\\1: Pull complete\n" + id
                        + "\n"),
                told);
    }
}
