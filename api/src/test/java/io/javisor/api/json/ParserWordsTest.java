package io.javisor.api.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.api.Fault;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ParserWordsTest {
    /** By the parser that the product has: whoever takes another version sees what it says now. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{                 | it ends too soon",
                "{\"a\": \"b       | it ends too soon",
                "{\"a\": }         | unexpected '}'",
                "{\"a\": 1,}       | unexpected '}'",
                "[1}               | unexpected '}'",
                "{a: 1}            | unexpected 'a'",
                "{'a': 1}          | unexpected '''",
                "{\"a\": tru}      | unexpected 'tru'",
                "yes               | unexpected 'yes'",
                "<vm/>             | unexpected '<'",
                "{} {}             | more text after its end",
                "{\"a\": 01}       | not a number: leading zeroes not allowed",
            })
    void aTextThatIsNoJsonIsToldInPlainWords(String text, String words) {
        assertEquals("it is not JSON: " + words, refusal(text));
    }

    @Test
    void aControlCharacterIsTold() {
        assertEquals(
                "it is not JSON: a control character in a string, where only an escape like \\n may stand",
                refusal("{\"a\u0001\": 1}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "[1",
                "{]",
                "\u0007",
                "{\"a\":+1}",
                "{\"a\":NaN}",
                "nul",
                "{\"a\":1.}",
                "{\"a\" 1}",
                "//",
                "{\"\\x\":1}"
            })
    void noWordOfTheParsersIsInIt(String text) {
        String message = refusal(text);
        for (String word : new String[] {"marker", "(code", "JSON String", "input", "Feature", "Reader", "tools."}) {
            assertFalse(message.contains(word), message);
        }
    }

    private static String refusal(String text) {
        return String.valueOf(
                assertThrows(Fault.class, () -> Json.object("it", text)).getMessage());
    }
}
