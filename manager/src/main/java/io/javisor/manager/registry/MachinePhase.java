package io.javisor.manager.registry;

import java.util.Locale;

/** What a machine does, as {@code ps} says it. */
public enum MachinePhase {
    /** Its process prepares it. */
    STARTING,
    RUNNING,
    PAUSED,
    /** It has ended, and its launcher is about to start it again. */
    RESTARTING,
    /** It has ended. */
    STOPPED,
    /** Its process has gone without a word. */
    CRASHED;

    /** Whether a process must be there. */
    public boolean isLive() {
        return this != STOPPED && this != CRASHED;
    }

    /** Whether there is a guest, which may be paused. */
    public boolean hasGuest() {
        return this == RUNNING || this == PAUSED;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    static MachinePhase of(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
