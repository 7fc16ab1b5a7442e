package io.javisor.kvm.abi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.testkit.junit.GoldenAbi;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pins every constant of the package to what {@code src/test/abi/kvm-abi.c} printed from the kernel's headers. */
class GoldenAbiTest {
    static final GoldenAbi ABI = new GoldenAbi(
            "kvm-abi",
            "linux/kvm.h",
            KvmRunLayout.class,
            List.of(KvmIoctl.class, KvmCap.class, KvmExit.class, KvmConstants.class));

    @Test
    void everyConstantIsGoldenAndEveryGoldenValueIsAConstant() throws Exception {
        int size = ABI.golden().size();
        assertTrue(size > 500, () -> "golden file has " + size + " lines");
        ABI.assertDeclared();
    }

    @Test
    void theHeadersOfThisHostAgree(@TempDir Path directory) throws Exception {
        ABI.assertHeadersAgree(directory);
    }

    @Test
    void aLayoutClassIsNamedAfterItsStruct() {
        assertEquals("kvm_irq_routing_entry", GoldenAbi.structName(KvmIrqRoutingEntryLayout.class));
        assertEquals("kvm_cpuid_entry2", GoldenAbi.structName(KvmCpuidEntry2Layout.class));
    }
}
