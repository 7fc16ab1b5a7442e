package io.javisor.container.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DetachKeysTest {
    /** What goes on, a bar between what is typed at once; an asterisk at the end for one who has left. */
    private static String typed(String keys, String text) {
        DetachKeys.Filter filter = DetachKeys.parse(keys).filter();
        StringBuilder passed = new StringBuilder();
        for (String part : text.split("\\|", -1)) {
            byte[] bytes = part.getBytes(StandardCharsets.ISO_8859_1);
            byte[] to = new byte[filter.room(bytes.length)];
            int count = filter.filter(bytes, bytes.length, to);
            passed.append(new String(Arrays.copyOf(to, count), StandardCharsets.ISO_8859_1));
        }
        return passed + (filter.hasDetached() ? "*" : "");
    }

    @ParameterizedTest
    @CsvSource({
        "'x,y', abc, abc",
        "'x,y', axyb, a*",
        "'x,y', ax|yb, a*",
        "'x,y', axbxy, axb*",
        "'x,y', xx|xyz, xx*",
        "'x,y', ax, a",
        "x, axb, a*",
        "'x,x,y', xxxy, x*",
        "'', axyb, axyb"
    })
    void theSequenceLeavesAndAllElseGoesOn(String keys, String text, String passed) {
        assertEquals(passed, typed(keys, text));
    }

    @Test
    void controlKeysAreThoseOfDocker() {
        assertEquals("a*", typed("ctrl-p,ctrl-q", "a\020\021b"));
        assertEquals("a\020b", typed("ctrl-p,ctrl-q", "a\020b"));
        assertEquals("*", typed("ctrl-@", "\0"));
        assertEquals("*", typed("ctrl-\\", "\034"));
        assertEquals("*", typed("CTRL-]", "\035"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ctrl-", "ctrl-1", "ab", ",", "a,,b", "ctrl-pp", "é"})
    void whatIsNoKeyIsRefused(String keys) {
        assertThrows(IllegalArgumentException.class, () -> DetachKeys.parse(keys));
    }
}
