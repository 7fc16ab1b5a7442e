package io.javisor.machine.doctor;

import static io.javisor.machine.doctor.Check.Status.FAILURE;
import static io.javisor.machine.doctor.Check.Status.OK;
import static io.javisor.machine.doctor.Check.Status.WARNING;
import static io.javisor.machine.doctor.Checks.assertCheck;
import static io.javisor.machine.doctor.Checks.find;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Errno;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Everything but KVM. */
class ProbesTest {
    private static final String MEMINFO = """
        MemTotal:       %d kB
        MemFree:        1 kB
        MemAvailable:   %d kB
        CommitLimit:    4194304 kB
        Committed_AS:   1048576 kB
        """;

    private static final String CPUINFO = """
        processor	: 0
        vendor_id	: AuthenticAMD
        model name	: AMD EPYC
        flags		: fpu lm svm
        bugs		: spectre_v1

        processor	: 1
        vendor_id	: AuthenticAMD
        """;

    @TempDir
    private Path directory = Path.of("");

    private MadeUpHost host() {
        return new MadeUpHost(directory);
    }

    @Test
    void systemIsLinuxOnX86() {
        HostFiles files = host().with("proc/sys/kernel/osrelease", "6.1.0\n").files;
        assertCheck(OK, "Linux 6.1.0, x86-64", "", SystemProbe.system(files, "amd64"));
        assertCheck(FAILURE, "aarch64", "uname -m", SystemProbe.system(files, "aarch64"));
    }

    @Test
    void systemWithoutProc() {
        assertCheck(FAILURE, "not Linux", "mount -t proc", SystemProbe.system(host().files, "amd64"));
    }

    @Test
    void cpuIsRead() {
        CpuInfo cpu = CpuInfo.read(host().with("proc/cpuinfo", CPUINFO).files);
        assertEquals(new CpuInfo("AuthenticAMD", "AMD EPYC", 2, Set.of("fpu", "lm", "svm")), cpu);
        assertCheck(OK, "AuthenticAMD, AMD EPYC, 2 CPUs", "", SystemProbe.cpu(cpu));
    }

    @Test
    void cpuThatCannotBeRead() {
        assertCheck(WARNING, "/proc/cpuinfo", "mount -t proc", SystemProbe.cpu(CpuInfo.read(host().files)));
    }

    @ParameterizedTest
    @CsvSource({
        ".dockerenv, '', true",
        "run/.containerenv, '', true",
        "run/systemd/container, lxc, true",
        "proc/1/cgroup, 0::/kubepods/pod1, true",
        "proc/1/cgroup, 0::/init.scope, false"
    })
    void containersAreKnownByTheirMarks(String name, String content, boolean container) {
        assertEquals(
                container, Surroundings.of(host().with(name, content).files).container());
    }

    @ParameterizedTest
    @CsvSource({"21, FAILURE", "24, FAILURE", "25, OK", "27, OK"})
    void java(int feature, Check.Status status) {
        JavaProbe.Facts facts = new JavaProbe.Facts(feature, feature + ".0.1", "Vendor", "/opt/jdk");
        assertCheck(status, feature + ".0.1, Vendor, /opt/jdk", "export JAVISOR_JAVA_HOME=", JavaProbe.check(facts));
    }

