package io.javisor.testkit.host;

import io.javisor.core.host.HostException;
import jnr.posix.Group;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;
import jnr.posix.Passwd;

/**
 * Users, groups, processes and terminals of the host by jnr-posix: for what tests arrange, and to check the product's own calls against. Any
 * thread.
 */
public final class Posix {
    private static final POSIX LIBRARY = POSIXFactory.getNativePOSIX();

    private Posix() {}

    /** A user as the host's database has it. */
    public record User(String name, int uid, int gid) {}

    /** Whether this process may do what only root may. */
    public static boolean isRoot() {
        return LIBRARY.geteuid() == 0;
    }

    /** The number of this process's effective user. */
    public static int effectiveUser() {
        return LIBRARY.geteuid();
    }

    /**
     * The user of a name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static User user(String name) {
        Passwd entry = LIBRARY.getpwnam(name);
        if (entry == null) {
            throw new IllegalArgumentException("no user " + name);
        }
        return new User(entry.getLoginName(), (int) entry.getUID(), (int) entry.getGID());
    }

    /**
     * The name of a group.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static String group(int gid) {
        Group entry = LIBRARY.getgrgid(gid);
        if (entry == null) {
            throw new IllegalArgumentException("no group " + gid);
        }
        return entry.getName();
    }

    /** This process's number. */
    public static int process() {
        return LIBRARY.getpid();
    }

    /**
     * Sends a signal.
     *
     * @param signal 0 to ask only whether that could be done
     * @throws HostException if there is no such process, or it is another user's
     */
    public static void signal(long pid, int signal) {
        if (LIBRARY.kill((int) pid, signal) < 0) {
            throw new HostException("kill(" + pid + ")", LIBRARY.errno());
        }
    }

    /** Whether a descriptor is a terminal's. */
    public static boolean isTerminal(int fd) {
        return LIBRARY.libc().isatty(fd) == 1;
    }
}
