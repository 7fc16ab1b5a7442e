package io.javisor.machine;

import java.util.Locale;

/** The lifecycle: created → running ⇄ paused → stopped. */
public enum Lifecycle {
    CREATED,
    RUNNING,
    PAUSED,
    STOPPED;

    /** What moves a machine from state to state. */
    public enum Event {
        START,
        PAUSE,
        RESUME,
        STOP
    }

    /**
     * The transition table.
     *
     * @throws IllegalStateException if {@code event} is not legal in this state
     */
    Lifecycle on(Event event) {
        return switch (event) {
            case START -> from(CREATED, event, RUNNING);
            case PAUSE -> from(RUNNING, event, PAUSED);
            case RESUME -> from(PAUSED, event, RUNNING);
            case STOP -> STOPPED;
        };
    }

    private Lifecycle from(Lifecycle required, Event event, Lifecycle next) {
        if (this != required) {
            throw new IllegalStateException("can't " + event.name().toLowerCase(Locale.ROOT) + " a machine that is "
                    + name().toLowerCase(Locale.ROOT));
        }
        return next;
    }
}
