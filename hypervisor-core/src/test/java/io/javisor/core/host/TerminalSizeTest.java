package io.javisor.core.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TerminalSizeTest {
    /** asm-generic/ioctls.h */
    private static final long TIOCSWINSZ = 0x5414L;

    @Test
    void isWhatTheTerminalSays() {
        try (Pty pty = Pty.open();
                Arena arena = Arena.ofConfined()) {
            int master = pty.master().value();
            assertEquals(Optional.empty(), TerminalSize.of(master), "it was not told");
            MemorySegment winsize = arena.allocate(8, 2);
            winsize.set(ValueLayout.JAVA_SHORT, 0, (short) 24);
            winsize.set(ValueLayout.JAVA_SHORT, 2, (short) 132);
            assertEquals(0, Libc.ioctl(master, TIOCSWINSZ, winsize.address()));
            assertEquals(Optional.of(new TerminalSize(132, 24)), TerminalSize.of(master));
        }
    }

    @Test
    void whatIsNoTerminalHasNone() {
        try (Fd file = Fd.own("open", Libc.open("/dev/null", HostConstants.O_RDONLY, 0))) {
            assertEquals(Optional.empty(), TerminalSize.of(file.value()));
        }
    }
}
