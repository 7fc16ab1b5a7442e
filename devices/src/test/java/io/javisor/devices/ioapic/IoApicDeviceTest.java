package io.javisor.devices.ioapic;

import static io.javisor.devices.ioapic.IoApicRegisters.*;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.bus.AddressBus;
import org.junit.jupiter.api.Test;

class IoApicDeviceTest {
    private static final long GPA = 0xFEC0_0000L;

    private final RecordingProcessors processors = new RecordingProcessors();
    private final IoApicDevice device = new IoApicDevice(VERSION_20, processors);
    private final AddressBus bus = AddressBus.deviceMemory();

    IoApicDeviceTest() {
        var _ = bus.register("io-apic", GPA, WINDOW_SIZE, device);
    }

    @Test
    void linesAndEndsReachTheChip() {
        set(IOREDTBL + 18, 0x61 | LEVEL);
        set(IOREDTBL + 8, 0x62);
        device.line(9).raise();
        device.line(4).pulse();
        device.line(4).pulse();
        assertEquals(3, processors.take().size());
        device.ended(0x61);
        assertEquals(1, processors.take().size());
        device.line(9).lower();
        device.ended(0x61);
        assertEquals(0, processors.take().size());
        assertEquals(4, device.counters().messages());
    }

    @Test
    void aPulseAtAnAssertedLineIsAnEdge() {
        set(IOREDTBL + 8, 0x62);
        device.line(4).set(true);
        device.line(4).pulse();
        assertEquals(2, processors.take().size());
    }

    @Test
    void stateGoesOnElsewhereAndResetForgetsIt() {
        set(IOREDTBL + 18, 0x61 | LEVEL);
        device.line(9).raise();
        IoApicDevice other = new IoApicDevice(VERSION_20, processors);
        other.restore(device.save());
        assertEquals(device.save(), other.save());
        processors.messages.clear();
        other.ended(0x61);
        assertEquals(1, processors.take().size());
        other.reset();
        assertEquals((long) MASKED, other.save().redirections().get(9));
    }

    private void set(int index, long value) {
        bus.write(GPA + IOREGSEL_OFFSET, 1, index);
        bus.write(GPA + IOWIN_OFFSET, 4, value);
    }
}