    @Test
    void nativeLibraryThatCannotBeLoaded() {
        Throwable problem = new ExceptionInInitializerError(new UnsatisfiedLinkError("failed to\n map segment"));
        assertCheck(FAILURE, "failed to; map segment", "-Djava.io.tmpdir=", NativeLibraryProbe.check(problem));
        assertCheck(OK, "", "", NativeLibraryProbe.check());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                Errno.ENOENT + "| false | sudo modprobe tun",
                Errno.ENODEV + "| false | sudo modprobe tun",
                Errno.EACCES + "| false | sudo chmod 0666 /dev/net/tun",
                Errno.ENOENT + "| true  | docker run --device /dev/net/tun --cap-add NET_ADMIN",
                Errno.EPERM + " | true  | docker run --device /dev/net/tun --cap-add NET_ADMIN",
            })
    void tunThatCannotBeOpened(int errno, boolean container, String remedy) {
        Check check = TunProbe.check(errno, new Surroundings(MadeUpHost.INTEL, container, "alice"));
        assertCheck(WARNING, Errno.name(errno), remedy, check);
    }

    @Test
    void tunIsOpened() {
        HostFiles files = host().with("dev/net/tun", "").files;
        assertEquals(0, TunProbe.open(files.path("dev/net/tun")));
        assertEquals(Errno.ENOENT, TunProbe.open(files.path("dev/net/none")));
        assertCheck(OK, "can be opened", "", TunProbe.check(0, MadeUpHost.host(MadeUpHost.INTEL)));
    }

    @ParameterizedTest
    @CsvSource({
        "8000000, OK, 7812 MiB of 19.1 GiB available",
        "655360, OK, 640 MiB",
        "655359, WARNING, 639 MiB",
        "0, WARNING, 0 MiB"
    })
    void memory(long availableKib, Check.Status status, String found) {
        HostFiles files = host().with("proc/meminfo", MEMINFO.formatted(20000000, availableKib)).files;
        assertCheck(status, found, "javisor run --memory 128M", find(MemoryProbe.check(files), "memory"));
    }

    @Test
    void memoryOfAControlGroup() {
        HostFiles files = host().with("proc/meminfo", MEMINFO.formatted(20000000, 20000000))
                .with("sys/fs/cgroup/memory.max", "536870912\n")
                .with("sys/fs/cgroup/memory.current", "268435456\n")
                .files;
        assertCheck(
                WARNING,
                "256 MiB left of this control group's limit of 512 MiB",
                "--memory",
                find(MemoryProbe.check(files), "memory"));
        host().with("sys/fs/cgroup/memory.max", "max\n");
        assertCheck(OK, "19.1 GiB of", "", find(MemoryProbe.check(files), "memory"));
    }

    @Test
    void memoryThatCannotBeRead() {
        assertCheck(WARNING, "/proc/meminfo", "mount -t proc", find(MemoryProbe.check(host().files), "memory"));
    }

    @ParameterizedTest
    @CsvSource({"0, OK, heuristic", "1, OK, always", "2, WARNING, 3072 MiB can still be promised", "'', OK, doesn't say"
    })
    void overcommit(String mode, Check.Status status, String found) {
        HostFiles files =
                host().with("proc/meminfo", MEMINFO.formatted(1, 1)).with("proc/sys/vm/overcommit_memory", mode).files;
        assertCheck(status, found, "sudo sysctl vm.overcommit_memory=0", find(MemoryProbe.check(files), "overcommit"));
    }

    @ParameterizedTest
    @CsvSource({"256, 128, '128 of 256 of 2 MiB free, enough for a guest of 256 MiB'", "0, 0, none reserved"})
    void hugePages(String reserved, String free, String found) {
        String pages = "sys/kernel/mm/hugepages/hugepages-2048kB/";
        HostFiles files = host().with(pages + "nr_hugepages", reserved).with(pages + "free_hugepages", free).files;
        assertCheck(OK, found, "", find(MemoryProbe.check(files), "huge-pages"));
    }

    @Test
    void hugePagesThatTheKernelLacks() {
        assertCheck(OK, "this kernel has none", "", find(MemoryProbe.check(host().files), "huge-pages"));
    }

    @ParameterizedTest
    @CsvSource({
        "[always] madvise never, OK, always",
        "always [madvise] never, OK, madvise",
        "always madvise [never], WARNING, never",
        "'', OK, none"
    })
    void transparentHugePages(String content, Check.Status status, String found) {
        HostFiles files = host().with("sys/kernel/mm/transparent_hugepage/enabled", content + "\n").files;
        assertCheck(
                status,
                found,
                "echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled",
                find(MemoryProbe.check(files), "transparent-huge-pages"));
    }

    @ParameterizedTest
    @CsvSource({
        "1024, OK, at most 1024",
        "unlimited, OK, any number",
        "1023, WARNING, at most 1023",
        "?, WARNING, unknown"
    })
    void openFiles(String hard, Check.Status status, String found) {
        HostFiles files = host().with("proc/self/limits", """
            Limit                     Soft Limit           Hard Limit           Units
            Max open files            256                  %s                 files
            """.formatted(hard)).files;
        assertCheck(status, found, "", find(LimitsProbe.check(files), "open-files"));
    }

    @ParameterizedTest
    @CsvSource({"0, allowed", "1, privileged", "2, disabled", "'', doesn't say"})
    void ioUringIsNeverNeeded(String value, String found) {
        HostFiles files = host().with("proc/sys/kernel/io_uring_disabled", value).files;
        assertCheck(OK, found, "", find(LimitsProbe.check(files), "io-uring"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aCheckHasARemedyExactlyWhenItIsNotOk(boolean ok) {
        assertThrows(
                IllegalArgumentException.class, () -> new Check("x", ok ? OK : WARNING, "found", ok ? "remedy" : null));
    }

    @Test
    void onlyAFailureKeepsMachinesFromRunning() {
        HostReport report = new HostReport(java.util.List.of(Check.ok("a", "b")));
        assertTrue(report.with(Check.warning("a", "b", "c")).canRun());
        assertFalse(report.with(Check.failure("a", "b", "c")).canRun());
    }
}
