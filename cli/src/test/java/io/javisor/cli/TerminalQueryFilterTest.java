package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** In the cases {@code ^} is ESC, {@code %} BEL, {@code ~} a line's end. */
class TerminalQueryFilterTest {
    private static String real(String text) {
        return text.replace('^', '\033').replace('%', '\007').replace('~', '\n');
    }

    private static String filtered(String text, int chunk) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try (TerminalQueryFilter filter = new TerminalQueryFilter(out)) {
            for (int i = 0; i < bytes.length; i += chunk) {
                filter.write(bytes, i, Math.min(chunk, bytes.length - i));
            }
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource({
        "plain äöü~, plain äöü~",
        "~ # ^[6nls~, ~ # ls~",
        "a^[5nb^[cc^[>0cd^[0xe^[18tf^[?25$pg^[>0qh^Zi\005j, abcdefghij",
        "a^[1$wb^[1;1;1;1;2;2*yc^[?1;1;0Sd^[?ue^[&uf^[1$ug^[1;1;2;2#|h^[1'|i^[#Rj, abcdefghij",
        "^[s^[u^[2S^[1;5r^[>1u, ^[s^[u^[2S^[1;5r^[>1u",
        "^[1;31mred^[0m^[2J^[?25h^[!p^[4 q^(B^c, ^[1;31mred^[0m^[2J^[?25h^[!p^[4 q^(B^c",
        "a^]11;?%b^]0;title^\\c^P$qm^\\d, abcd",
        "a^]0;never ended~b, a~b",
        "a^]0;t^[6nb^]t^[1mc, ab^[1mc",
        "a^[6~nb^~[6nc^[6\177n, a~b~c\177",
        "a^]0;t^~[6nb, a~b",
        "a^[1;~31mb, a~^[1;31mb",
        "a^[6\032b^[6^[1mc, a\032b^[1mc",
        "§\u009b6nb\u009dtitle%c\u009ad\u009b1me\u00e4, §bcd^[1meä",
        "a^^[6nb, ab",
        "a^^ZPb^\u009aPc\u00a9, aPbPc\u00a9",
    })
    void onlyWhatIsAnsweredIsLeftOut(String written, String shown) throws IOException {
        for (int chunk : new int[] {1, 3, 1000}) {
            assertEquals(real(shown), filtered(real(written), chunk));
        }
    }

    @ParameterizedTest
    @CsvSource({"62, true", "63, false", "1000, false"})
    void aVeryLongSequenceIsLeftOut(int digits, boolean shown) throws IOException {
        String text = "\033[" + "0".repeat(digits) + "m";
        assertEquals(shown ? text + "a" : "a", filtered(text + "a", 7));
        assertEquals("a", filtered("\033[" + "0".repeat(digits - 1) + "6na", 7));
    }
}
