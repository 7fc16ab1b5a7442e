package io.javisor.devices.virtio.vsock;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.testkit.junit.GoldenAbi;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pins every constant of the package to what {@code src/test/abi/vsock-abi.c} printed from the kernel's headers. */
class VsockAbiTest {
    private static final GoldenAbi ABI = new GoldenAbi(
            "vsock-abi", "linux/virtio_vsock.h", VirtioVsockHdrLayout.class, List.of(VsockProtocol.class));

    @Test
    void everyConstantIsGoldenAndEveryGoldenValueIsAConstant() throws Exception {
        assertEquals(1, ABI.layouts().size());
        ABI.assertDeclared();
    }

    @Test
    void theHeadersOfThisHostAgree(@TempDir Path directory) throws Exception {
        ABI.assertHeadersAgree(directory);
    }
}
