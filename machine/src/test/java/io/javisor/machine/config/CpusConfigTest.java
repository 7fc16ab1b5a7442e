package io.javisor.machine.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.cpu.CpuConfig;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CpusConfigTest {
    @ParameterizedTest
    @ValueSource(ints = {0, -1, 255, 100_000})
    void aCountOutOfRangeIsRefused(int count) {
        refused(() -> new CpusConfig(count, CpuConfig.DEFAULT));
        refused(() -> CpusConfig.DEFAULT.withCount(count));
        refused(() -> MachineConfig.builder(Path.of("k")).cpus(count).build());
    }

    private static void refused(Executable attempt) {
        ConfigException refusal = assertThrows(ConfigException.class, attempt);
        assertTrue(refusal.toString().contains("1 to 254"), refusal::toString);
    }

    @Test
    void oneByDefault() {
        assertEquals(new CpusConfig(1, CpuConfig.DEFAULT), CpusConfig.DEFAULT);
    }

    @Test
    void eachPartCanBeChanged() {
        CpuConfig features = CpuConfig.parse("x86-64-v2");
        assertEquals(
                new CpusConfig(254, features), CpusConfig.DEFAULT.withCount(254).withFeatures(features));
    }
}
