package io.javisor.manager.registry;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a machine is, as its process last wrote it down.
 *
 * @param phase what it does
 * @param process which runs it, or starts it again
 * @param supervisor the parent of that process, which acts when that goes; none for a machine that a user started in the foreground
 * @param engine what it runs by, or ran by at last; empty if it never ran
 * @param startedMillis when it last began to run, in milliseconds since 1970; 0 if never
 * @param endedMillis when it last ended; 0 if never
 * @param exitStatus as {@code run} would have ended; -1 before the first end
 * @param reason of the end, in words; may be empty
 * @param restarts how often in a row it was started again by its policy
 * @param endAsked whether its user asked it to end, so that no policy starts it again
 * @param outOfMemory whether the guest's kernel killed a container's process for want of memory when it last ran
 */
public record MachineStatus(
        MachinePhase phase,
        ProcessIdentity process,
        ProcessIdentity supervisor,
        String engine,
        long startedMillis,
        long endedMillis,
        int exitStatus,
        String reason,
        int restarts,
        boolean endAsked,
        boolean outOfMemory) {

    /** Nothing has happened yet. */
    static final MachineStatus NEW = new MachineStatus(
            MachinePhase.STOPPED,
            ProcessIdentity.NONE,
            ProcessIdentity.NONE,
            "",
            0,
            0,
            -1,
            "never started",
            0,
            false,
            false);

    String json() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("phase", phase);
        process.put(values, "process");
        supervisor.put(values, "supervisor");
        values.put("engine", engine);
        values.put("startedMillis", startedMillis);
        values.put("endedMillis", endedMillis);
        values.put("exitStatus", exitStatus);
        values.put("reason", reason);
        values.put("restarts", restarts);
        values.put("endAsked", endAsked);
        values.put("outOfMemory", outOfMemory);
        return FlatJson.text(values);
    }

    /** @throws IllegalArgumentException if a value is not of its kind */
    static MachineStatus of(Map<String, String> values) {
        return new MachineStatus(
                MachinePhase.of(values.getOrDefault("phase", "")),
                ProcessIdentity.of(values, "process"),
                ProcessIdentity.of(values, "supervisor"),
                values.getOrDefault("engine", ""),
                number(values, "startedMillis"),
                number(values, "endedMillis"),
                Math.toIntExact(number(values, "exitStatus")),
                values.getOrDefault("reason", ""),
                Math.toIntExact(number(values, "restarts")),
                Boolean.parseBoolean(values.get("endAsked")),
                Boolean.parseBoolean(values.get("outOfMemory")));
    }

    private static long number(Map<String, String> values, String key) {
        return Long.parseLong(values.getOrDefault(key, ""));
    }

    /** As it is in truth: of a process that has gone it does not believe that it runs. */
    MachineStatus checked() {
        if (!phase.isLive() || process.isAlive()) {
            return this;
        }
        if (supervisor.isAlive()) {
            return edit().in(MachinePhase.RESTARTING, supervisor).status();
        }
        return edit().in(MachinePhase.CRASHED, ProcessIdentity.NONE)
                .because(lost(process.pid()))
                .status();
    }

    static String lost(long pid) {
        return "its process " + pid + " has gone";
    }

    /** Its process, 0 for none. */
    public long pid() {
        return process.pid();
    }

    /** Its supervisor's process, 0 for none. */
    public long supervisorPid() {
        return supervisor.isAlive() ? supervisor.pid() : 0;
    }

    /** Starts from this one. */
    Edit edit() {
        return new Edit(this);
    }

    /** A status in the making. */
    static final class Edit {
        private MachinePhase phase;
        private ProcessIdentity process;
        private ProcessIdentity supervisor;
        private String engine;
        private long startedMillis;
        private long endedMillis;
        private int exitStatus;
        private String reason;
        private int restarts;
        private boolean endAsked;
        private boolean outOfMemory;

        private Edit(MachineStatus from) {
            phase = from.phase;
            process = from.process;
            supervisor = from.supervisor;
            engine = from.engine;
            startedMillis = from.startedMillis;
            endedMillis = from.endedMillis;
            exitStatus = from.exitStatus;
            reason = from.reason;
            restarts = from.restarts;
            endAsked = from.endAsked;
            outOfMemory = from.outOfMemory;
        }

        Edit in(MachinePhase next, ProcessIdentity owner) {
            phase = next;
            process = owner;
            return this;
        }

        Edit supervisedBy(ProcessIdentity parent) {
            supervisor = parent;
            return this;
        }

        Edit startedAt(long millis, String by) {
            startedMillis = millis;
            engine = by;
            return this;
        }

        Edit endedAt(long millis, int status) {
            endedMillis = millis;
            exitStatus = status;
            return this;
        }

        Edit because(String words) {
            reason = words;
            return this;
        }

        Edit restarts(int count) {
            restarts = count;
            return this;
        }

        Edit endAsked(boolean asked) {
            endAsked = asked;
            return this;
        }

        Edit outOfMemory(boolean killed) {
            outOfMemory = killed;
            return this;
        }

        MachineStatus status() {
            return new MachineStatus(
                    phase,
                    process,
                    supervisor,
                    engine,
                    startedMillis,
                    endedMillis,
                    exitStatus,
                    reason,
                    restarts,
                    endAsked,
                    outOfMemory);
        }
    }
}
