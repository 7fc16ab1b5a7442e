package io.javisor.testkit.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.HostException;
import io.javisor.core.host.Libc;
import io.javisor.core.host.Pty;
import io.javisor.core.host.RawTerminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jnr.constants.platform.Errno;
import org.junit.jupiter.api.Test;

/** What jnr-posix says, and whether the product's own calls, whose arguments nothing checks against C's headers, say the same. */
class PosixTest {
    /** More than any kernel numbers (proc(5): pid_max). */
    private static final int NOBODYS_PROCESS = 1 << 23;

    private static final int ESRCH = Errno.ESRCH.intValue();

    @Test
    void usersAndGroupsHaveNames() {
        assertEquals(new Posix.User("root", 0, 0), Posix.user("root"));
        assertEquals("root", Posix.group(0));
        assertThrows(IllegalArgumentException.class, () -> Posix.user("no such user"));
        assertThrows(IllegalArgumentException.class, () -> Posix.group(Integer.MAX_VALUE - 1));
    }

    @Test
    void theUserIsTheProductsToo() throws IOException {
        assertEquals(Libc.geteuid(), Posix.effectiveUser());
        assertEquals(Libc.geteuid() == 0, Posix.isRoot());
        assertEquals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"), Posix.effectiveUser());
    }

    @Test
    void processesAreSignalledByBoth() {
        assertEquals(ProcessHandle.current().pid(), Posix.process());
        Posix.signal(Posix.process(), 0);
        assertEquals(0, Libc.kill(Posix.process(), 0));
        assertEquals(-ESRCH, Libc.kill(NOBODYS_PROCESS, 0));
        HostException e = assertThrows(HostException.class, () -> Posix.signal(NOBODYS_PROCESS, 0));
        assertEquals(ESRCH, e.errno());
    }

    @Test
    void terminalsAreToldByBoth() {
        try (Pty pty = Pty.open();
                Pipe pipe = Pipe.open()) {
            assertTrue(Posix.isTerminal(pty.master().value()));
            assertTrue(RawTerminal.isTerminal(pty.master().value()));
            assertFalse(Posix.isTerminal(pipe.reader().value()));
            assertFalse(RawTerminal.isTerminal(pipe.reader().value()));
        }
    }
}
