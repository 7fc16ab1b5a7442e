package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** CI's sum of the tests of this machine and of the emulated host. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class TestSumIT {
    private static final String SKIPPED = "<skipped message='needs KVM: none'/>";
    private static final String SLOW = "<skipped message='needs KVM that is not emulated: none'/>";

    @TempDir
    private Path checkout = Path.of("");

    private void report(String directory, String... cases) throws IOException {
        Files.createDirectories(checkout.resolve(directory));
        Files.writeString(
                checkout.resolve(directory).resolve("TEST-x.xml"),
                "<testsuite name='x' tests='99'>" + String.join("", cases) + "</testsuite>");
    }

    private static String test(String type, String name, String inner) {
        return "<testcase classname='io.javisor." + type + "' name='" + name + "'>" + inner + "</testcase>";
    }

    private void assertSum(int status, String... lines) throws Exception {
        Program.Result result = Program.run(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                Checkout.DIRECTORY.resolve(".ci/TestSum.java").toString(),
                checkout.toString());
        assertEquals(List.of(lines), result.out().lines().toList(), result::toString);
        assertEquals(status, result.status(), result::toString);
    }

    @Test
    void aTestThatWasSkippedHereAndRanThereCountsOnce() throws Exception {
        report(
                "core/target/surefire-reports",
                test("PureTest", "adds", ""),
                test("KvmClassTest", "", SKIPPED),
                test("MixedTest", "pure", ""),
                test("MixedTest", "onKvm", SKIPPED));
        report("cli/target/failsafe-reports", test("SlowIT", "", SLOW), test("OtherIT", "x", "<skipped/>"));
        report(
                "target/kvm-host-reports/core",
                test("KvmClassTest", "one()", ""),
                test("KvmClassTest", "two(int)[1]", ""),
                test("MixedTest", "onKvm()", ""));
        assertSum(
                0,
                "3 tests ran in the emulated host (AMD-V by QEMU), for KVM does not count here; of classes:"
                        + " KvmClassTest, MixedTest",
                "NOT RUN by KVM, as it does not count here and the emulated host is too slow for them: SlowIT",
                "Tests run: 7, Failures: 0, Errors: 0, Skipped: 2");
    }

    @Test
    void aTestOfAMachineCountsOnceForEachEngine() throws Exception {
        report(
                "machine/target/surefire-reports",
                test("MachineTest", "x(EngineProvider)[1]", SKIPPED),
                test("MachineTest", "x(EngineProvider)[2]", ""));
        report("target/kvm-host-reports/machine", test("MachineTest", "x(EngineProvider)[1]", ""));
        assertSum(
                0,
                "1 test ran in the emulated host (AMD-V by QEMU), for KVM does not count here; of classes: MachineTest",
                "Tests run: 2, Failures: 0, Errors: 0, Skipped: 0");
    }

    @Test
    void aKvmTestThatRanNowhereFails() throws Exception {
        report("core/target/surefire-reports", test("KvmTest", "", SKIPPED), test("MixedTest", "onKvm", SKIPPED));
        report("target/kvm-host-reports/core", test("MixedTest", "other()", ""));
        assertSum(
                1,
                "1 test ran in the emulated host (AMD-V by QEMU), for KVM does not count here; of classes: none that"
                        + " was skipped here",
                "FAILED: need KVM and ran neither here nor in the emulated host: KvmTest, MixedTest (1)",
                "Tests run: 3, Failures: 0, Errors: 0, Skipped: 2");
    }

    @Test
    void aTestThatIsSkippedThereTooRanNowhere() throws Exception {
        report("core/target/surefire-reports", test("KvmTest", "", SKIPPED));
        report("target/kvm-host-reports/core", test("KvmTest", "", SKIPPED));
        assertSum(
                1,
                "0 tests ran in the emulated host (AMD-V by QEMU), for KVM does not count here; of classes: none that"
                        + " was skipped here",
                "FAILED: need KVM and ran neither here nor in the emulated host: KvmTest",
                "Tests run: 1, Failures: 0, Errors: 0, Skipped: 1");
    }

    @Test
    void aTestThatSaysThatKvmIsNothingForItMayBeSkippedThere() throws Exception {
        report("core/target/surefire-reports", test("MachineTest", "[1]", SKIPPED));
        report(
                "target/kvm-host-reports/core",
                test(
                        "MachineTest",
                        "[1]",
                        "<skipped>TestAbortedException: Assumption failed: no code on devices</skipped>"));
        assertSum(
                0,
                "0 tests ran in the emulated host (AMD-V by QEMU), for KVM does not count here; of classes:"
                        + " MachineTest",
                "Tests run: 1, Failures: 0, Errors: 0, Skipped: 1");
    }

    @Test
    void aFailureInEitherPlaceFails() throws Exception {
        report("core/target/surefire-reports", test("PureTest", "a", "<error/>"), test("KvmTest", "", SKIPPED));
        report("target/kvm-host-reports/core", test("KvmTest", "b()", "<failure/>"), test("KvmTest", "c()", ""));
        assertSum(
                1,
                "2 tests ran in the emulated host (AMD-V by QEMU), for KVM does not count here; of classes: KvmTest",
                "Tests run: 3, Failures: 1, Errors: 1, Skipped: 0");
    }

    @Test
    void whatPassesWhenItIsRunAgainIsNamed() throws Exception {
        report("core/target/surefire-reports", test("PureTest", "a", "<flakyFailure/>"), test("KvmTest", "", SKIPPED));
        report(
                "target/kvm-host-reports/core",
                test("KvmTest", "b()", "<failure/>"),
                test("KvmTest", "c()", "<error/>"));
        report("target/kvm-host-reports/core/again", test("KvmTest", "b()", ""), test("KvmTest", "c()", ""));
        assertSum(
                0,
                "2 tests ran in the emulated host (AMD-V by QEMU), for KVM does not count here; of classes: KvmTest",
                "FAILED ONCE, and passed when run again: KvmTest.b, KvmTest.c, PureTest.a",
                "Tests run: 3, Failures: 0, Errors: 0, Skipped: 0");
    }

    @Test
    void whatFailsAgainFails() throws Exception {
        report("core/target/surefire-reports", test("KvmTest", "", SKIPPED));
        report("target/kvm-host-reports/core", test("KvmTest", "b()", "<failure/>"), test("KvmTest", "c()", ""));
        report("target/kvm-host-reports/core/again", test("KvmTest", "b()", "<failure/>"), test("KvmTest", "c()", ""));
        assertSum(
                1,
                "2 tests ran in the emulated host (AMD-V by QEMU), for KVM does not count here; of classes: KvmTest",
                "Tests run: 2, Failures: 1, Errors: 0, Skipped: 0");
    }

    @Test
    void withoutAnEmulatedHostItIsSurefiresSum() throws Exception {
        report("core/target/surefire-reports", test("PureTest", "a", ""), test("PureTest", "b", "<failure/>"));
        assertSum(1, "Tests run: 2, Failures: 1, Errors: 0, Skipped: 0");
    }

    /** A module whose tests did not get as far as a report is Maven's failure; no test at all is this one's. */
    @Test
    void noTestAtAllFails() throws Exception {
        assertSum(1, "Tests run: 0, Failures: 0, Errors: 0, Skipped: 0");
    }

    @Test
    void aHostThatHadToBeStartedAgainIsNamed() throws Exception {
        report("core/target/surefire-reports", test("KvmClassTest", "", SKIPPED));
        report("target/kvm-host-reports/core", test("KvmClassTest", "one()", ""));
        Files.createFile(checkout.resolve("target/kvm-host-reports/core/lost-once"));
        assertSum(
                0,
                "EMULATED HOST LOST ONCE, and started again: core",
                "1 test ran in the emulated host (AMD-V by QEMU), for KVM does not count here; of classes:"
                        + " KvmClassTest",
                "Tests run: 1, Failures: 0, Errors: 0, Skipped: 0");
    }
}
