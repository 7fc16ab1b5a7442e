package io.javisor.machine.config;

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
    @ValueSource(
            strings = {
                "stdio",
                "pty",
                "null",
                "file:log",
                "file:/a/b c:d",
                "file:a,,b",
                "file:path",
                "file:max=1M",
                "file:log,max=100.5K",
                "file:log,max=none",
                "socket:/run/x/com2.sock",
                "socket:x,y"
            })
    void aSinkIsWrittenAsItIsRead(String text) {
        assertEquals(text, SerialSink.parse(text).toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "tape          | 'tape' is none of stdio, file:PATH[,max=SIZE], socket:PATH, pty or null",
                "\"\"            | is none of stdio",
                "tape:/x       | is none of stdio",
                "STDIO         | is none of stdio",
                "file          | lacks a path",
                "file:         | lacks a path",
                "file:,max=1M  | lacks a path",
                "file:a,b      | 'file:a,b': 'b' is not known, only max=SIZE; a comma in a path is written twice",
                "file:a,path=b | 'path=b' is not known",
                "file:a,max    | 'max' is not known",
                "file:a,max=1M,max=2M | nothing can follow 'max=1M'",
                "socket:       | lacks a path",
                "pty:/dev/x    | pty takes nothing after it",
                "null:         | null takes nothing after it",
            })
    void whatIsNoSinkIsRefused(String text, String reason) {
        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, () -> SerialSink.parse(text));
        assertTrue(refusal.toString().contains(reason), refusal::toString);
    }

    @Test
    void aFilesSizeIsBoundedUnlessItIsSaidOtherwise() {
        Path path = Path.of("a,b");
        assertEquals(new SerialSink.ToFile(path, 64 << 20), SerialSink.parse("file:a,,b"));
        assertEquals(new SerialSink.ToFile(path, 64 << 10), SerialSink.parse("file:a,,b,max=64K"));
        assertEquals(new SerialSink.ToFile(path, SerialSink.ToFile.UNLIMITED), SerialSink.parse("file:a,,b,max=none"));
        assertEquals("file:a", SerialSink.parse("file:a,max=64M").toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "0K", "1K", "63.9K", "10", "65536", "much"})
    void aSizeThatNoFileHasIsRefused(String size) {
        ConfigException refusal = assertThrows(ConfigException.class, () -> SerialSink.parse("file:a,max=" + size));
        assertEquals(
                "'max=" + size + "' is no size of a file, which is 64K at least; write for example max=64M, or max=none"
                        + " for no bound",
                refusal.getMessage());
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
                "file:a file:a.1                 | file:a becomes a.1 when it is full, where file:a.1 is",
                "file:a.1,max=none null file:a   | file:a becomes a.1 when it is full, where file:a.1,max=none is",
                "file:a socket:a.1               | file:a becomes a.1 when it is full, where socket:a.1 is",
                "null null null null null        | 5 serial ports are too many: a PC has COM1 to COM4",
            })
    void portsThatCannotBeTogetherAreRefused(String sinks, String reason) {
        MachineConfig.Builder builder = MachineConfig.builder(Path.of("k")).serial(parse(sinks));
        ConfigException refusal = assertThrows(ConfigException.class, builder::build);
        assertTrue(refusal.toString().contains(reason), refusal::toString);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "stdio",
                "null null null null",
                "pty pty pty pty",
                "stdio file:a file:b socket:c",
                "file:a,max=none file:a.1"
            })
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
