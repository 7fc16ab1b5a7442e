package io.javisor.emulator.emit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.javisor.core.host.HostException;
import io.javisor.core.host.MachineCode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class CodeMemoryTest {
    private static final int SIZE = 3 * 4096;

    /** lea rax, [rdi + rsi]; ret */
    private static final byte[] SUM = {0x48, (byte) 0x8d, 0x04, 0x37, (byte) 0xc3};

    @TempDir
    private Path directory;

    private static long sum(CodeMemory memory) {
        memory.bytes().asSlice(4096).copyFrom(MemorySegment.ofArray(SUM));
        memory.forgetWriting(0, SIZE);
        return MachineCode.call(MachineCode.at(memory.executableHva(4096)), 40, 2);
    }

    @Test
    void noPageIsWritableAndExecutable() throws IOException {
        try (CodeMemory memory = CodeMemory.map(SIZE)) {
            assertTrue(memory.isMappedTwice());
            assertEquals(42, sum(memory));
            assertTrue(Files.readAllLines(Path.of("/proc/self/maps")).stream()
                    .filter(line -> line.contains("javisor-code"))
                    .noneMatch(line -> line.contains("wx")));
        }
    }

    /** Of memory with a file, perf reads the file. */
    @Test
    void whatPerfIsToNameHasNoFile() throws IOException {
        try (CodeMemory memory = CodeMemory.map(SIZE, PerfMap.make(directory.resolve("perf.map")))) {
            assertEquals(42, sum(memory));
            String start = Long.toHexString(memory.executableHva(0));
            List<String> maps = Files.readAllLines(Path.of("/proc/self/maps"));
            assertTrue(maps.stream().anyMatch(line -> line.startsWith(start) && line.matches(".* 00:00 0 *")), start);
        }
    }

    @ParameterizedTest
    @CsvSource({"FILES_THAT_MAY_BE_PROGRAMS, true", "FILES_IN_MEMORY, false", "EXECUTABLE_FILES_IN_MEMORY, false"})
    void whatAHostRefusesIsDoneWithout(RefusingHost host, boolean twice) {
        try (CodeMemory memory = host.map(SIZE)) {
            assertEquals(twice, memory.isMappedTwice());
            assertEquals(42, sum(memory));
        }
    }

    @Test
    void aHostWithoutExecutableMemoryIsToldInOneLine() {
        HostException refused = assertThrows(HostException.class, () -> RefusingHost.EXECUTABLE_MEMORY.map(SIZE));
        String message = String.valueOf(refused.getMessage());
        assertTrue(message.startsWith("the software engine needs executable memory, which this host refuses"), message);
        assertEquals(1, message.lines().count());
    }

    /** In a process with process numbers of its own, for which Linux 6.3 and later have the setting apart. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void codeRunsWhereFilesInMemoryAreNoPrograms(int level) throws IOException, InterruptedException {
        String setting = "/proc/sys/vm/memfd_noexec";
        String apart = "unshare --user --map-root-user --pid --fork --kill-child --mount-proc";
        assumeTrue(Files.exists(Path.of(setting)), "Linux is older than 6.3: no " + setting);
        String set = "echo " + level + " > " + setting;
        assumeTrue(run("exec " + apart + " sh -c '" + set + "'", "").equals("0 "), "no " + apart + " here");
        String java = "exec \"$0\" -XX:+UseSerialGC -Xmx64m --enable-native-access=ALL-UNNAMED"
                + " --sun-misc-unsafe-memory-access=allow -cp \"$1\" " + CodeMemoryTest.class.getName();
        String ran = run(
                "exec " + apart + " sh -c '" + set + " && " + java + "' \"$0\" \"$1\"",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                System.getProperty("java.class.path"));
        assertEquals("0 42\n", ran);
    }

    /** What a child of the test does. */
    public static void main(String[] none) {
        try (CodeMemory memory = CodeMemory.map(SIZE)) {
            System.out.println(sum(memory));
        }
    }

    /** The exit status and what was printed, of a script with these words. */
    private String run(String script, String... words) throws IOException, InterruptedException {
        Path output = directory.resolve("output");
        ProcessBuilder shell = new ProcessBuilder("sh", "-c", script);
        shell.command().addAll(List.of(words));
        Process process =
                shell.redirectErrorStream(true).redirectOutput(output.toFile()).start();
        try {
            assertTrue(process.waitFor(100, TimeUnit.SECONDS), "ends");
            return process.exitValue() + " " + Files.readString(output, StandardCharsets.UTF_8);
        } finally {
            int _ = process.destroyForcibly().waitFor();
        }
    }
}
