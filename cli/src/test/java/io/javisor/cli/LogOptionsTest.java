package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.cli.logging.LazyLogging;
import io.javisor.cli.logging.LogFormat;
import io.javisor.cli.logging.LogSettings;
import io.javisor.cli.logging.Logging;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** The options about the log, before and after the command; here of one that fails for another reason. */
class LogOptionsTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path directory = Path.of("");

    @AfterEach
    void reset() {
        Logging.set(LogSettings.DEFAULT);
    }

    private LogSettings set(String line) {
        int status = run((line.contains("run") ? line : line + " run").replace("DIR", directory.toString())
                + " --kernel " + directory.resolve("none"));
        assertEquals(125, status);
        assertTrue(err.toString().contains("none"), err::toString);
        return Logging.settings();
    }

    private int run(String line) {
        CommandLine commandLine = Main.commandLine();
        commandLine.setOut(new PrintWriter(out, true));
        commandLine.setErr(new PrintWriter(err, true));
        return commandLine.execute(line.strip().split(" +"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "run                                               | warn",
                "run --log-level debug                             | debug",
                "--log-level debug run                             | debug",
                "run --log-level=INFO                              | info",
                "run --verbose                                     | debug",
                "--verbose run                                     | debug",
                "run --verbose --log-level error                   | error",
                "run --log-level core=debug --log-level api=off    | warn io.javisor.api=off io.javisor.core=debug",
                "--log-level info run --log-level core=debug       | info io.javisor.core=debug",
                "--log-level info --log-level api=off run --log-level core=debug --log-level error"
                        + " | error io.javisor.api=off io.javisor.core=debug",
                "run --log-level io.netty.handler=trace            | warn io.netty.handler=trace"
            })
    void levels(String line, String expected) {
        List<String> arguments = set(line).arguments();
        assertEquals(
                expected,
                String.join(
                        " ",
                        arguments.subList(0, arguments.indexOf("--log-format")).stream()
                                .filter(word -> !word.equals("--log-level"))
                                .toList()));
    }

    @ParameterizedTest
    @CsvSource({
        "run --log-file DIR/log --log-format json",
        "--log-file DIR/log --log-format JSON run",
        "--log-file DIR/log run --log-format json"
    })
    void fileAndFormat(String line) throws Exception {
        LogSettings settings = set(line);
        Path file = directory.resolve("log");
        assertEquals(file, settings.file());
        assertEquals(LogFormat.JSON, settings.format());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }

    @Test
    void aFileThatIsThereStays() throws Exception {
        Path file = Files.writeString(directory.resolve("log"), "before\n");
        assertEquals(file, set("run --log-file DIR/log").file());
        assertEquals("before\n", Files.readString(file));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "run --log-level loud                 | --log-level: 'loud' is no level; there are trace,",
                "--log-level loud run                 | --log-level: 'loud' is no level; there are trace,",
                "run --log-level info --log-level x   | --log-level: 'x' is no level",
                "run --log-level disks=debug          | there is no module 'disks'; there are api, cli, core,",
                "doctor --log-level core=             | '' is no level",
                "run --log-level                      | --log-level needs a value: [MODULE=]LEVEL",
                "run --log-format xml                 | --log-format is text or json, not 'xml'",
                "run --log-format json --log-format text | --log-format is given more than" + " once; give it once",
                "run --log-file DIR/a --log-file DIR/b | --log-file is given more than once; give it once",
                "run --log-file                       | --log-file needs a value: FILE",
                "run --log-file DIR                   | can't be opened: it is a directory; name a file in it",
                "run --log-file DIR/no/log            | can't be opened: the directory DIR/no does not exist",
                "ps --log-file DIR/file/log           | (Not a directory)"
            })
    void badInputIsOneLine(String line, String part) throws Exception {
        Files.writeString(directory.resolve("file"), "");
        assertEquals(125, run(line.replace("DIR", directory.toString())));
        assertTrue(err.toString().startsWith("javisor: "), err::toString);
        assertTrue(err.toString().contains(part.replace("DIR", directory.toString())), err::toString);
        assertEquals(1, err.toString().lines().count(), err::toString);
        assertEquals("", out.toString());
        assertEquals(LogSettings.DEFAULT, Logging.settings());
    }

    @Test
    void helpMakesNoFile() {
        assertEquals(0, run("run --help --log-file " + directory.resolve("log")));
        assertTrue(out.toString().contains("--log-level=[MODULE=]LEVEL"), out::toString);
        assertFalse(Files.exists(directory.resolve("log")));
    }

    @Test
    void loggersMadeBeforeFollow() {
        LazyLogging logging = new LazyLogging();
        var core = logging.getLoggerFactory().getLogger("io.javisor.core.event.EventLoop");
        var cli = logging.getLoggerFactory().getLogger("io.javisor.cli.RunCommand");
        LogSettings _ = set("run --log-level core=debug --log-level error");
        assertTrue(core.isDebugEnabled() && !core.isTraceEnabled());
        assertTrue(cli.isErrorEnabled() && !cli.isWarnEnabled());
    }
}
