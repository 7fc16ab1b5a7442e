package io.javisor.machine.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class StitchedDiskConfigTest {
    private static final Path FILE = Path.of("/srv/meta");

    @Test
    void hasFilesAndASerialNumber() {
        assertThrows(ConfigException.class, () -> new StitchedDiskConfig(List.of(), ""));
        assertThrows(ConfigException.class, () -> new StitchedDiskConfig(List.of(FILE), "é"));
        assertThrows(ConfigException.class, () -> new StitchedDiskConfig(List.of(FILE), "s".repeat(21)));
        assertEquals(
                2,
                new StitchedDiskConfig(List.of(FILE, FILE), "s".repeat(20))
                        .files()
                        .size());
    }

    @Test
    void isAnImageBesideTheDisks() {
        MachineConfig machine = MachineConfig.builder(Path.of("k"))
                .virtio(List.of(
                        new StitchedDiskConfig(List.of(FILE), "image"),
                        DiskConfig.of(Path.of("d")),
                        new StitchedDiskConfig(Collections.nCopies(3, FILE), "")))
                .build();
        assertEquals(
                List.of("image0", "disk0", "image1"),
                machine.devices().stream().map(NamedDevice::id).toList());
        assertEquals(List.of(DiskConfig.of(Path.of("d"))), machine.disks());
        assertEquals(
                "virtio disk: /srv/meta,readonly,serial=image",
                machine.virtio().getFirst().description());
        assertEquals(
                "virtio disk: /srv/meta and 2 more,readonly",
                machine.virtio().getLast().description());
    }
}
