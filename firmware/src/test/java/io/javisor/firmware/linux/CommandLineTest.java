package io.javisor.firmware.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.javisor.core.memory.GuestMemory;
import io.javisor.firmware.layout.BootException;
import io.javisor.firmware.testing.TestMachine;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
    @Test
    void writesTextAndNul() {
        GuestMemory memory = TestMachine.memory(0x1000);
        memory.fill(0, 0x1000, (byte) 0xEE);
        CommandLine line = new CommandLine("console=ttyS0\tquiet");
        line.write(memory, 0x100);
        StringBuilder read = new StringBuilder();
        for (int i = 0; i < line.sizeBytes() - 1; i++) {
            read.append((char) memory.getByte(0x100 + i));
        }
        assertEquals("console=ttyS0\tquiet", read.toString());
        assertEquals(0, memory.getByte(0x100 + 19));
        assertEquals((byte) 0xEE, memory.getByte(0x100 + 20));
        assertEquals((byte) 0xEE, memory.getByte(0xFF));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2046, 2047})
    void takesUpToTheKernelsLimit(int length) {
        assertEquals(length + 1, new CommandLine("x".repeat(length)).sizeBytes());
    }

    @ParameterizedTest
    @ValueSource(ints = {2048, 5000})
    void refusesLongerWithBothNumbers(int length) {
        BootException e = assertThrows(BootException.class, () -> new CommandLine("x".repeat(length)));
        assertEquals(
                "the kernel command line has " + length + " characters; x86 Linux takes at most 2047", e.getMessage());
    }

    static Stream<Arguments> strange() {
        return Stream.of(
                arguments("quiet\0splash", "U+0000 after 'quiet'"),
                arguments("quiet\n", "U+000A after 'quiet'"),
                arguments("\r", "U+000D after ''"),
                arguments("a\u001Bb", "U+001B after 'a'"),
                arguments("\u007F", "U+007F after ''"),
                arguments("grüße", "U+00FC after 'gr'"),
                arguments("漢", "U+6F22 after ''"));
    }

    @ParameterizedTest
    @MethodSource("strange")
    void refusesWhatIsNotPrintableAscii(String text, String where) {
        BootException e = assertThrows(BootException.class, () -> new CommandLine(text));
        assertEquals("the kernel command line has " + where + "; it takes printable ASCII characters", e.getMessage());
    }
}
