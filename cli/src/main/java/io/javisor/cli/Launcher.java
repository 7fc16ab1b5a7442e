package io.javisor.cli;

import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;

/** The script that started this process and waits for it, if one does: it does so on a terminal. */
final class Launcher {
    private Launcher() {}

    /**
     * When the launcher is killed the terminal is ours to restore: the kernel then sends the signal that makes us end.
     *
     * @return false if it is gone already
     */
    static boolean endWithIt() {
        String launcher = System.getenv("JAVISOR_LAUNCHER");
        if (launcher == null) {
            return true;
        }
        int _ = Libc.check(
                "prctl(PR_SET_PDEATHSIG)", Libc.prctl(HostConstants.PR_SET_PDEATHSIG, HostConstants.SIGTERM));
        // Only now, for the kernel tells of nothing that was before.
        return ProcessHandle.current()
                .parent()
                .map(parent -> Long.toString(parent.pid()).equals(launcher))
                .orElse(false);
    }
}
