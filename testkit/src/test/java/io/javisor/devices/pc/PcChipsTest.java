package io.javisor.devices.pc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.irq.ConnectedLine;
import io.javisor.core.irq.GsiInput;
import io.javisor.core.irq.InterruptChips;
import io.javisor.devices.ioapic.IoApicRegisters;
import io.javisor.devices.pit.PitRegisters;
import io.javisor.testkit.FakeTime;
import io.javisor.testkit.RecordingLine;
import org.junit.jupiter.api.Test;

class PcChipsTest {
    private static final int VECTOR = 0x61;
    private static final int NONE = -1;
    private static final int MILLI = 1_000_000;

    private final RecordingLine intr = new RecordingLine();
    private final PcRig pc = new PcRig(intr, new ModelProcessor(), new FakeTime(0));

    @Test
    void anEdgeReachesBothKindsOfChips() {
        pc.redirect(4, VECTOR);
        pc.edge(4).raise();
        assertEquals(VECTOR, pc.serveApic());
        assertTrue(intr.isHigh());
        assertEquals(4, pc.serveIntr());
        assertFalse(intr.isHigh());
    }

    @Test
    void theInputsAreWiredAsOnAPc() {
        for (int gsi = 0; gsi < InterruptChips.PIN_COUNT; gsi++) {
            RecordingLine wire = new RecordingLine();
            PcRig each = new PcRig(wire, new ModelProcessor(), new FakeTime(0));
            for (int pin = 0; pin < InterruptChips.PIN_COUNT; pin++) {
                each.redirect(pin, 0x40 + pin);
            }
            each.edge(gsi).raise();
            int pin = gsi == 0 ? 2 : gsi;
            assertEquals(gsi == 2 ? NONE : 0x40 + pin, each.serveApic(), "GSI " + gsi);
            assertEquals(NONE, each.serveApic(), "one pin");
            assertEquals(gsi != 2 && gsi < 16, wire.isHigh(), "GSI " + gsi);
            if (wire.isHigh()) {
                assertEquals(gsi, each.serveIntr());
            }
            assertFalse(wire.isHigh(), "one IRQ");
        }
    }

