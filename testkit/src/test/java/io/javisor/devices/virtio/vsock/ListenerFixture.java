package io.javisor.devices.virtio.vsock;

import static io.javisor.devices.virtio.vsock.VsockProtocol.*;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.host.Fd;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;

/** A bench with a program of the host's that listens. */
abstract class ListenerFixture extends BenchFixture {
    private @Nullable Fd listener;

    @BeforeEach
    void listen() {
        listener = bench().listen(PORT);
    }

    Fd listener() {
        return Objects.requireNonNull(listener);
    }

    Fd connect(int guestPort) {
        return bench().connect(guestPort, PORT, listener());
    }

    /** A connection still works. */
    void assertWorks(int guestPort) {
        Fd host = connect(guestPort);
        bench().send(Packet.of(VIRTIO_VSOCK_OP_RW, guestPort, PORT).with("well"));
        assertEquals("well", bench().read(host));
        bench().write(host, "and good");
        bench().turn();
        assertEquals(
                "and good", bench().expect(VIRTIO_VSOCK_OP_RW, PORT, guestPort).text());
    }
}
