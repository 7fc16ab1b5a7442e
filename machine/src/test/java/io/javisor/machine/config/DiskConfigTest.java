package io.javisor.machine.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.devices.virtio.block.CacheMode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DiskConfigTest {
    @Test
    void everyWordIsTaken() {
        DiskConfig disk =
                DiskConfig.parse("path=/srv/a.img,readonly,cache=none,serial=S1,queues=4,iops=1000,bandwidth=20M");
        assertEquals(new DiskConfig(Path.of("/srv/a.img"), true, CacheMode.NONE, "S1", 4, 1000, 20 << 20), disk);
        assertEquals(disk, DiskConfig.parse(disk.toString()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"a.img | a.img", "a=b.img | a=b.img", "path=x,,y | x,y", "with space,readonly | with space"})
    void thePathMayComeFirst(String text, String path) {
        DiskConfig disk = DiskConfig.parse(text);
        assertEquals(Path.of(path), disk.path());
        assertEquals(disk, DiskConfig.parse(disk.toString()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "path=",
                "a,",
                "a,b",
                "a,cache=",
                "a,cache=WRITEBACK",
                "a,readonly=yes",
                "a,readonly,readonly",
                "a,path=b",
                "a,serial=123456789012345678901",
                "a,serial=é",
                "a,queues=65",
                "a,queues=-1",
                "a,iops=0",
                "a,iops=1e3",
                "a,bandwidth=1",
                "a,bandwidth=0K"
            })
    void whatIsNoDiskIsRefusedInOneLine(String text) {
        RuntimeException refusal = assertThrows(RuntimeException.class, () -> DiskConfig.parse(text));
        assertTrue(refusal instanceof ConfigException || refusal instanceof IllegalArgumentException);
        assertEquals(1, String.valueOf(refusal.getMessage()).lines().count());
    }
}
