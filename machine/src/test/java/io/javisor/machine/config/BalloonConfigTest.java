package io.javisor.machine.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BalloonConfigTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "on                                | on",
                "on,size=64M                       | on,size=64M",
                "size=64M                          | on,size=64M",
                "on,size=0                         | on",
                "on,free-page-reporting=off        | on,free-page-reporting=off",
                "on,free-page-reporting=on,stats=0 | on",
                "stats=5,deflate-on-oom=off        | on,deflate-on-oom=off,stats=5"
            })
    void itIsWrittenAsItIsRead(String text, String written) {
        BalloonConfig config = BalloonConfig.parse(text);
        assertEquals(written, config.toString());
        assertEquals(config, BalloonConfig.parse(config.toString()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "maybe",
                "on=1",
                "on,size=",
                "on,stats=-1",
                "on,stats=65536",
                "on,stats=x",
                "on,deflate-on-oom=1"
            })
    void whatIsNoneIsRefused(String text) {
        assertThrows(RuntimeException.class, () -> BalloonConfig.parse(text));
    }

    @Test
    void onlyItsNameIsAdvisedOf() {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> BalloonConfig.parse("on,free-page-report=on"));
        assertTrue(String.valueOf(e.getMessage()).contains("free-page-reporting"), e::toString);
    }

    @Test
    void aMachineHasOneThatFits() {
        MachineConfig.Builder machine = MachineConfig.builder(Path.of("k")).memoryBytes(64 << 20);
        BalloonConfig whole = new BalloonConfig(64 << 20, true, true, 0);
        assertEquals(1, machine.virtio(List.of(whole)).build().devices().size());
        assertThrows(
                ConfigException.class,
                () -> machine.virtio(List.of(whole, BalloonConfig.DEFAULT)).build());
        assertThrows(ConfigException.class, () -> new BalloonConfig(1, true, true, 0));
        BalloonConfig more = new BalloonConfig((64 << 20) + 4096, true, true, 0);
        assertThrows(ConfigException.class, () -> machine.virtio(List.of(more)).build());
    }
}
