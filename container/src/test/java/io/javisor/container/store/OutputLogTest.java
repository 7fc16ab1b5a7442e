package io.javisor.container.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.log.RotatedFile;
import io.javisor.machine.config.ConfigException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class OutputLogTest {
    private static final Instant NOW = Instant.parse("2026-12-01T12:00:00.120Z");
    private static final String TIME = "2026-12-01T12:00:00.120000000Z";

    @TempDir
    private Path directory = Path.of("");

    private Path path() {
        return directory.resolve("output.log");
    }

    private OutputLog open() {
        return open(OutputLog.MAX_FILE_BYTES);
    }

    private OutputLog open(long maxFileBytes) {
        return OutputLog.open(path(), maxFileBytes, InstantSource.fixed(NOW));
    }

    private static void add(OutputLog log, OutputKind kind, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        log.add(kind, bytes, 0, bytes.length);
    }

    private List<OutputRecord> read() throws IOException {
        List<OutputRecord> all = new ArrayList<>();
        try (OutputLogReader reader = OutputLogReader.open(path())) {
            boolean _ = reader.read(all::add);
        }
        return all;
    }

    private static String text(OutputRecord record) {
        return new String(record.bytes(), StandardCharsets.UTF_8);
    }

    private byte[] joined(OutputKind kind) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (OutputRecord record : read()) {
            if (record.kind() == kind) {
                all.writeBytes(record.bytes());
            }
        }
        return all.toByteArray();
    }

    @Test
    void aLineIsAnObjectAsDockerHasIt() throws IOException {
        try (OutputLog log = open()) {
            add(log, OutputKind.STDOUT, "hello\n");
            add(log, OutputKind.STDERR, "oh\n");
        }
        assertEquals("""
            {"log":"hello\\n","stream":"stdout","time":"%s"}
            {"log":"oh\\n","stream":"stderr","time":"%s"}
            """.formatted(TIME, TIME), Files.readString(path()));
        assertEquals(
                List.of(
                        new OutputRecord(NOW, OutputKind.STDOUT, "hello\n".getBytes(StandardCharsets.UTF_8)),
                        new OutputRecord(NOW, OutputKind.STDERR, "oh\n".getBytes(StandardCharsets.UTF_8))),
                read());
    }

    @Test
    void partsOfALineAreOneObject() throws IOException {
        try (OutputLog log = open()) {
            add(log, OutputKind.STDOUT, "he");
            add(log, OutputKind.STDERR, "between\n");
            add(log, OutputKind.STDOUT, "llo\nwor");
            assertEquals(2, read().size());
            add(log, OutputKind.STDOUT, "ld");
            log.finish(OutputKind.STDOUT);
            assertEquals(3, read().size());
        }
        assertEquals(
                List.of("between\n", "hello\n", "world"),
                read().stream().map(OutputLogTest::text).toList());
    }

    @Test
    void theEndOfTheLogEndsALine() throws IOException {
        OutputLog log = open();
        add(log, OutputKind.STDERR, "prompt> ");
        log.close();
        log.close();
        add(log, OutputKind.STDERR, "too late\n");
        assertEquals(
                List.of("prompt> "), read().stream().map(OutputLogTest::text).toList());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plain",
                "quote \" and backslash \\",
                "tab\tand\rreturn",
                "\u0000\u0001\u001f\u007f",
                "\u001b[31mred\u001b[0m",
                "äöü €",
                "日本語",
                "😀 and \uFFFD",
                "",
                " ",
                "{\"log\":\"nested\"}",
                "</script>&<>"
            })
    void everyTextComesBackAndIsJson(String line) throws IOException {
        try (OutputLog log = open()) {
            add(log, OutputKind.STDOUT, line + "\n");
        }
        JsonNode object = JsonMapper.shared().readTree(Files.readString(path()));
        assertEquals(line + "\n", object.path("log").asString());
        assertEquals(line + "\n", text(read().getFirst()));
    }

    @ParameterizedTest
    @CsvSource({
        "ff",
        "c0af",
        "c1bf",
        "80",
        "c3",
        "e28282c3",
        "e0809f",
        "eda080",
        "f4908080",
        "f5808080",
        "f09f98",
        "61ff62"
    })
    void whatIsNoTextComesBackToo(String hex) throws IOException {
        byte[] bytes = HexFormat.of().parseHex(hex + "0a");
        try (OutputLog log = open()) {
            log.add(OutputKind.STDOUT, bytes, 0, bytes.length);
        }
        assertArrayEquals(bytes, read().getFirst().bytes());
        assertTrue(Files.readString(path()).startsWith("{\"bytes\":\""));
    }

    @ParameterizedTest
    @CsvSource({
        "16383, 1",
        "16384, 2",
        "16385, 2",
        "32767, 2",
        "32768, 3",
        "100000, 7",
    })
    void aLongLineIsSeveralObjects(int length, int objects) throws IOException {
        try (OutputLog log = open()) {
            add(log, OutputKind.STDOUT, "x".repeat(length) + "\n");
        }
        assertEquals(objects, read().size());
        assertEquals(length + 1, joined(OutputKind.STDOUT).length);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void noCharacterIsCut(int shift) throws IOException {
        String line = "x".repeat(shift) + "€".repeat(20_000) + "😀".repeat(9_000) + "\n";
        for (int step : new int[] {1 << 20, 1000, 7}) {
            Files.deleteIfExists(path());
            byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
            try (OutputLog log = open()) {
                for (int i = 0; i < bytes.length; i += step) {
                    log.add(OutputKind.STDOUT, bytes, i, Math.min(step, bytes.length - i));
                }
            }
            assertArrayEquals(bytes, joined(OutputKind.STDOUT));
            assertFalse(Files.readString(path()).contains("\"bytes\""), "all of it is text");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void whateverIsWrittenComesBackApart(int seed) throws IOException {
        Random random = new Random(seed);
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        try (OutputLog log = open()) {
            for (int i = 0; i < 50; i++) {
                byte[] bytes = new byte[random.nextInt(random.nextBoolean() ? 100 : 40_000)];
                random.nextBytes(bytes);
                OutputKind kind = random.nextBoolean() ? OutputKind.STDOUT : OutputKind.STDERR;
                (kind == OutputKind.STDOUT ? output : errors).writeBytes(bytes);
                log.add(kind, bytes, 0, bytes.length);
            }
        }
        assertArrayEquals(output.toByteArray(), joined(OutputKind.STDOUT));
        assertArrayEquals(errors.toByteArray(), joined(OutputKind.STDERR));
    }

    @Test
    void aFullFileGivesWayAndNothingIsReadTwice() throws IOException {
        try (OutputLog log = open(2_000)) {
            for (int i = 0; i < 100; i++) {
                add(log, OutputKind.STDOUT, "line " + i + "\n");
            }
        }
        assertTrue(Files.exists(RotatedFile.older(path())));
        List<String> lines = read().stream().map(OutputLogTest::text).toList();
        assertTrue(lines.size() < 100 && lines.size() > 20, lines.toString());
        for (int i = 0; i < lines.size(); i++) {
            assertEquals("line " + (100 - lines.size() + i) + "\n", lines.get(i));
        }
    }

    @Test
    void aReaderGoesOnOverTheChange() throws IOException {
        List<String> seen = new ArrayList<>();
        try (OutputLog log = open(1_000);
                OutputLogReader reader = OutputLogReader.open(path())) {
            for (int i = 0; i < 100; i++) {
                add(log, OutputKind.STDOUT, "line " + i + "\n");
                boolean _ = reader.read(record -> seen.add(text(record)));
            }
            assertFalse(reader.read(record -> seen.add(text(record))));
        }
        assertEquals(100, seen.size());
        assertEquals("line 99\n", seen.getLast());
    }

    @Test
    void theTailIsOfRecords() throws IOException {
        try (OutputLog log = open()) {
            for (int i = 0; i < 10; i++) {
                add(log, OutputKind.STDOUT, i + "\n");
            }
        }
        for (int count : new int[] {0, 1, 3, 10, 50}) {
            List<OutputRecord> all = new ArrayList<>();
            try (OutputLogReader reader = OutputLogReader.open(path())) {
                reader.skipToTail(count);
                boolean _ = reader.read(all::add);
            }
            assertEquals(Math.min(10, count), all.size());
        }
    }

    @Test
    void theBeginningOfAnObjectIsLeftOutAndTheNextIsWhole() throws IOException {
        Files.writeString(path(), "{\"log\":\"cut by a full dis");
        try (OutputLog log = open()) {
            add(log, OutputKind.STDOUT, "next\n");
        }
        assertEquals(List.of("next\n"), read().stream().map(OutputLogTest::text).toList());
    }

    @Test
    void aRecordThatIsNotWholeYetIsNotRead() throws IOException {
        try (OutputLog log = open()) {
            add(log, OutputKind.STDOUT, "one\n");
        }
        String whole = Files.readString(path());
        List<OutputRecord> all = new ArrayList<>();
        Files.writeString(path(), whole + whole.substring(0, 10));
        try (OutputLogReader reader = OutputLogReader.open(path())) {
            boolean _ = reader.read(all::add);
            assertEquals(1, all.size());
            Files.writeString(path(), whole.substring(10), StandardOpenOption.APPEND);
            boolean _ = reader.read(all::add);
        }
        assertEquals(2, all.size());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "nonsense",
                "{\"log\":\"a\"}",
                "{\"log\":\"a\",\"stream\":\"stdout\"}",
                "{\"log\":\"a\",\"stream\":\"stdout\",\"time\":\"yesterday\"}",
                "{\"log\":{},\"stream\":\"stdout\",\"time\":\"2026-12-01T12:00:00Z\"}",
                "{\"bytes\":\"***\",\"stream\":\"stdout\",\"time\":\"2026-12-01T12:00:00Z\"}",
                "{\"log\":\"a\",\"stream\":\"stdout\",\"time\":\"2026-12-01T12:00:00Z\""
            })
    void whatIsNoRecordIsNone(String text) {
        assertNull(OutputLogReader.parse(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void aLogThatIsNotThereIsEmpty() throws IOException {
        assertEquals(List.of(), read());
    }

    @Test
    void aLogThatCantBeWrittenIsSaid() throws IOException {
        Files.createDirectory(path());
        ConfigException refused = assertThrows(ConfigException.class, this::open);
        assertEquals("the log " + path() + " can't be written: EISDIR (Is a directory)", refused.getMessage());
    }
}
