package io.javisor.manager.registry;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A process, told apart from a later one with its number.
 *
 * @param pid its number
 * @param startTicks when it started, in clock ticks since the host's boot: proc_pid_stat(5), field 22
 * @param bootId of that boot: random(4)
 */
record ProcessIdentity(long pid, long startTicks, String bootId) {
    /** No process. */
    static final ProcessIdentity NONE = new ProcessIdentity(0, 0, "");

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final int STATE_FIELD = 0; // of those after the name
    private static final int START_FIELD = 19;

    /** This process. */
    static ProcessIdentity current() {
        return of(ProcessHandle.current().pid());
    }

    /** The supervisor that started this process, if one did and is still there. */
    static ProcessIdentity supervisor() {
        String supervisor = System.getenv("JAVISOR_SUPERVISOR");
        return ProcessHandle.current()
                .parent()
                .filter(parent -> Long.toString(parent.pid()).equals(supervisor))
                .map(parent -> of(parent.pid()))
                .orElse(NONE);
    }

    /** As {@link #put} wrote it. */
    static ProcessIdentity of(Map<String, String> values, String prefix) {
        return new ProcessIdentity(
                Long.parseLong(values.getOrDefault(prefix + "Id", "")),
                Long.parseLong(values.getOrDefault(prefix + "StartTicks", "")),
                values.getOrDefault(prefix + "Boot", ""));
    }

    void put(Map<String, Object> values, String prefix) {
        values.put(prefix + "Id", pid);
        values.put(prefix + "StartTicks", startTicks);
        values.put(prefix + "Boot", bootId);
    }

    private static ProcessIdentity of(long pid) {
        String[] fields = fields(pid);
        return new ProcessIdentity(pid, fields == null ? 0 : Long.parseLong(fields[START_FIELD]), presentBoot());
    }

    /** Whether it runs, and not merely waits to be buried. */
    boolean isAlive() {
        if (pid == 0) {
            return false;
        }
        String[] fields = fields(pid);
        return fields != null
                && !fields[STATE_FIELD].equals("Z")
                && !fields[STATE_FIELD].equals("X")
                && Long.parseLong(fields[START_FIELD]) == startTicks
                && presentBoot().equals(bootId);
    }

    /** What follows the name, which may contain anything; null if there is no such process. */
    private static String @Nullable [] fields(long pid) {
        try {
            // Bytes: a name need not be UTF-8.
            String stat =
                    new String(Files.readAllBytes(Path.of("/proc/" + pid + "/stat")), StandardCharsets.ISO_8859_1);
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return fields.length > START_FIELD ? fields : null;
        } catch (IOException e) {
            return null;
        }
    }

    private static String presentBoot() {
        try {
            return Files.readString(BOOT_ID).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
