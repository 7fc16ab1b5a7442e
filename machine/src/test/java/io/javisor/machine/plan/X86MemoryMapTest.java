package io.javisor.machine.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.memory.GpaRange;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class X86MemoryMapTest {
    @ParameterizedTest
    @ValueSource(longs = {2L << 20, 512L << 20, 3L << 30, (3L << 30) + 4096, 4L << 30, 64L << 30})
    void ramAddsUpAndKeepsOffTheDeviceHole(long bytes) {
        List<GpaRange> ram = X86MemoryMap.ram(bytes);
        assertEquals(bytes, ram.stream().mapToLong(GpaRange::sizeBytes).sum());
        assertEquals(0, ram.getFirst().startGpa());
        for (GpaRange range : ram) {
            assertTrue(range.endGpa() <= X86MemoryMap.DEVICE_HOLE_GPA || range.startGpa() >= X86MemoryMap.HIGH_RAM_GPA);
        }
    }

    @Test
    void noTwoDevicesShareAPort() {
        Set<Integer> ports = new HashSet<>();
        List<DevicePlacement> all = new ArrayList<>(FixedPlacements.DEVICES);
        all.addAll(FixedPlacements.COM);
        for (DevicePlacement device : all) {
            for (DevicePlacement.Ports range : device.ports()) {
                for (int port = range.first(); port <= range.last(); port++) {
                    assertTrue(ports.add(port), device.id() + " at 0x" + Integer.toHexString(port));
                }
            }
        }
    }
}
