package io.javisor.devices.ioapic;

import static io.javisor.devices.ioapic.IoApicRegisters.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.core.irq.DeliveryMode;
import io.javisor.devices.ioapic.RecordingProcessors.Message;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IoApicTest {
    private static final Message EDGE = new Message(DeliveryMode.FIXED, 0x51, 3, false, false);
    private static final Message LEVEL_MESSAGE = new Message(DeliveryMode.FIXED, 0x51, 3, false, true);

    private final RecordingProcessors processors = new RecordingProcessors();
    private final IoApic ioApic = new IoApic(VERSION_20, processors);

    @Test
    void afterPowerOn() {
        assertEquals(0, get(IOAPICID));
        assertEquals(0x0017_0020, get(IOAPICVER));
        assertEquals(0, get(IOAPICARB));
        for (int pin = 0; pin < PIN_COUNT; pin++) {
            assertEquals(MASKED, low(pin));
            assertEquals(0, get(IOREDTBL + 2 * pin + 1));
        }
        assertEquals(0x0017_0011, new Driver(new IoApic(VERSION_11, processors)).get(IOAPICVER));
        assertEquals(new IoApicCounters(0, 0, 0, 0), ioApic.counters());
    }

    @Test
    void theIdHasFourBitsAndLoadsTheArbitrationId() {
        set(IOAPICID, 0xFFFF_FFFF);
        assertEquals(0x0F00_0000, get(IOAPICID));
        assertEquals(0x0F00_0000, get(IOAPICARB));
        ioApic.reset();
        assertEquals(0, get(IOAPICID));
    }

    @Test
    void theEntryKeepsWhatCanBeWritten() {
        set(IOREDTBL + 6, 0xFFFF_FFFF);
        set(IOREDTBL + 7, 0xFFFF_FFFF);
        assertEquals(0x0001_AFFF, low(3));
        assertEquals(0xFF00_0000, get(IOREDTBL + 7));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 9, 16, 23})
    void anEdgeSendsOnce(int pin) {
        redirect(pin, 0x51, 3);
        ioApic.setLine(pin, true);
        ioApic.setLine(pin, true);
        assertEquals(List.of(EDGE), processors.take());
        ioApic.endOfInterrupt(0x51);
        ioApic.setLine(pin, false);
        assertEquals(List.of(), processors.take());
        ioApic.setLine(pin, true);
        assertEquals(List.of(EDGE), processors.take());
        assertEquals(2, ioApic.counters().messages());
    }

    @Test
    void anEdgeAtAMaskedPinIsLost() {
        redirect(4, 0x51 | MASKED, 3);
        ioApic.setLine(4, true);
        redirect(4, 0x51, 3);
        assertEquals(List.of(), processors.take());
        assertEquals(1, ioApic.counters().maskedEdges());
        ioApic.setLine(4, false);
        ioApic.setLine(4, true);
        assertEquals(List.of(EDGE), processors.take());
    }

    @Test
    void aLevelSendsUntilItsLineIsNegated() {
        redirect(9, 0x51 | LEVEL, 3);
        ioApic.setLine(9, true);
        assertEquals(List.of(LEVEL_MESSAGE), processors.take());
        assertEquals(0x51 | LEVEL | REMOTE_IRR, low(9));
        ioApic.setLine(9, false);
        ioApic.setLine(9, true);
        assertEquals(List.of(), processors.take(), "in service");
        ioApic.endOfInterrupt(0x51);
        assertEquals(List.of(LEVEL_MESSAGE), processors.take(), "still asserted");
        ioApic.setLine(9, false);
        ioApic.endOfInterrupt(0x52);
        assertEquals(REMOTE_IRR, low(9) & REMOTE_IRR, "another vector's end");
        ioApic.endOfInterrupt(0x51);
        assertEquals(List.of(), processors.take());
        assertEquals(0x51 | LEVEL, low(9));
    }

    @Test
    void aMaskedLevelSendsWhenUnmaskedIfItsLineIsStillAsserted() {
        redirect(9, 0x51 | LEVEL | MASKED, 3);
        ioApic.setLine(9, true);
        assertEquals(List.of(), processors.take());
        redirect(9, 0x51 | LEVEL, 3);
        assertEquals(List.of(LEVEL_MESSAGE), processors.take());
        redirect(9, 0x51 | LEVEL | MASKED, 3);
        ioApic.endOfInterrupt(0x51);
        assertEquals(List.of(), processors.take());
        ioApic.setLine(9, false);
        redirect(9, 0x51 | LEVEL, 3);
        assertEquals(List.of(), processors.take());
    }

    @Test
    void maskingDoesNotEndWhatIsInService() {
        redirect(9, 0x51 | LEVEL, 3);
        ioApic.setLine(9, true);
        redirect(9, 0x51 | LEVEL | MASKED, 3);
        redirect(9, 0x51 | LEVEL, 3);
        assertEquals(List.of(LEVEL_MESSAGE), processors.take());
        assertEquals(REMOTE_IRR, low(9) & REMOTE_IRR);
    }

    /** Linux clears a remote IRR that hangs so, and on version 0x20 by the EOI register. */
    @Test
    void makingTheEntryAnEdgeClearsRemoteIrr() {
        redirect(9, 0x51 | LEVEL, 3);
        ioApic.setLine(9, true);
        redirect(9, 0x51 | MASKED, 3);
        assertEquals(0x51 | MASKED, low(9));
        redirect(9, 0x51 | LEVEL, 3);
        assertEquals(2, processors.take().size());
    }

    @Test
    void theEoiRegisterEndsAsAProcessorDoes() {
        redirect(9, 0x51 | LEVEL, 3);
        redirect(10, 0x51 | LEVEL, 4);
        ioApic.setLine(9, true);
        ioApic.setLine(10, true);
        ioApic.setLine(10, false);
        processors.messages.clear();
        ioApic.write(EOI_OFFSET, 4, 0xABCD_0051L);
        assertEquals(List.of(LEVEL_MESSAGE), processors.take());
        assertEquals(0, low(10) & REMOTE_IRR);
        assertEquals(0, ioApic.read(EOI_OFFSET, 4));
        assertEquals(0, ioApic.counters().illegalAccesses());
    }

    @Test
    void version11HasNoEoiRegister() {
        IoApic old = new IoApic(VERSION_11, processors);
        Driver driver = new Driver(old);
        driver.set(IOREDTBL + 18, 0x51 | LEVEL);
        old.setLine(9, true);
        old.setLine(9, false);
        old.write(EOI_OFFSET, 4, 0x51);
        assertEquals(REMOTE_IRR, driver.get(IOREDTBL + 18) & REMOTE_IRR);
        assertEquals(0, old.read(EOI_OFFSET, 4));
        assertEquals(2, old.counters().illegalAccesses());
    }

    @Test
    void aLevelThatNobodyTakesIsSentAgain() {
        processors.taken = false;
        redirect(9, 0x51 | LEVEL, 3);
        ioApic.setLine(9, true);
        assertEquals(0, low(9) & REMOTE_IRR);
        processors.taken = true;
        ioApic.setLine(9, true);
        assertEquals(List.of(LEVEL_MESSAGE, LEVEL_MESSAGE), processors.take());
        assertEquals(REMOTE_IRR, low(9) & REMOTE_IRR);
        assertEquals(new IoApicCounters(1, 1, 0, 0), ioApic.counters());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
    void deliveryModes(int code) {
        DeliveryMode mode = DeliveryMode.of(code);
        redirect(5, 0x51 | code << DELIVERY_MODE_SHIFT | LEVEL, 3);
        ioApic.setLine(5, true);
        boolean level = mode == DeliveryMode.FIXED || mode == DeliveryMode.LOWEST_PRIORITY;
        boolean none = mode == DeliveryMode.RESERVED || mode == DeliveryMode.STARTUP;
        assertEquals(none ? List.of() : List.of(new Message(mode, 0x51, 3, false, level)), processors.take());
        assertEquals(level ? REMOTE_IRR : 0, low(5) & REMOTE_IRR);
        ioApic.setLine(5, false);
        ioApic.setLine(5, true);
        assertEquals(!none && !level ? 1 : 0, processors.take().size(), "an edge again");
    }

    @ParameterizedTest
    @CsvSource({"0x00, 0, 0", "0x0F, 0, 15", "0xFE, 0, 254", "0xFF, 0, 255", "0x81, 0x800, 0x81", "0xFF, 0x800, 255"})
    void destinations(int destination, int mode, int sent) {
        redirect(5, 0x51 | mode, destination);
        ioApic.setLine(5, true);
        assertEquals(List.of(new Message(DeliveryMode.FIXED, 0x51, sent, mode != 0, false)), processors.take());
    }

    @Test
    void polarityIsOnlyKept() {
        redirect(9, 0x51 | LEVEL | ACTIVE_LOW, 3);
        assertEquals(List.of(), processors.take());
        ioApic.setLine(9, true);
        assertEquals(List.of(LEVEL_MESSAGE), processors.take());
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "0, 2", "0, 4"})
    void theIndexTakesNarrowAccesses(long offset, int size) {
        ioApic.write(offset, size, 0xFFFF_FF00L | IOAPICVER);
        assertEquals(IOAPICVER, ioApic.read(offset, size));
        assertEquals(0x0017_0020, ioApic.read(IOWIN_OFFSET, 4));
        assertEquals(0, ioApic.counters().illegalAccesses());
    }

    @ParameterizedTest
    @CsvSource({
        "0x00, 8",
        "0x01, 1",
        "0x04, 4",
        "0x0C, 4",
        "0x10, 1",
        "0x10, 2",
        "0x10, 8",
        "0x11, 4",
        "0x12, 2",
        "0x14, 4",
        "0x20, 4",
        "0x40, 1",
        "0x40, 8",
        "0x41, 4",
        "0x44, 4",
        "0x100, 4",
        "0xFFC, 4",
        "0xFF8, 8"
    })
    void otherAccessesDoNothing(int offset, int size) {
        redirect(2, 0x51 | LEVEL, 3);
        ioApic.setLine(2, true);
        IoApicState before = ioApic.save();
        ioApic.write(offset, size, -1L >>> (64 - 8 * size));
        assertEquals(before, ioApic.save());
        assertEquals(0, ioApic.read(offset, size));
        assertEquals(2, ioApic.counters().illegalAccesses());
    }

    @ParameterizedTest
    @ValueSource(ints = {0x03, 0x0F, 0x40, 0xFF})
    void otherIndicesAreNone(int index) {
        IoApicState before = ioApic.save();
        set(index, -1);
        assertEquals(0, get(index));
        assertEquals(2, ioApic.counters().illegalAccesses());
        assertEquals(before.redirections(), ioApic.save().redirections());
    }

    @ParameterizedTest
    @ValueSource(ints = {IOAPICVER, IOAPICARB})
    void readOnlyRegisters(int index) {
        int before = get(index);
        set(index, -1);
        assertEquals(before, get(index));
        assertEquals(1, ioApic.counters().illegalAccesses());
    }

    @Test
    void resetMasksAllAndKeepsLines() {
        redirect(9, 0x51 | LEVEL, 3);
        ioApic.setLine(9, true);
        processors.messages.clear();
        ioApic.reset();
        assertEquals(MASKED, low(9));
        assertEquals(0, get(IOREDTBL + 19));
        redirect(9, 0x51 | LEVEL, 3);
        assertEquals(1, processors.messages.size());
    }

    @Test
    void stateGoesOnElsewhereWithAnInterruptInService() {
        set(IOAPICID, 0x0200_0000);
        redirect(9, 0x51 | LEVEL, 3);
        ioApic.setLine(9, true);
        ioApic.setLine(4, true);
        RecordingProcessors others = new RecordingProcessors();
        IoApic other = new IoApic(VERSION_20, others);
        other.restore(ioApic.save());
        assertEquals(ioApic.save(), other.save());
        assertEquals(List.of(), others.take());
        other.setLine(4, true);
        assertEquals(List.of(), others.take(), "no edge: it was asserted");
        other.endOfInterrupt(0x51);
        assertEquals(List.of(LEVEL_MESSAGE), others.take());
    }

    @Test
    void statesThatCannotBeAreRefused() {
        List<Long> good = ioApic.save().redirections();
        assertThrows(IllegalArgumentException.class, () -> new IoApic(0x12, processors));
        assertRefused(2, 0, 0, 0, good);
        assertRefused(1, 16, 0, 0, good);
        assertRefused(1, 0, 256, 0, good);
        assertRefused(1, 0, 0, 1 << 24, good);
        assertRefused(1, 0, 0, 0, good.subList(1, 24));
        assertRefused(1, 0, 0, 0, with(good, REMOTE_IRR));
        assertRefused(1, 0, 0, 0, with(good, DELIVERY_STATUS));
        assertRefused(1, 0, 0, 0, with(good, 1L << 40));
    }

    private static List<Long> with(List<Long> good, long entry) {
        List<Long> changed = new ArrayList<>(good);
        changed.set(7, entry);
        return changed;
    }

    private static void assertRefused(int version, int id, int index, int lines, List<Long> entries) {
        assertThrows(IllegalArgumentException.class, () -> new IoApicState(version, id, 0, index, lines, entries));
    }

    private void redirect(int pin, int low, int destination) {
        set(IOREDTBL + 2 * pin + 1, destination << DESTINATION_SHIFT);
        set(IOREDTBL + 2 * pin, low);
    }

    private int low(int pin) {
        return get(IOREDTBL + 2 * pin);
    }

    private int get(int index) {
        return new Driver(ioApic).get(index);
    }

    private void set(int index, int value) {
        new Driver(ioApic).set(index, value);
    }

    private record Driver(IoApic ioApic) {
        int get(int index) {
            ioApic.write(IOREGSEL_OFFSET, 4, index);
            return (int) ioApic.read(IOWIN_OFFSET, 4);
        }

        void set(int index, int value) {
            ioApic.write(IOREGSEL_OFFSET, 4, index);
            ioApic.write(IOWIN_OFFSET, 4, value & 0xFFFF_FFFFL);
        }
    }
}
