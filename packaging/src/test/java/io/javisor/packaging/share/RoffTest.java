package io.javisor.packaging.share;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoffTest {
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "--memory, \\-\\-memory",
                "a\\b, a\\eb",
                ".TH, \\&.TH",
                "'quoted', \\(aqquoted\\(aq",
                "\"quoted\", \\(dqquoted\\(dq",
                "~/^x, \\(ti/\\(hax",
                "±x, \\[u00B1]x",
                "plain text, plain text",
            })
    void textMeansItself(String plain, String escaped) {
        assertEquals(escaped, Roff.text(plain));
    }

    @Test
    void paragraphsAfterAHeadingNeedNoMacro() {
        Roff page = new Roff();
        page.section("NOTES");
        page.paragraph("one\n\ntwo");
        page.paragraph("three");
        page.table(List.of("  4  four  "));
        page.item(Roff.bold("-x"), List.of("five", "six"));
        assertEquals("""
            .SH NOTES
            one
            two
            .PP
            three
            .PP
            .nf
              4  four
            .fi
            .TP
            \\fB\\-x\\fR
            five
            .IP
            six
            """, page.toString());
    }
}
