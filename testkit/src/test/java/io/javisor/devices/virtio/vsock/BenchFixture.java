package io.javisor.devices.virtio.vsock;

import io.javisor.core.host.Fd;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A bench for each test, over a directory of its own. */
abstract class BenchFixture {
    static final int PORT = 52;
    static final int GUEST = 1025;
    static final int HOST = VsockConnections.FIRST_HOST_PORT;
    static final long SECOND = 1_000_000_000L;

    @TempDir
    private Path directory = Path.of("");

    private @Nullable VsockBench made;

    @BeforeEach
    void make() {
        made = new VsockBench(directory);
    }

    @AfterEach
    void close() {
        bench().close();
    }

    VsockBench bench() {
        return Objects.requireNonNull(made);
    }

    /** A connection of the guest's to a program that listens for it; returns the host's end. */
    Fd connectToListener() {
        return bench().connect(GUEST, PORT, bench().listen(PORT));
    }
}
