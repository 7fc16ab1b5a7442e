package io.javisor.core.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class PrintableTest {
    @Test
    void whatATerminalMightObeyIsAQuestionMark() {
        assertEquals("a?[31mb?c", Printable.of("a\u001b[31mb\nc"));
        assertEquals("??", Printable.of("\u0085\u202e"), "C1 and bidirectional controls");
        assertEquals("?x", Printable.of("\ud800x"), "half a pair");
        assertEquals("naïve 日本 \ud83d\ude00", Printable.of("naïve 日本 \ud83d\ude00"));
        assertEquals("", Printable.of(""));
    }

    @Test
    void linesAreJoined() {
        assertEquals("one; two; three", Printable.line("  one \r\n\n\t two\nthree\n"));
        assertEquals("a?b", Printable.line("a\u0007b"));
    }

    @Test
    void asciiIsLeft() {
        assertEquals("a ~?b??", Printable.ascii("a ~\u007fb\té"));
        assertEquals("?", Printable.ascii("\ud83d\ude00"), "one character");
    }

    @Test
    void anExcerptIsShorterThanItsText() {
        assertEquals("abcdef", Printable.excerpt("abcdef", 3));
        assertEquals("abc...", Printable.excerpt("abcdefg", 3));
        assertEquals("", Printable.excerpt("", 0));
        assertEquals("\"abc...\"", Printable.quoted("abcdefg", 3));
        assertEquals("\"a\"", Printable.quoted("a", 3));
    }

    @Test
    void anAsciiLineHasTwoHundredCharacters() {
        assertEquals("x?" + "y".repeat(198) + "...", Printable.asciiLine("x\n" + "y".repeat(300)));
        assertEquals("/boot/vmlinuz", Printable.asciiLine("/boot/vmlinuz"));
    }
}
