package io.javisor.machine.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.memory.MemoryBackingConfig;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryConfigTest {
    @ParameterizedTest
    @ValueSource(longs = {0, -1, 4096, (2 << 20) - 1})
    void tooLittleIsRefused(long bytes) {
        refused("too little", () -> new MemoryConfig(bytes, MemoryBackingConfig.DEFAULT));
        refused(
                "too little",
                () -> MachineConfig.builder(Path.of("k")).memoryBytes(bytes).build());
    }

    @Test
    void itIsWholePages() {
        refused("multiple of 4K", () -> MemoryConfig.DEFAULT.withSizeBytes((4 << 20) + 1));
    }

    private static void refused(String reason, Executable attempt) {
        ConfigException refusal = assertThrows(ConfigException.class, attempt);
        assertTrue(refusal.toString().contains(reason), refusal::toString);
    }

    @Test
    void itIs512MibByDefault() {
        assertEquals(new MemoryConfig(512L << 20, MemoryBackingConfig.DEFAULT), MemoryConfig.DEFAULT);
    }

    @Test
    void eachPartCanBeChanged() {
        MemoryBackingConfig backing = MemoryBackingConfig.parse("memfd");
        assertEquals(
                new MemoryConfig(2 << 20, backing),
                MemoryConfig.DEFAULT.withSizeBytes(2 << 20).withBacking(backing));
    }
}
