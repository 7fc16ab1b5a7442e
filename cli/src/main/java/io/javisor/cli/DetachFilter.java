package io.javisor.cli;

import io.javisor.devices.backend.ConsoleInputFilter;
import io.javisor.devices.backend.EscapeFilter;

/** The escapes of {@code javisor console}, by the same key as those of {@code javisor run}. */
final class DetachFilter implements ConsoleInputFilter {
    static final String ESCAPES = """
        \r
        Ctrl-A d  leave; the machine goes on\r
        Ctrl-A a  send Ctrl-A itself\r
        Ctrl-A h  this list\r
        """;

    private final Runnable detach;
    private final Runnable help;
    private boolean escaped;

    DetachFilter(Runnable detach, Runnable help) {
        this.detach = detach;
        this.help = help;
    }

    @Override
    public void filter(int value, Guest guest) {
        if (!escaped) {
            if (value == EscapeFilter.ESCAPE) {
                escaped = true;
            } else {
                guest.accept(value);
            }
            return;
        }
        escaped = false;
        switch (value) {
            case 'd' -> detach.run();
            case 'h', '?' -> help.run();
            case 'a', EscapeFilter.ESCAPE -> guest.accept(EscapeFilter.ESCAPE);
            default -> {
                guest.accept(EscapeFilter.ESCAPE);
                guest.accept(value);
            }
        }
    }
}
