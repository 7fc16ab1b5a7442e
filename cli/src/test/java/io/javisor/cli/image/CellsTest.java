package io.javisor.cli.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class CellsTest {
    /** As docker 27 prints it. */
    @Test
    void columnsHaveDockersWidths() {
        assertEquals(
                """
                REPOSITORY   TAG       IMAGE ID       CREATED      SIZE
                debian       12-slim   0123456789ab   3 days ago   74.8MB
                """,
                Cells.table(List.of(
                        List.of("REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE"),
                        List.of("debian", "12-slim", "0123456789ab", "3 days ago", "74.8MB"))));
    }

    @Test
    void aTerminalObeysNothingInThem() {
        assertEquals("a?[2Jb          é\n", Cells.table(List.of(List.of("a\u001b[2Jb       ", "é"))));
    }

    @Test
    void nothingIsNoLine() {
        assertEquals("", Cells.table(List.of()));
    }

    @Test
    void whatIsLongIsCut() {
        assertEquals("abcd", Cells.cut("abcd", 4));
        assertEquals("abc…", Cells.cut("abcde", 4));
        assertEquals("\ud83d\ude00b…", Cells.cut("\ud83d\ude00bcd", 3), "no half of a character");
    }
}
