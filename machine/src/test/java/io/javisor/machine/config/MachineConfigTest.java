package io.javisor.machine.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.machine.plan.MachinePlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MachineConfigTest {
    @TempDir
    private Path directory = Path.of("");

    @Test
    void defaultsAreValid() {
        MachineConfig config = MachineConfig.builder(Path.of("k")).build();
        assertEquals(512L << 20, config.memoryBytes());
        assertEquals(1, config.cpus());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 255, 100_000})
    void cpusOutOfRangeAreRefused(int cpus) {
        refused(builder -> builder.cpus(cpus), "1 to 254");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, 4096, (2 << 20) - 1})
    void tooLittleMemoryIsRefused(long bytes) {
        refused(builder -> builder.memoryBytes(bytes), "too little");
    }

    @Test
    void memoryIsWholePages() {
        refused(builder -> builder.memoryBytes((4 << 20) + 1), "multiple of 4K");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "a/b", "-a", "a b", ".x", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            })
    void namesAreChecked(String name) {
        refused(builder -> builder.name(name), "machine name");
    }

    @Test
    void aMissingKernelIsNamed() {
        dryRunRefused(directory.resolve("none"), "does not exist");
    }

    @Test
    void aDirectoryIsNoKernel() {
        dryRunRefused(directory, "is a directory");
    }

    @Test
    void anEmptyFileOrTextIsNoKernel() throws IOException {
        dryRunRefused(Files.writeString(directory.resolve("empty"), ""), "not a kernel");
        dryRunRefused(
                Files.writeString(directory.resolve("text"), "hello, this is a text\n".repeat(100)), "not a kernel");
    }

    @Test
    void aMissingInitrdIsNamed() throws IOException {
        Path kernel = Files.writeString(directory.resolve("k"), "x");
        RuntimeException refusal = assertThrows(
                RuntimeException.class,
                () -> MachinePlan.dryRun(MachineConfig.builder(kernel)
                        .initrd(directory.resolve("none"))
                        .build()));
        assertTrue(refusal.toString().contains("initrd"), refusal::toString);
    }

    private static void refused(UnaryOperator<MachineConfig.Builder> change, String reason) {
        MachineConfig.Builder builder = change.apply(MachineConfig.builder(Path.of("k")));
        ConfigException refusal = assertThrows(ConfigException.class, builder::build);
        assertTrue(refusal.toString().contains(reason), refusal::toString);
    }

    private static void dryRunRefused(Path kernel, String reason) {
        MachineConfig config = MachineConfig.builder(kernel).build();
        RuntimeException refusal = assertThrows(RuntimeException.class, () -> MachinePlan.dryRun(config));
        assertTrue(refusal.toString().contains(reason), refusal::toString);
        assertTrue(refusal.toString().contains(kernel.toString()), refusal::toString);
    }
}
