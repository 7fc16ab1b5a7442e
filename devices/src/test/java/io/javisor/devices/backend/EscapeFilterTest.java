package io.javisor.devices.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EscapeFilterTest {
    private final StringBuilder seen = new StringBuilder();
    private final EscapeFilter all = new EscapeFilter(new EscapeFilter.Actions() {
        @Override
        public boolean powerButton() {
            return seen("[button]");
        }

        @Override
        public boolean powerOff() {
            return seen("[off]");
        }

        @Override
        public boolean detach() {
            return seen("[detach]");
        }

        @Override
        public boolean help() {
            return seen("[help]");
        }

        @Override
        public boolean breaks() {
            return true;
        }
    });

    /** As {@code javisor console} has it. */
    private final EscapeFilter few = new EscapeFilter(new EscapeFilter.Actions() {
        @Override
        public boolean detach() {
            return seen("[detach]");
        }

        @Override
        public boolean help() {
            return seen("[help]");
        }
    });

    private boolean seen(String what) {
        seen.append(what);
        return true;
    }

    private void type(String input, EscapeFilter filter) {
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
    }

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
        type(input, all);
        assertEquals(expected, seen.toString());
    }

    /** What has no action goes to the guest as if there were no escape key. */
    @ParameterizedTest(name = "{0} gives {1}")
    @CsvSource({
        "abc, abc",
        "^d, [detach]",
        "a^ad, a^d",
        "^^d, ^d",
        "^h, [help]",
        "^?x, [help]x",
        "^x, ^x",
        "^p, ^p",
        "^b^q, ^b^q",
        "x^hy^dz, x[help]y[detach]z",
        "d^, d",
        "d^$, d^",
    })
    void onlyTheActionsThatThereAre(String input, String expected) {
        type(input, few);
        assertEquals(expected, seen.toString());
    }
}
