package io.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.Obstacle;
import io.javisor.kvm.KvmUnavailableException.Reason;
import io.javisor.testkit.junit.KvmTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KvmHostTest {
    private static final Path CPUINFO = Path.of("/proc/cpuinfo");

    @TempDir
    private Path directory = Path.of("");

    private Path cpuinfo(String flags) throws IOException {
        return Files.writeString(directory.resolve("cpuinfo"), "processor\t: 0\nflags\t\t: fpu " + flags + " lm\n");
    }

    @Test
    void aMissingDeviceIsUnusableWhateverTheProcessor() throws IOException {
        String device = directory.resolve("kvm").toString();
        KvmHost.Unusable host = assertInstanceOf(KvmHost.Unusable.class, KvmHost.look(device, cpuinfo("svm")));
        assertEquals(Reason.MISSING, host.reason());
        assertFalse(host.counts());
        Obstacle obstacle = host.obstacle().orElseThrow();
        assertTrue(obstacle.what().startsWith("cannot open " + device + ": ENOENT"), host::toString);
        assertTrue(obstacle.more().startsWith("; KVM is not loaded: enable "), host::toString);
    }

    @Test
    void aDeviceThatIsNotKvmIsUnusable() throws IOException {
        KvmHost.Unusable host = assertInstanceOf(KvmHost.Unusable.class, KvmHost.look("/dev/null", cpuinfo("vmx")));
        assertEquals(Reason.NOT_KVM, host.reason());
    }

    @ParameterizedTest
    @ValueSource(strings = {"vmx", "svm"})
    void kvmWithTheProcessorsVirtualisationCounts(String flag) {
        KvmHost host = KvmHost.of("/dev/kvm", CPUINFO, Set.of("fpu", flag));
        assertTrue(host.counts());
        assertTrue(host.obstacle().isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "vmxoff", "hypervisor"})
    void kvmWithoutItIsSoftware(String flag) {
        KvmHost host = KvmHost.of("/dev/kvm", CPUINFO, Set.of("fpu", flag));
        assertInstanceOf(KvmHost.Software.class, host);
        assertFalse(host.counts());
        assertEquals(
                new Obstacle("/dev/kvm makes VMs, but by software", ", for /proc/cpuinfo shows neither vmx nor svm"),
                host.obstacle().orElseThrow());
    }

    @Test
    void kvmOnAProcessorOfWhichNothingIsKnownDoesNotCount() {
        KvmHost host = KvmHost.of("/dev/kvm", CPUINFO, Set.of());
        assertInstanceOf(KvmHost.Software.class, host);
        assertEquals(
                new Obstacle("/dev/kvm makes VMs, but maybe by software", ", for /proc/cpuinfo shows no flags"),
                host.obstacle().orElseThrow());
    }

    @Test
    @KvmTest
    void theSameKvmIsSoftwareByACpuinfoThatShowsNone() throws IOException {
        assertInstanceOf(KvmHost.Counts.class, KvmHost.look());
        assertInstanceOf(KvmHost.Software.class, KvmHost.look(Kvm.DEVICE, cpuinfo("")));
        assertInstanceOf(KvmHost.Software.class, KvmHost.look(Kvm.DEVICE, directory.resolve("none")));
    }
}