    @Test
    void anInputThatThereIsNotIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> pc.chips.connect(GsiInput.isa(24)));
    }

    @Test
    void anEdgeLineInterruptsOnceForEachRise() {
        pc.redirect(4, VECTOR);
        ConnectedLine line = pc.edge(4);
        line.raise();
        line.raise();
        assertEquals(VECTOR, pc.serveApic());
        assertEquals(NONE, pc.serveApic());
        line.lower();
        line.lower();
        assertEquals(NONE, pc.serveApic());
        line.raise();
        assertEquals(VECTOR, pc.serveApic());
        line.pulse();
        assertEquals(VECTOR, pc.serveApic());
        line.raise();
        assertEquals(NONE, pc.serveApic(), "a pulse does not lower the line");
    }

    @Test
    void devicesThatShareAnEdgeLineDoNotMaskEachOther() {
        pc.redirect(3, VECTOR);
        ConnectedLine one = pc.edge(3);
        ConnectedLine other = pc.edge(3);
        one.raise();
        assertEquals(VECTOR, pc.serveApic());
        assertEquals(3, pc.serveIntr());
        other.raise();
        assertEquals(VECTOR, pc.serveApic(), "while the first is still up");
        assertEquals(3, pc.serveIntr());
        one.lower();
        other.raise();
        assertEquals(NONE, pc.serveApic());
        one.close();
        one.close();
        other.pulse();
        assertEquals(VECTOR, pc.serveApic());
    }

    @Test
    void anEdgeAtAMaskedPinIsLostAndStaysInThe8259A() {
        pc.out(0x21, 0xFF);
        pc.edge(4).raise();
        pc.redirect(4, VECTOR);
        assertEquals(NONE, pc.serveApic());
        assertFalse(intr.isHigh());
        pc.out(0x21, 0);
        assertTrue(intr.isHigh());
        assertEquals(4, pc.serveIntr());
    }

    @Test
    void aLevelInterruptsUntilItFalls() {
        pc.redirect(20, VECTOR | IoApicRegisters.LEVEL);
        ConnectedLine line = pc.level(20);
        line.raise();
        line.raise();
        assertEquals(VECTOR, pc.processor.take());
        assertEquals(NONE, pc.processor.take(), "in service");
        pc.end();
        assertEquals(VECTOR, pc.processor.take(), "the end of the interrupt looks at the line again");
        line.lower();
        pc.end();
        assertEquals(NONE, pc.processor.take());
        line.raise();
        assertEquals(VECTOR, pc.processor.take());
    }

    @Test
    void aLevelThatDevicesShareIsHighWhileAnyOfThemAsserts() {
        pc.out(0x4D1, 1 << 2); // IRQ 10 is a level
        pc.redirect(10, VECTOR | IoApicRegisters.LEVEL);
        ConnectedLine one = pc.level(10);
        ConnectedLine other = pc.level(10);
        one.raise();
        other.raise();
        one.lower();
        assertEquals(VECTOR, pc.serveApic());
        assertEquals(VECTOR, pc.serveApic());
        assertEquals(10, pc.serveIntr());
        assertTrue(intr.isHigh(), "still asserted");
        other.close();
        assertEquals(VECTOR, pc.serveApic(), "it was sent before the line fell");
        assertEquals(NONE, pc.serveApic());
        assertEquals(15, pc.serveIntr(), "an acknowledge cycle that comes too late is spurious");
        assertFalse(intr.isHigh());
    }

    @Test
    void aLevelThatNoProcessorTakesIsSentWhenOneCan() {
        pc.processor.enable(false);
        pc.redirect(20, VECTOR | IoApicRegisters.LEVEL);
        ConnectedLine line = pc.level(20);
        line.raise();
        assertEquals(0, pc.redirection(20) & IoApicRegisters.REMOTE_IRR);
        pc.processor.enable(true);
        pc.redirect(20, VECTOR | IoApicRegisters.LEVEL);
        assertEquals(VECTOR, pc.processor.take());
        assertNotEquals(0, pc.redirection(20) & IoApicRegisters.REMOTE_IRR);
    }

    @Test
    void counter0TicksAtBothKindsOfChips() {
        pc.redirect(2, VECTOR);
        startCounter0(11_932); // 100 Hz
        for (int tick = 0; tick < 5; tick++) {
            assertFalse(intr.isHigh());
            pc.time.advance(10 * MILLI + 1000);
            assertTrue(intr.isHigh());
            assertEquals(0, pc.serveIntr());
            assertEquals(VECTOR, pc.serveApic());
            assertEquals(NONE, pc.serveApic());
        }
        pc.out(0x21, 1);
        pc.redirect(2, VECTOR | IoApicRegisters.MASKED);
        pc.time.advance(100 * MILLI);
        assertFalse(intr.isHigh());
        assertEquals(NONE, pc.serveApic());
    }

    @Test
    void portBHasGateAndOutputOfCounter2AndTheRefresh() {
        pc.out(0x61, 0);
        pc.out(0x43, 0xB0); // counter 2, both bytes, mode 0
        pc.out(0x42, 0x54);
        pc.out(0x42, 0x04); // 1108 ticks, 0.93 ms
        pc.time.advance(5 * MILLI);
        assertEquals(0, pc.in(0x61) & PitRegisters.PORT_B_OUT_2, "the gate is low");
        pc.out(0x61, PitRegisters.PORT_B_GATE_2);
        pc.time.advance(MILLI / 2);
        assertEquals(0, pc.in(0x61) & PitRegisters.PORT_B_OUT_2);
        pc.time.advance(MILLI / 2);
        assertEquals(PitRegisters.PORT_B_OUT_2, pc.in(0x61) & PitRegisters.PORT_B_OUT_2);
        int before = pc.in(0x61) & PitRegisters.PORT_B_REFRESH;
        pc.time.advance(15_100);
        assertNotEquals(before, pc.in(0x61) & PitRegisters.PORT_B_REFRESH);
    }

    @Test
    void theEndGivesTheTimerBack() {
        startCounter0(1000);
        assertEquals(1, pc.time.open());
        pc.chips.close();
        assertEquals(0, pc.time.open());
    }

    private void startCounter0(int ticks) {
        pc.out(0x43, 0x34); // counter 0, both bytes, mode 2
        pc.out(0x40, ticks & 0xFF);
        pc.out(0x40, ticks >> 8);
    }
}
