package io.javisor.cli.logging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogLevelsTest {
    private static LogLevels levels(String... words) {
        return LogLevels.parse(LogLevel.WARN, List.of(words));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "                              | io.javisor.core.event.EventLoop | warn",
                "debug                         | io.javisor.core.event.EventLoop | debug",
                "DEBUG                         | io.javisor.cli.Main             | debug",
                "off                           | io.javisor.cli.Main             | off",
                "core=trace                    | io.javisor.core.event.EventLoop | trace",
                "core=trace                    | io.javisor.core                 | trace",
                "core=trace                    | io.javisor.corebook             | warn",
                "core=trace                    | io.javisor.devices.serial.Uart  | warn",
                "info devices=error            | io.javisor.devices.serial.Uart  | error",
                "devices=error info            | io.javisor.devices.serial.Uart  | error",
                "debug info                    | io.javisor.cli.Main             | info",
                "api=debug api=off             | io.javisor.api.http.Answers     | off",
                "api=debug io.javisor.api.http=error | io.javisor.api.http.Answers | error",
                "api=debug io.javisor.api.http=error | io.javisor.api.json.Json  | debug",
                "io.javisor.api.http.Answers=debug | io.javisor.api.http.Answers | debug",
                "io.javisor.api.http.Answers=debug | io.javisor.api.http.Exchange | warn",
                "trace                         | io.netty.channel.Channel        | warn",
                "error                         | io.netty.channel.Channel        | error",
                "off                           | io.netty.channel.Channel        | off",
                "io.netty=debug                | io.netty.channel.Channel        | debug"
            })
    void theNearestCounts(String words, String logger, String level) {
        LogLevels levels = levels(words == null ? new String[0] : words.split(" "));
        assertEquals(level, levels.of(logger).toString());
        assertEquals(levels, LogLevels.parse(LogLevel.TRACE, levels.words()), "as another process reads it");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "loud          | 'loud' is no level; there are trace, debug, info, warn, error, off",
                "\"\"          | '' is no level",
                "core=         | '' is no level",
                "core=loud     | 'loud' is no level",
                "core=debug=x  | 'debug=x' is no level",
                "5             | '5' is no level",
                "cores=debug   | there is no module 'cores'; there are api, cli, core, devices, firmware, machine,"
                        + " manager",
                "=debug        | there is no module ''",
                "Core=debug    | there is no module 'Core'",
                "io.=debug     | there is no module 'io.'",
                ".io=debug     | there is no module '.io'",
                "a..b=debug    | there is no module 'a..b'",
                "io.java visor=debug | there is no module 'io.java visor'"
            })
    void whatIsWrongIsSaid(String word, String part) {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> levels(word));
        assertTrue(String.valueOf(refused.getMessage()).contains(part), refused::toString);
    }

    @Test
    void settingsAsArguments() {
        assertEquals(List.of("--log-level", "warn", "--log-format", "text"), LogSettings.DEFAULT.arguments());
        assertEquals(
                List.of(
                        "--log-level",
                        "info",
                        "--log-level",
                        "io.javisor.api=off",
                        "--log-file",
                        "/x/log",
                        "--log-format",
                        "json"),
                new LogSettings(levels("info", "api=off"), Path.of("/x/log"), LogFormat.JSON)
                        .orTo(Path.of("/y"))
                        .arguments());
        Path relative = Path.of("log");
        assertEquals(
                relative.toAbsolutePath(), LogSettings.DEFAULT.orTo(relative).file());
    }
}
