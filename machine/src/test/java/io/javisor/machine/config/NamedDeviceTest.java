package io.javisor.machine.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamedDeviceTest {
    private static MachineConfig.Builder machine() {
        return MachineConfig.builder(Path.of("k"));
    }

    private static List<String> ids(MachineConfig.Builder machine) {
        return machine.build().devices().stream().map(NamedDevice::id).toList();
    }

    @Test
    void idsAreCountedForEachKind() {
        DiskConfig disk = DiskConfig.of(Path.of("d"));
        assertEquals(
                List.of("disk0", "rng0", "disk1", "disk2"),
                ids(machine().virtio(List.of(disk, RngConfig.UNLIMITED, disk)).add(new CloudInitConfig(Path.of("u")))));
    }

    @Test
    void anIdThatIsTakenIsPassedOver() {
        assertEquals(
                List.of("rng0", "rng2", "rng1"),
                ids(machine()
                        .devices(List.of(
                                new NamedDevice("rng0", RngConfig.UNLIMITED),
                                new NamedDevice("rng2", RngConfig.UNLIMITED)))
                        .add(RngConfig.UNLIMITED)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"root", "com1", "com4", "rtc", "pic", "acpi-pm"})
    void twoDevicesCanNotHaveOneId(String id) {
        NamedDevice device = new NamedDevice(id, RngConfig.UNLIMITED);
        NamedDevice root = new NamedDevice("root", RngConfig.UNLIMITED);
        ConfigException e = assertThrows(
                ConfigException.class,
                () -> machine().devices(List.of(root, device)).build());
        assertEquals("two devices can't both have the id '" + id + "'; give one of them another", e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a/b", "\u00e9", "a\n"})
    void noIdHasAnythingElse(String id) {
        assertThrows(ConfigException.class, () -> new NamedDevice(id, RngConfig.UNLIMITED));
    }
}
