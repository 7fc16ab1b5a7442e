package io.javisor.machine.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.machine.config.Accel;
import io.javisor.testkit.junit.KvmTest;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostReportTest {
    @TempDir
    private Path directory = Path.of("");

    /** The tests of the other modules run guests here, so the report has to say that one can. */
    @Test
    @KvmTest
    void thisHostCanRun() {
        HostReport report = HostReport.inspect(Accel.AUTO);
        assertTrue(report.canRun(), report::toString);
        List<String> ids = report.checks().stream().map(Check::id).toList();
        assertEquals(ids.size(), new HashSet<>(ids).size(), "an id is there once");
        assertTrue(
                ids.containsAll(List.of(
                        "system",
                        "cpu",
                        "java",
                        "native-library",
                        "kvm-device",
                        "kvm-api",
                        "kvm-vm",
                        "virtualisation",
                        "kvm-capabilities",
                        "kvm-optional",
                        "vcpus",
                        "tun",
                        "memory",
                        "overcommit",
                        "huge-pages",
                        "transparent-huge-pages",
                        "open-files",
                        "io-uring")),
                ids::toString);
    }

    @Test
    void aHostWithNothingFailsInWords() {
        HostFiles files = new HostFiles(directory);
        HostReport report = HostReport.inspect(files, Surroundings.of(files), Accel.KVM);
        assertTrue(report.count(Check.Status.FAILURE) >= 2, report::toString); // neither Linux nor KVM
        assertTrue(report.checks().stream().anyMatch(check -> check.found().contains("/dev/kvm: ENOENT")));
    }

    @Test
    void aMissingKvmIsAWarningWhereTheSoftwareEngineIsTaken() {
        HostFiles files = new HostFiles(directory);
        HostReport report = HostReport.inspect(files, Surroundings.of(files), Accel.AUTO);
        Check kvm = report.checks().stream()
                .filter(check -> check.id().equals("kvm-device"))
                .findFirst()
                .orElseThrow();
        assertEquals(Check.Status.WARNING, kvm.status());
        assertTrue(kvm.found().contains("/dev/kvm: ENOENT"), kvm::toString);
        assertTrue(kvm.found().contains("the software engine runs machines"), kvm::toString);
        for (Accel accel : List.of(Accel.SOFTWARE, Accel.SOFTWARE_STEPS)) {
            HostReport byName = HostReport.inspect(files, Surroundings.of(files), accel);
            assertTrue(byName.checks().stream().noneMatch(check -> check.id().startsWith("kvm")), byName::toString);
        }
    }
}
