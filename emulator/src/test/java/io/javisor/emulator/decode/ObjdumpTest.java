package io.javisor.emulator.decode;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The decoder against objdump. What each run compared is in the report; {@code -Dobjdump.lines=N} makes the kernel's part longer. */
class ObjdumpTest {
    private static final int KERNEL_LINES = Integer.getInteger("objdump.lines", 300_000);

    @TempDir
    private Path directory;

    @BeforeAll
    static void objdumpIsThere() throws InterruptedException {
        try {
            Process process = new ProcessBuilder("objdump", "--version")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            assertTrue(process.waitFor() == 0, "objdump --version fails");
        } catch (IOException e) {
            assumeTrue(System.getenv("CI") != null, "there is no objdump: apt-get install binutils");
            fail("there is no objdump: apt-get install binutils", e);
        }
    }

    @Test
    void readsTheCLibraryAsObjdumpDoes(TestReporter reporter) throws Exception {
        file(ObjdumpComparison.sharedLibrary("libc.so.6"), 100_000, Integer.MAX_VALUE, reporter);
    }

    @Test
    void readsACryptographicLibraryAsObjdumpDoes(TestReporter reporter) throws Exception {
        Path library = ObjdumpComparison.sharedLibrary("libcrypto.so.3");
        assumeTrue(Files.exists(library), library + " is not installed");
        file(library, 100_000, Integer.MAX_VALUE, reporter);
    }

    @Test
    void readsAKernelAsObjdumpDoes(TestReporter reporter) throws Exception {
        Path kernel = KernelFile.find(directory);
        assumeTrue(kernel != null, "no Debian kernel is in javisor's cache, or lz4 is not installed");
        file(java.util.Objects.requireNonNull(kernel), KERNEL_LINES, KERNEL_LINES, reporter);
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 32, 16})
    void readsRandomBytesAsObjdumpDoes(int mode, TestReporter reporter) throws Exception {
        binary(mode, ObjdumpInputs.random(1_000_000, 0x5eed + mode), "random bytes", reporter);
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 32, 16})
    void readsEachOpcodeAsObjdumpDoes(int mode, TestReporter reporter) throws Exception {
        binary(mode, ObjdumpInputs.everyOpcode(mode, 0x5eed + mode), "each opcode", reporter);
    }

    private void binary(int mode, byte[] bytes, String what, TestReporter reporter) throws Exception {
        Path file = directory.resolve("code");
        Files.write(file, bytes);
        String machine = mode == 64 ? "i386:x86-64" : mode == 32 ? "i386" : "i8086";
        ObjdumpComparison comparison = new ObjdumpComparison(mode);
        List<String> arguments = new ArrayList<>(List.of("-D", "-b", "binary", "-m", machine));
        arguments.addAll(List.of("-M", mode == 64 ? "intel,intel64" : "intel", file.toString()));
        run(comparison, arguments, bytes, bytes.length / 20, Integer.MAX_VALUE, mode + " bits, " + what, reporter);
    }

    private static void file(Path file, int atLeast, int atMost, TestReporter reporter) throws Exception {
        ObjdumpComparison comparison = new ObjdumpComparison(64);
        List<String> arguments = List.of("-d", "-M", "intel,intel64", file.toString());
        run(comparison, arguments, null, atLeast, atMost, String.valueOf(file.getFileName()), reporter);
    }

    private static void run(
            ObjdumpComparison comparison,
            List<String> arguments,
            byte @Nullable [] bytes,
            int atLeast,
            int atMost,
            String what,
            TestReporter reporter)
            throws Exception {
        comparison.run(arguments, bytes, atMost);
        reporter.publishEntry(
                "objdump",
                what + ": " + comparison.compared() + " instructions, " + comparison.undefined() + " undefined, "
                        + comparison.excepted() + " by an exception");
        assertTrue(comparison.compared() >= atLeast, comparison.compared() + " lines are too few to mean anything");
        StringBuilder report = new StringBuilder();
        comparison
                .differences()
                .forEach((names, examples) -> report.append(examples.size())
                        .append(" × ")
                        .append(names)
                        .append(", as ")
                        .append(examples.get(0))
                        .append('\n'));
        assertTrue(report.isEmpty(), () -> what + ": " + report);
    }
}
