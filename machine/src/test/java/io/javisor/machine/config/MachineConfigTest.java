package io.javisor.machine.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.cpu.CpuConfig;
import io.javisor.core.memory.MemoryBackingConfig;
import io.javisor.firmware.BootProtocol;
import io.javisor.machine.config.BootConfig.DiskKernelBoot;
import io.javisor.machine.config.BootConfig.KernelBoot;
import io.javisor.machine.plan.MachinePlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
        assertEquals(KernelBoot.of(Path.of("k")), config.boot());
        assertEquals(CpusConfig.DEFAULT, config.cpus());
        assertEquals(MemoryConfig.DEFAULT, config.memory());
        assertEquals(DebugConfig.DEFAULT, config.debug());
    }

    /** What a new part is forgotten in would show here. */
    @Test
    void aBuilderStartsFromAConfigurationsEveryPart() {
        MachineConfig config = new MachineConfig(
                "one",
                Accel.SOFTWARE,
                new DiskKernelBoot(
                        new KernelOptions(Path.of("i"), List.of(ModuleConfig.parse("m")), "c", BootProtocol.PVH, true)),
                new CpusConfig(2, CpuConfig.parse("x86-64-v2")),
                new MemoryConfig(4 << 20, MemoryBackingConfig.parse("memfd")),
                MachineTables.ACPI_AND_MP,
                List.of(new SerialSink.Pty()),
                List.of(new NamedDevice("own", DiskConfig.of(Path.of("d")))),
                new DebugConfig(TraceConfig.parse("t"), GdbConfig.parse("tcp:1")),
                false);
        assertEquals(config, config.toBuilder().build());
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
