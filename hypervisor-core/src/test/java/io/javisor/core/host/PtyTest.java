package io.javisor.core.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PtyTest {
    @Test
    void isRawAndKnowsWhetherTheSlaveIsOpen() {
        try (Pty pty = Pty.open();
                Arena arena = Arena.ofConfined()) {
            int master = pty.master().value();
            MemorySegment text = arena.allocateFrom("a\n\3b\r");
            MemorySegment in = arena.allocate(16);
            assertTrue(Files.exists(Path.of(pty.slaveName())), pty::slaveName);
            for (int round = 0; round < 2; round++) {
                assertEquals(-Errno.EIO, Libc.read(master, in.address(), 16));
                try (Fd slave =
                        Fd.own("slave", Libc.open(pty.slaveName(), HostConstants.O_RDWR | HostConstants.O_NOCTTY, 0))) {
                    assertEquals(-Errno.EAGAIN, Libc.read(master, in.address(), 16));
                    assertEquals(5, Libc.write(master, text.address(), 5));
                    assertEquals(5, Libc.read(slave.value(), in.address(), 16));
                    assertEquals("a\n\3b\r", in.getString(0));
                    assertEquals(-Errno.EAGAIN, Libc.read(master, in.address(), 16), "no echo");
                    assertEquals(5, Libc.write(slave.value(), text.address(), 5));
                    assertEquals(5, Libc.read(master, in.address(), 16), "no CR before the LF");
                }
            }
        }
    }
}
