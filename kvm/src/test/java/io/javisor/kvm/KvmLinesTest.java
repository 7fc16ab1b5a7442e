package io.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.irq.ConnectedLine;
import io.javisor.core.irq.GsiInput;
import org.junit.jupiter.api.Test;

class KvmLinesTest {
    private static final GsiInput INPUT = new GsiInput(5, GsiInput.Trigger.LEVEL, GsiInput.Polarity.ACTIVE_LOW);

    /** A device that tries again must reach the controller, and a second one must not be taken for the first. */
    @Test
    void aChangeThatTheHostRefusesIsNoChange() {
        try (Fd noVm = Fd.own("no VM", Libc.open("/dev/null", HostConstants.O_RDWR, 0))) {
            KvmLines lines = new KvmLines(new KvmIrqs(noVm));
            ConnectedLine line = lines.connect(INPUT);
            ConnectedLine other = lines.connect(INPUT);
            assertThrows(KvmException.class, line::raise);
            assertThrows(KvmException.class, line::raise);
            assertThrows(KvmException.class, other::raise);
            assertDoesNotThrow(line::lower);
            assertDoesNotThrow(other::close);
        }
    }
}
