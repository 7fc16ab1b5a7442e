package io.javisor.core.io.abi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.testkit.junit.GoldenAbi;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pins every constant of the package to what {@code src/test/abi/io-uring-abi.c} printed from the kernel's headers. */
class IoUringAbiTest {
    private static final GoldenAbi ABI =
            new GoldenAbi("io-uring-abi", "linux/io_uring.h", IoUringSqeLayout.class, List.of(IoUringConstants.class));

    @Test
    void everyConstantIsGoldenAndEveryGoldenValueIsAConstant() throws Exception {
        assertEquals(6, ABI.layouts().size());
        ABI.assertDeclared();
    }

    @Test
    void theHeadersOfThisHostAgree(@TempDir Path directory) throws Exception {
        ABI.assertHeadersAgree(directory);
    }
}
