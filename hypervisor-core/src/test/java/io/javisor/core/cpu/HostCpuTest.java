package io.javisor.core.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostCpuTest {
    @ParameterizedTest
    @CsvSource({
        "fpu vme vmx sse, false",
        "fpu svm, false",
        "fpu vme sse vmmcall, true",
        "svm_lock avx, true",
    })
    void aProcessorWithoutVirtualisationMeansSoftware(String flags, boolean software, @TempDir Path directory)
            throws IOException {
        Path cpuinfo = directory.resolve("cpuinfo");
        Files.writeString(cpuinfo, "processor\t: 0\nmodel name\t: vmx svm\nflags\t\t: " + flags + "\nbugs\t\t: none\n");
        assertEquals(software, HostCpu.isSoftwareVirtualised(cpuinfo));
    }

    @Test
    void whatCannotBeReadCountsAsHardware(@TempDir Path directory) throws IOException {
        assertFalse(HostCpu.isSoftwareVirtualised(directory.resolve("missing")));
        Path empty = Files.createFile(directory.resolve("empty"));
        assertFalse(HostCpu.isSoftwareVirtualised(empty));
    }

    @Test
    void supportIsAnyOfTheFeaturesBits() {
        HostCpu host = Hosts.intelHost();
        assertTrue(host.supports("avx512f"));
        assertTrue(host.supports("kvmclock"));
        assertTrue(host.supports("tsc_deadline_timer"));
        assertFalse(host.supports("svm"));
        assertFalse(new HostCpu(Hosts.intel(), false, 0, CpuTemplate.HOST).supports("tsc_deadline_timer"));
    }

    @Test
    void thisHostIsWhatItsFileSays() {
        assertEquals(HostCpu.isSoftwareVirtualised(HostCpu.CPUINFO), HostCpu.isSoftwareVirtualised());
    }
}
