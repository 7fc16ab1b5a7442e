package io.javisor.machine.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.NamedDevice;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FixedPlacementsTest {
    /** What counts for a bus has an id too, and no placement. */
    private static final List<String> BUSES = List.of("ports", "device-memory", "ioapic");

    @Test
    void aConfigurationKnowsTheirIds() {
        Set<String> ids = new TreeSet<>(BUSES);
        Stream.of(FixedPlacements.DEVICES, FixedPlacements.CHIPS, FixedPlacements.COM)
                .flatMap(List::stream)
                .map(DevicePlacement::id)
                .forEach(ids::add);
        assertEquals(ids, new TreeSet<>(NamedDevice.FIXED_IDS));
    }

    @Test
    void aConfigurationKnowsHowManyVirtioDevicesThereIsRoomFor() {
        assertEquals(X86MemoryMap.VIRTIO_MMIO_GSIS.size(), MachineConfig.MAX_VIRTIO_DEVICES);
    }
}
