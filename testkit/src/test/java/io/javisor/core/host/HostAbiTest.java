package io.javisor.core.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.testkit.junit.GoldenAbi;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pins every constant of the package to what {@code src/test/abi/host-abi.c} printed from the host's headers. */
class HostAbiTest {
    private static final GoldenAbi ABI =
            new GoldenAbi("host-abi", "linux/fs.h", PollfdLayout.class, List.of(HostConstants.class, Errno.class));

    @Test
    void everyConstantIsGoldenAndEveryGoldenValueIsAConstant() throws Exception {
        assertEquals(3, ABI.layouts().size());
        ABI.assertDeclared();
    }

    @Test
    void theHeadersOfThisHostAgree(@TempDir Path directory) throws Exception {
        ABI.assertHeadersAgree(directory);
    }
}
