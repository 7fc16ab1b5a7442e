package io.javisor.cli;

import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.log.LineFile;

/** How this process leaves the terminal and the launcher that waits for it, and goes on. */
public final class Detachment {
    private static final int STDIN = 0;
    private static final int STDOUT = 1;

    private Detachment() {}

    /** The launcher's process, or 0 where none waits: only it can give the terminal back to its shell. */
    public static int launcher() {
        String launcher = System.getenv("JAVISOR_LAUNCHER");
        boolean waits = launcher != null
                && ProcessHandle.current()
                        .parent()
                        .filter(parent -> Long.toString(parent.pid()).equals(launcher))
                        .isPresent();
        return waits ? Integer.parseInt(launcher) : 0;
    }

    /**
     * Leaves. Standard input and output lead nowhere afterwards. Nothing may read or write the terminal by then. On the thread that asked to be
     * told of the launcher's end, for prctl(2) keeps that for each thread.
     *
     * @param log for standard error; stays the caller's
     */
    public static void leave(int launcher, LineFile log) {
        try (Fd nothing = Fd.own("/dev/null", Libc.open("/dev/null", HostConstants.O_RDWR, 0))) {
            // The launcher's end must not be ours any more.
            int _ = Libc.check("prctl(PR_SET_PDEATHSIG)", Libc.prctl(HostConstants.PR_SET_PDEATHSIG, 0));
            int _ = Libc.check("setsid", Libc.setsid());
            int _ = Libc.check("dup2", Libc.dup2(nothing.value(), STDIN));
            int _ = Libc.check("dup2", Libc.dup2(nothing.value(), STDOUT));
            log.takeStandardError();
        }
        int _ = Libc.kill(launcher, HostConstants.SIGUSR1);
    }
}
