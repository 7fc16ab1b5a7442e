package io.javisor.manager.registry;

import java.util.Locale;

/** What happens to machines. */
public enum MachineEvent {
    CREATE,
    START,
    PAUSE,
    RESUME,
    RESIZE,
    DETACH,
    /** It has ended; the exit status is told with it. */
    END,
    RENAME,
    REMOVE;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
