package io.javisor.devices.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EscapeFilterTest {
    private final StringBuilder seen = new StringBuilder();
    private final EscapeFilter filter = new EscapeFilter(new EscapeFilter.Actions() {
        @Override
        public void powerButton() {
            seen.append("[button]");
        }

        @Override
        public void powerOff() {
            seen.append("[off]");
        }

        @Override
        public void detach() {
            seen.append("[detach]");
        }

        @Override
        public void help() {
            seen.append("[help]");
        }
    });

    /** {@code ^} stands for Ctrl-A, {@code $} for the end of the input. */
    @ParameterizedTest(name = "{0} gives {1}")
    @CsvSource({
        "abc,abc",
        "^x,[off]",
        "a^xb,a[off]b",
        "^h,[help]",
        "^p,[button]",
        "^d,[detach]",
        "^?,[help]",
        "^b,[break]",
        "a^bb,a[break]b",
        "^a,^",
        "^^,^",
        "^^x,^x",
        "^^^x,^[off]",
        "^^^^,^^",
        "^z,^z",
        "^X,^X",
        "^ex,^ex",
        "x^,x",
        "x^$,x^",
        "x$,x",
        "^^$,^",
        "^h^h^x,[help][help][off]",
        "^b^^^a^q,[break]^^^q"
    })
    void table(String input, String expected) {
        ConsoleInputFilter.Guest guest =
                unit -> seen.append(unit == SerialBackend.BREAK ? "[break]" : unit == 1 ? "^" : "" + (char) unit);
        for (int i = 0; i < input.length(); i++) {
            char c = input.charAt(i);
            if (c == '$') {
                filter.end(guest);
            } else {
                filter.filter(c == '^' ? EscapeFilter.ESCAPE : c, guest);
            }
        }
        assertEquals(expected, seen.toString());
    }
}
