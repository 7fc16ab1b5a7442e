package io.javisor.cli.logging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import io.javisor.core.log.LineFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is written, and what is not. */
class LogConfiguratorTest {
    private static final String NAME = "io.javisor.devices.backend.PeerSet";

    @TempDir
    private Path directory = Path.of("");

    private static LogSettings settings(LogFormat format, String... words) {
        return new LogSettings(LogLevels.parse(LogLevel.WARN, List.of(words)), null, format);
    }

    /** The lines of a file that {@code action} logs to. */
    private List<String> toFile(LogSettings settings, Consumer<LoggerContext> action) throws IOException {
        Path path = directory.resolve("log");
        try (LineFile file = LineFile.open("log", path.toString())) {
            LoggerContext loggers = newContext();
            LogConfigurator.configure(loggers, settings, file);
            action.accept(loggers);
            loggers.stop();
        }
        return Files.readAllLines(path);
    }

    private static String toStandardError(LogSettings settings, Consumer<LoggerContext> action) {
        PrintStream before = System.err;
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        try {
            LoggerContext loggers = newContext();
            LogConfigurator.configure(loggers, settings, null);
            action.accept(loggers);
            loggers.stop();
        } finally {
            System.setErr(before);
        }
        return err.toString(StandardCharsets.UTF_8);
    }

    private static LoggerContext newContext() {
        LoggerContext loggers = new LoggerContext();
        loggers.setMDCAdapter(new LogbackMDCAdapter()); // no event gets through without
        return loggers;
    }

    private static void say(LoggerContext loggers) {
        Logger log = loggers.getLogger(NAME);
        log.warn("{}: turned away", "com2");
        log.info("no");
    }

    @Test
    void aTerminalGetsTheLineAlone() {
        assertEquals(
                "javisor: WARN PeerSet: com2: turned away\n",
                toStandardError(settings(LogFormat.TEXT), LogConfiguratorTest::say));
    }

