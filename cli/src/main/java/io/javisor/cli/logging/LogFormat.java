package io.javisor.cli.logging;

import java.util.Locale;

/** What a logged event looks like. */
public enum LogFormat {
    /** A line, and the lines of a stack trace if there is one. */
    TEXT,
    /** A JSON object, on a line of its own. */
    JSON;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
