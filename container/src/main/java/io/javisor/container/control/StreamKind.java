package io.javisor.container.control;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What a connection for bytes is for; its number follows the token that it begins with. */
enum StreamKind {
    /** From the server: JSON objects, one a line, of what becomes of the process. */
    EVENTS(0),
    /** From the client; both ways with a terminal. */
    STDIN(1),
    /** From the server. */
    STDOUT(2),
    /** From the server. */
    STDERR(3);

    private final int number;

    StreamKind(int number) {
        this.number = number;
    }

    byte number() {
        return (byte) number;
    }

    /** The one of that number; empty if there is none. */
    static Optional<StreamKind> of(int number) {
        return Stream.of(values()).filter(kind -> kind.number == number).findFirst();
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
