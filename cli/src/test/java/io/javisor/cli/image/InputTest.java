package io.javisor.cli.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.oci.OciException;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InputTest {
    private static InputStream of(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aLineIsReadAndNoMore() throws Exception {
        InputStream input = of("y\nrest");
        assertEquals("y", Input.line(input));
        assertEquals("rest", new String(input.readAllBytes(), StandardCharsets.UTF_8));
        assertEquals("", Input.line(input));
    }

    /** As docker's. */
    @ParameterizedTest
    @CsvSource({"a b, a b", "a\\n, a", "a\\r\\n, a", "a\\n\\n, a\\n", "'', ''", "\\n, ''"})
    void aPasswordLosesOneEndOfALine(String input, String expected) {
        assertEquals(
                expected.replace("\\n", "\n"),
                Input.all(of(input.replace("\\n", "\n").replace("\\r", "\r"))));
    }

    @Test
    void whatHasNoEndIsRefused() {
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 'x';
            }
        };
        String expected = "standard input is longer than 65536 bytes";
        assertEquals(
                expected,
                assertThrows(OciException.class, () -> Input.line(endless)).getMessage());
        assertEquals(
                expected,
                assertThrows(OciException.class, () -> Input.all(endless)).getMessage());
    }
}
