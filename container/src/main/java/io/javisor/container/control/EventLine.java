package io.javisor.container.control;

import io.javisor.agent.ProcessExit;
import java.util.Map;

/** What a session tells its client of the process, in the order of the methods: {@code docs/api.md}, "exec". */
final class EventLine {
    static final String STARTED = "started";
    static final String REFUSED = "refused";
    static final String EXITED = "exited";
    static final String PID = "pid";
    static final String MESSAGE = "message";
    static final String SIGNAL = "signal";
    static final String OUT_OF_MEMORY = "outOfMemory";

    private EventLine() {}

    /** It runs: {@code pid} is its number in the machine. */
    static Map<String, ?> started(int pid) {
        return Map.of(STARTED, true, PID, pid);
    }

    /** It does not run, or has been lost: what docker ends with, and why. */
    static Map<String, ?> refused(int status, String message) {
        return Map.of(REFUSED, status, MESSAGE, message);
    }

    static Map<String, ?> exited(ProcessExit exit) {
        return Map.of(EXITED, exit.status(), SIGNAL, exit.signal(), OUT_OF_MEMORY, exit.outOfMemory());
    }
}
