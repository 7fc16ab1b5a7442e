package io.javisor.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SerialSinkTest {
    @ParameterizedTest
    @ValueSource(strings = {"stdio", "pty", "null", "file:log", "file:/a/b c:d", "socket:/run/x/com2.sock", "socket:x"})
    void aSinkIsWrittenAsItIsRead(String text) {
        assertEquals(text, SerialSink.parse(text).toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "tape          | 'tape' is none of stdio, file:PATH, socket:PATH, pty or null",
                "\"\"            | is none of stdio",
                "tape:/x       | is none of stdio",
                "STDIO         | is none of stdio",
                "file          | lacks a path",
                "file:         | lacks a path",
                "socket:       | lacks a path",
                "pty:/dev/x    | pty takes nothing after it",
                "null:         | null takes nothing after it",
            })
    void whatIsNoSinkIsRefused(String text, String reason) {
        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, () -> SerialSink.parse(text));
        assertTrue(refusal.toString().contains(reason), refusal::toString);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "stdio stdio                     | both be on stdio",
                "null stdio pty stdio            | both be on stdio",
                "socket:a null socket:./a        | both be on socket:./a",
                "file:a file:b/../a              | both be on file:b/../a",
                "file:a socket:a                 | both be on socket:a",
                "null null null null null        | 5 serial ports are too many: a PC has COM1 to COM4",
            })
    void portsThatCannotBeTogetherAreRefused(String sinks, String reason) {
        MachineConfig.Builder builder = MachineConfig.builder(Path.of("k")).serial(parse(sinks));
        ConfigException refusal = assertThrows(ConfigException.class, builder::build);
        assertTrue(refusal.toString().contains(reason), refusal::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"stdio", "null null null null", "pty pty pty pty", "stdio file:a file:b socket:c"})
    void theseCanBeTogether(String sinks) {
        MachineConfig config =
                MachineConfig.builder(Path.of("k")).serial(parse(sinks)).build();
        assertEquals(parse(sinks), config.serial());
    }

    @Test
    void oneOnStdioIsTheDefault() {
        assertEquals(
                List.of(new SerialSink.Stdio()),
                MachineConfig.builder(Path.of("k")).build().serial());
    }

    private static List<SerialSink> parse(String sinks) {
        return Stream.of(sinks.strip().split(" +")).map(SerialSink::parse).toList();
    }
}
