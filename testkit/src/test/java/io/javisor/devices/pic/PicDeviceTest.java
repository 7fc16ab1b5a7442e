package io.javisor.devices.pic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.bus.AddressBus;
import io.javisor.testkit.RecordingLine;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PicDeviceTest {
    private final RecordingLine intr = new RecordingLine();
    private final PicDevice device = new PicDevice(intr);
    private final AddressBus bus = AddressBus.ports();

    @BeforeEach
    void initialize() {
        var _ = bus.register("pic 1", 0x20, PicRegisters.PORT_COUNT, device.firstPorts());
        var _ = bus.register("pic 2", 0xA0, PicRegisters.PORT_COUNT, device.secondPorts());
        var _ = bus.register("elcr", 0x4D0, PicRegisters.ELCR_PORT_COUNT, device.elcrPorts());
        for (int port : new int[] {0x20, 0xA0}) {
            bus.write(port, 1, 0x11);
            bus.write(port + 1, 1, port == 0x20 ? 0x30 : 0x38);
            bus.write(port + 1, 1, port == 0x20 ? 4 : 2);
            bus.write(port + 1, 1, 1);
        }
    }

    @Test
    void theOutputFollows() {
        device.line(4).raise();
        assertTrue(intr.isHigh());
        assertEquals(0x34, device.acknowledge());
        assertFalse(intr.isHigh());
        device.line(3).pulse();
        assertTrue(intr.isHigh());
        bus.write(0x21, 1, 0x08);
        assertFalse(intr.isHigh());
        bus.write(0x21, 1, 0);
        assertTrue(intr.isHigh());
        assertEquals(0x33, device.acknowledge());
        device.line(4).lower();
        device.line(4).set(true);
        bus.write(0x20, 1, 0x20);
        bus.write(0x20, 1, 0x20);
        assertTrue(intr.isHigh());
        device.reset();
        assertFalse(intr.isHigh());
        assertEquals(2, device.counters().interrupts());
    }

    @Test
    void aPulseIsAnEdgeWhateverTheLevelIs() {
        device.line(9).raise();
        assertEquals(0x39, device.acknowledge());
        bus.write(0xA0, 1, 0x20);
        bus.write(0x20, 1, 0x20);
        device.line(9).pulse();
        assertEquals(0x39, device.acknowledge());
    }

    @Test
    void theCascadesLineLeadsNowhere() {
        device.line(PicRegisters.CASCADE_IRQ).pulse();
        device.line(PicRegisters.CASCADE_IRQ).raise();
        assertFalse(intr.isHigh());
    }

    @Test
    void wideAccessesAreBytesOfConsecutivePorts() {
        bus.write(0x20, 2, 0x5A0B); // OCW3: read the ISR; OCW1
        assertEquals(0x5A00, bus.read(0x20, 2));
        bus.write(0x4D0, 2, 0xFFFF);
        assertEquals(0xDEF8, bus.read(0x4D0, 2));
        assertEquals(0xFFFF_DEF8L, bus.read(0x4D0, 4));
        assertEquals(0xFFFF_FFFFL & device.firstPorts().read(0, 4), 0xFFFF_5A00L);
        device.firstPorts().write(0, 4, 0x1111_1100L);
        assertEquals(0x11, bus.read(0x21, 1));
        assertEquals(4, device.counters().illegalAccesses());
    }

    @Test
    void stateGoesOnElsewhere() {
        bus.write(0x4D1, 1, 0x02);
        device.line(9).raise();
        RecordingLine newIntr = new RecordingLine();
        PicDevice other = new PicDevice(newIntr);
        other.restore(device.save());
        assertTrue(newIntr.isHigh());
        assertEquals(device.save(), other.save());
        assertEquals(0x39, other.acknowledge());
        other.line(9).lower();
        other.firstPorts().write(0, 1, 0x20);
        other.secondPorts().write(0, 1, 0x20);
        assertFalse(newIntr.isHigh());
    }
}