    @Test
    void aFileGetsTimeThreadAndFullNameToo() throws IOException {
        List<String> lines = toFile(settings(LogFormat.TEXT), LogConfiguratorTest::say);
        assertEquals(1, lines.size());
        String thread = Thread.currentThread().getName();
        assertTrue(
                lines.getFirst()
                        .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z WARN \\[\\Q" + thread + "\\E\\] "
                                + "\\Q" + NAME + "\\E: com2: turned away"),
                lines::toString);
    }

    /** As when its machine goes on without the terminal. */
    @Test
    void aProcessThatLeavesStandardErrorLogsToAFileOfBoundedSize() throws IOException {
        Path path = directory.resolve("log");
        try {
            assertEquals(
                    "javisor: WARN PeerSet: com2: turned away\n", toStandardError(settings(LogFormat.TEXT), loggers -> {
                        say(loggers);
                        Logging.leaveStandardError(LineFile.open("log", path, 100, _ -> {}));
                        for (int i = 0; i < 10; i++) {
                            say(loggers);
                        }
                    }));
        } finally {
            Logging.set(LogSettings.DEFAULT);
        }
        assertEquals("javisor: WARN PeerSet: com2: turned away\n".repeat(2), Files.readString(path));
    }

    @Test
    void nothingInAMessageBeginsALineOrTellsATerminalAnything() throws IOException {
        List<String> lines = toFile(
                settings(LogFormat.TEXT),
                loggers -> loggers.getLogger(NAME).warn("a\r\nb\nc\u2028d \033[2J\007\tü\u009b"));
        assertEquals(List.of("\tb", "\tc", "\td ?[2J?\tü?"), lines.subList(1, lines.size()));
    }

    @Test
    void stackTracesFollow() {
        String text = toStandardError(
                settings(LogFormat.TEXT),
                loggers -> loggers.getLogger(NAME).error("it failed", new IllegalStateException("why")));
        assertTrue(
                text.startsWith("javisor: ERROR PeerSet: it failed\njava.lang.IllegalStateException: why\n\tat "),
                text);
        assertTrue(text.endsWith("\n"), text);
    }

    @Test
    void levelsAreOfModules() throws IOException {
        List<String> lines =
                toFile(settings(LogFormat.TEXT, "debug", "devices=error", "io.javisor.api.http=trace"), loggers -> {
                    for (String name :
                            List.of("io.javisor.core.x", NAME, "io.javisor.api.http.Answers", "io.netty.x")) {
                        Logger log = loggers.getLogger(name);
                        log.trace("said");
                        log.debug("said");
                        log.warn("said");
                        log.error("said");
                    }
                });
        assertEquals(
                List.of(
                        "DEBUG core.x",
                        "WARN core.x",
                        "ERROR core.x",
                        "ERROR devices.backend.PeerSet",
                        "TRACE api.http.Answers",
                        "DEBUG api.http.Answers",
                        "WARN api.http.Answers",
                        "ERROR api.http.Answers",
                        "WARN io.netty.x",
                        "ERROR io.netty.x"),
                lines.stream()
                        .map(line -> line.replaceAll(".*Z (\\w+) \\[.*\\] (?:io\\.javisor\\.)?(.*): said", "$1 $2"))
                        .toList());
    }

    @Test
    void offIsNothing() throws IOException {
        assertEquals(List.of(), toFile(settings(LogFormat.TEXT, "off"), loggers -> {
            loggers.getLogger(NAME).error("said");
            loggers.getLogger("io.netty.x").error("said");
        }));
    }

    @Test
    void jsonIsAnObjectALine() throws IOException {
        String nasty = "\"quoted\" \\ \r\n \u0000\033[2J \u2028 ü \ud83d\ude00 \ud800";
        List<String> lines = toFile(settings(LogFormat.JSON), loggers -> {
            say(loggers);
            Logger log = loggers.getLogger(NAME);
            log.error(nasty, new IllegalStateException(nasty, new IOException("below")));
        });
        assertEquals(2, lines.size(), lines::toString);
        JsonMapper mapper = JsonMapper.builder().build();
        JsonNode first = mapper.readTree(lines.getFirst());
        assertEquals(
                Set.of("timestamp", "level", "threadName", "loggerName", "formattedMessage", "throwable"),
                new TreeSet<>(first.propertyNames()));
        assertTrue(Math.abs(first.get("timestamp").longValue() - System.currentTimeMillis()) < 600_000);
        assertTrue(first.get("throwable").isNull());
        assertEquals("WARN", first.get("level").stringValue());
        assertEquals(NAME, first.get("loggerName").stringValue());
        assertEquals(Thread.currentThread().getName(), first.get("threadName").stringValue());
        assertEquals("com2: turned away", first.get("formattedMessage").stringValue());
        JsonNode second = mapper.readTree(lines.getLast());
        String expected = nasty.replace('\ud800', '?'); // half a pair is no character
        assertTrue(second.get("formattedMessage").stringValue().startsWith("\"quoted\" \\ \r\n \u0000\033[2J"));
        assertEquals(
                expected.length(), second.get("formattedMessage").stringValue().length());
        JsonNode thrown = second.get("throwable");
        assertEquals("java.lang.IllegalStateException", thrown.get("className").stringValue());
        assertFalse(thrown.get("stepArray").isEmpty());
        assertEquals("below", thrown.get("cause").get("message").stringValue());
    }

    @Test
    void jsonOnATerminal() {
        String text = toStandardError(settings(LogFormat.JSON), LogConfiguratorTest::say);
        assertTrue(text.startsWith("{\"timestamp\":") && text.endsWith("}\n"), text);
    }

    /** A disk that is full for a moment costs the lines of that moment. */
    @Test
    void aFileThatTakesNothingIsTriedAgain() {
        try (LineFile file = LineFile.open("log", "/dev/full")) {
            LoggerContext loggers = newContext();
            LogConfigurator.configure(loggers, settings(LogFormat.TEXT), file);
            say(loggers);
            say(loggers);
            assertEquals(2, file.missed());
            loggers.stop();
        }
    }
}
