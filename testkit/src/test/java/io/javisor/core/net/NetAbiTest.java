package io.javisor.core.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.testkit.junit.GoldenAbi;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pins every constant of the package to what {@code src/test/abi/net-abi.c} printed from the kernel's headers. */
class NetAbiTest {
    private static final GoldenAbi ABI =
            new GoldenAbi("net-abi", "linux/if_tun.h", IfreqLayout.class, List.of(NetConstants.class));

    @Test
    void everyConstantIsGoldenAndEveryGoldenValueIsAConstant() throws Exception {
        assertEquals(2, ABI.layouts().size());
        ABI.assertDeclared();
    }

    @Test
    void theHeadersOfThisHostAgree(@TempDir Path directory) throws Exception {
        ABI.assertHeadersAgree(directory);
    }
}
