package io.javisor.machine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.memory.GpaRange;
import io.javisor.devices.backend.ConsoleInputFilter;
import io.javisor.machine.config.Accel;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.DiskConfig;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.PmemConfig;
import io.javisor.machine.config.SerialSink;
import io.javisor.machine.host.Console;
import io.javisor.machine.plan.MachinePlan;
import io.javisor.testkit.guest.IdleKernel;
import io.javisor.testkit.junit.MachineTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files as a machine's memory, beside its RAM. */
class PmemTest {
    private static final long GIB = 1L << 30;

    @TempDir
    private Path directory = Path.of("");

    private final Random random = new Random(8);

    private Path file(String name, int size) throws IOException {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return Files.write(directory.resolve(name), bytes);
    }

    private MachineConfig config(Accel accel, long memoryBytes, PmemConfig... memories) throws IOException {
        return MachineConfig.builder(IdleKernel.writeTo(directory))
                .accel(accel)
                .memoryBytes(memoryBytes)
                .serial(List.of(new SerialSink.Null()))
                .virtio(List.of(memories))
                .build();
    }

    @Test
    void theyLieAboveAllRamEachApart() throws IOException {
        PmemConfig one = new PmemConfig(List.of(file("a", 4096), file("b", 3 << 20)));
        MachinePlan small = MachinePlan.dryRun(config(Accel.SOFTWARE, 64 << 20, one, one));
        assertEquals(
                Map.of("pmem0", new GpaRange(4 * GIB, 4 << 20), "pmem1", new GpaRange(5 * GIB, 4 << 20)),
                small.memories());
        MachinePlan large = MachinePlan.dryRun(config(Accel.SOFTWARE, 5 * GIB, one));
        assertEquals(Map.of("pmem0", new GpaRange(6 * GIB, 4 << 20)), large.memories());
        assertFalse(Files.readString(Path.of("/proc/self/maps")).contains(directory.toString()));
        String missing = String.valueOf(assertThrows(
                        ConfigException.class,
                        () -> MachinePlan.dryRun(
                                config(Accel.SOFTWARE, 64 << 20, new PmemConfig(List.of(Path.of("/none"))))))
                .getMessage());
        assertEquals("image file /none does not exist", missing);
        assertThrows(ConfigException.class, () -> new PmemConfig(List.of()));
    }

    @MachineTest
    @Timeout(60)
    void theGuestsMemoryHasThemAndItsStateDoesNot(EngineProvider engine) throws Exception {
        Path a = file("a", 4096);
        Path b = file("b", 8192);
        Accel accel = Accel.parse(engine.name());
        MachineConfig config = config(accel, 64 << 20, new PmemConfig(List.of(a, b, a)));
        byte[] expected = new byte[16_384];
        System.arraycopy(Files.readAllBytes(a), 0, expected, 0, 4096);
        System.arraycopy(Files.readAllBytes(b), 0, expected, 4096, 8192);
        System.arraycopy(Files.readAllBytes(a), 0, expected, 12_288, 4096);
        LifeState saved;
        try (Machine machine = machine(config)) {
            assertThrows(
                    ConfigException.class,
                    () -> MachinePlan.dryRun(
                            config.toBuilder().add(DiskConfig.of(a)).build()),
                    "nobody may write to them");
            byte[] seen = new byte[expected.length];
            saved = machine.whileStanding(life -> {
                life.memory().copyOut(4 * GIB, seen, 0, seen.length);
                assertEquals(0, life.memory().getLong(4 * GIB + seen.length));
                assertEquals(64 << 20, life.memory().sizeBytes());
                return life.save();
            });
            assertArrayEquals(expected, seen);
            assertTrue(saved.devices().containsKey("pmem0"));
            assertEquals(List.of(new GpaRange(0, 64 << 20)), saved.ram());
        }
        try (Machine same = machine(config)) {
            same.whileStanding(life -> {
                life.restore(saved);
                return life;
            });
        }
        Path large = file("large", 2 << 20);
        try (Machine other = machine(config(accel, 64 << 20, new PmemConfig(List.of(large, a))))) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> other.whileStanding(life -> {
                        life.restore(saved);
                        return life;
                    }));
        }
        assertFalse(Files.readString(Path.of("/proc/self/maps")).contains(directory.toString()));
    }

    private static Machine machine(MachineConfig config) {
        return Machine.create(config, new Console(0, 1, ConsoleInputFilter.NONE));
    }
}
