package io.javisor.container.store;

import java.util.Locale;

/** Which of its streams a process wrote to. With a terminal all is {@link #STDOUT}. */
public enum OutputKind {
    STDOUT,
    STDERR;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
