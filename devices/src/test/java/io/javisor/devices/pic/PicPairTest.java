package io.javisor.devices.pic;

import static io.javisor.devices.pic.PicRegisters.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Behaviour of the 8259A data sheet, as a driver sees it. */
class PicPairTest {
    private static final int FIRST = 0;
    private static final int SECOND = 1;
    private static final int EOI = 0x20;
    private static final int READ_IRR = 0x0A;
    private static final int READ_ISR = 0x0B;

    private final PicPair pics = new PicPair();

    @BeforeEach
    void initializeAsLinuxDoes() {
        initialize(0x11, 0x01);
    }

    @ParameterizedTest
    @CsvSource({"0, 0x30", "1, 0x31", "3, 0x33", "7, 0x37", "8, 0x38", "9, 0x39", "13, 0x3D", "15, 0x3F"})
    void anEdgeIsDeliveredOnce(int irq, int vector) {
        assertFalse(pics.asserted());
        pics.setInput(irq, true);
        assertTrue(pics.asserted());
        assertEquals(vector, pics.acknowledge());
        assertFalse(pics.asserted());
        end(irq);
        assertFalse(pics.asserted(), "the level alone is no request");
        pics.setInput(irq, false);
        pics.setInput(irq, true);
        assertEquals(vector, pics.acknowledge());
        assertEquals(new PicCounters(2, 0, 0), pics.counters());
    }

    @Test
    void anEdgeIsLatchedWhenItsLineFalls() {
        pics.setInput(4, true);
        pics.setInput(4, false);
        assertTrue(pics.asserted());
        assertEquals(0x34, pics.acknowledge());
    }

    @Test
    void lowerNumbersInterruptHigherOnes() {
        pics.setInput(4, true);
        assertEquals(0x34, pics.acknowledge());
        pics.setInput(5, true);
        assertFalse(pics.asserted());
        pics.setInput(3, true);
        assertEquals(0x33, pics.acknowledge());
        assertEquals(1 << 3 | 1 << 4, isr(FIRST));
        end(3);
        assertFalse(pics.asserted());
        end(4);
        assertEquals(0x35, pics.acknowledge());
    }

    @Test
    void theSecondChipRanksAsTheFirstsInput2() {
        pics.setInput(12, true);
        pics.setInput(3, true);
        assertEquals(0x3C, pics.acknowledge());
        assertFalse(pics.asserted());
        pics.setInput(1, true);
        assertEquals(0x31, pics.acknowledge());
        assertEquals(1 << 4, isr(SECOND));
        assertEquals(1 << 1 | 1 << 2, isr(FIRST));
    }

    @Test
    void requestsOfTheSecondChipFollowOneAnother() {
        pics.setInput(10, true);
        pics.setInput(11, true);
        assertEquals(0x3A, pics.acknowledge());
        pics.write(SECOND, 0, EOI);
        assertFalse(pics.asserted(), "the first chip still serves input 2");
        pics.write(FIRST, 0, EOI);
        assertEquals(0x3B, pics.acknowledge());
    }

    @Test
    void automaticEndOfInterruptOnTheSecondChipLosesNothing() {
        initialize(0x11, 0x03);
        pics.setInput(10, true);
        pics.setInput(11, true);
        assertEquals(0x3A, pics.acknowledge());
        assertEquals(0x3B, pics.acknowledge());
        assertEquals(0, isr(FIRST) | isr(SECOND));
    }

    @Test
    void specialFullyNestedModeLetsTheSecondChipInterruptItself() {
        pics.setInput(12, true);
        assertEquals(0x3C, pics.acknowledge());
        pics.setInput(9, true);
        assertFalse(pics.asserted());
        initialize(0x11, 0x11);
        pics.setInput(9, false);
        pics.setInput(12, false);
        pics.setInput(12, true);
        assertEquals(0x3C, pics.acknowledge());
        pics.setInput(9, true);
        assertEquals(0x39, pics.acknowledge());
        pics.write(SECOND, 0, EOI);
        assertEquals(1 << 4, isr(SECOND));
    }

    @Test
    void maskedRequestsWait() {
        pics.write(FIRST, 1, 0x10);
        pics.setInput(4, true);
        assertFalse(pics.asserted());
        assertEquals(0x10, pics.read(FIRST, 1));
        assertEquals(0x10, irr(FIRST));
        pics.write(FIRST, 1, 0);
        assertEquals(0x34, pics.acknowledge());
    }

    @Test
    void aRequestThatIsGoneIsSpurious7() {
        pics.setInput(4, true);
        pics.write(FIRST, 1, 0x10);
        assertEquals(0x37, pics.acknowledge());
        assertEquals(0, isr(FIRST));
        assertEquals(new PicCounters(0, 1, 0), pics.counters());
    }

    @Test
    void aRequestThatIsGoneFromTheSecondChipIsSpurious15AndNeedsAnEndOnTheFirst() {
        pics.setInput(14, true);
        pics.write(SECOND, 1, 0x40);
        assertTrue(pics.asserted(), "the first chip has latched the edge");
        assertEquals(0x3F, pics.acknowledge());
        assertEquals(0, isr(SECOND));
        assertEquals(1 << 2, isr(FIRST));
        pics.write(SECOND, 1, 0);
        pics.write(FIRST, 0, EOI);
        assertEquals(0x3E, pics.acknowledge());
        assertEquals(new PicCounters(1, 1, 0), pics.counters());
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5, 6, 7, 9, 10, 11, 12, 14, 15})
    void levelsByElcrRequestAsLongAsTheyAreHigh(int irq) {
        pics.writeElcr(irq / 8, 1 << irq % 8);
        assertEquals(1 << irq % 8, pics.readElcr(irq / 8));
        pics.setInput(irq, true);
        assertEquals(0x30 + irq, pics.acknowledge());
        end(irq);
        assertEquals(0x30 + irq, pics.acknowledge());
        pics.setInput(irq, false);
        end(irq);
        assertFalse(pics.asserted());
        pics.setInput(irq, true);
        assertTrue(pics.asserted());
        pics.setInput(irq, false);
        assertEquals(irq < 8 ? 0x37 : 0x3F, pics.acknowledge(), "spurious");
    }

    @Test
    void elcrRefusesTheInputsThatAPcNeedsAsEdges() {
        pics.writeElcr(0, 0xFF);
        pics.writeElcr(1, 0xFF);
        assertEquals(0xF8, pics.readElcr(0));
        assertEquals(0xDE, pics.readElcr(1));
    }

    @Test
    void elcrMadeLevelForgetsAnEdgeAndMadeEdgeAgainRemembersNone() {
        pics.setInput(5, true);
        pics.setInput(5, false);
        pics.writeElcr(0, 0x20);
        assertFalse(pics.asserted());
        pics.setInput(5, true);
        assertTrue(pics.asserted());
        pics.writeElcr(0, 0);
        assertFalse(pics.asserted());
    }

    @Test
    void ltimMakesAllInputsLevels() {
        initialize(0x19, 0x01);
        pics.setInput(0, true);
        assertEquals(0x30, pics.acknowledge());
        pics.write(FIRST, 0, EOI);
        assertEquals(0x30, pics.acknowledge());
        pics.write(FIRST, 0, EOI);
        pics.setInput(0, false);
        assertFalse(pics.asserted());
        pics.setInput(8, true);
        assertEquals(0x38, pics.acknowledge());
    }

    @Test
    void icw1ClearsEdgesMaskAndService() {
        pics.write(FIRST, 1, 0xF0);
        pics.setInput(1, true);
        assertEquals(0x31, pics.acknowledge());
        pics.setInput(0, true);
        pics.write(FIRST, 0, 0x6B); // special mask, read ISR
        initialize(0x11, 0x01);
        assertEquals(0, pics.read(FIRST, 1));
        assertEquals(0, pics.read(FIRST, 0), "reads the IRR");
        assertEquals(0, isr(FIRST));
        assertFalse(pics.asserted(), "inputs that are high need another edge");
    }

    @ParameterizedTest
    @CsvSource({"0x11, 4", "0x10, 3", "0x13, 3", "0x12, 2"})
    void icw1SaysHowManyWordsFollow(int icw1, int words) {
        pics.write(FIRST, 0, icw1);
        for (int i = 1; i < words; i++) {
            pics.write(FIRST, 1, 0x41);
        }
        assertEquals(0, pics.read(FIRST, 1));
        pics.write(FIRST, 1, 0x0F);
        assertEquals(0x0F, pics.read(FIRST, 1), "the mask at last");
        pics.setInput(6, true);
        assertEquals(0x46, pics.acknowledge());
    }

    @Test
    void icw2KeepsTheHighFiveBits() {
        pics.write(FIRST, 0, 0x11);
        pics.write(FIRST, 1, 0xFF);
        pics.write(FIRST, 1, 4);
        pics.write(FIRST, 1, 1);
        pics.setInput(0, true);
        assertEquals(0xF8, pics.acknowledge());
    }

    @Test
    void aSpecificEndEndsThatOne() {
        pics.setInput(6, true);
        assertEquals(0x36, pics.acknowledge());
        pics.setInput(1, true);
        assertEquals(0x31, pics.acknowledge());
        pics.write(FIRST, 0, 0x60 | 6);
        assertEquals(1 << 1, isr(FIRST));
    }

    @Test
    void rotationOnEndMakesTheServedOneTheLast() {
        pics.setInput(3, true);
        pics.setInput(4, true);
        assertEquals(0x33, pics.acknowledge());
        pics.write(FIRST, 0, 0xA0);
        pics.setInput(3, false);
        pics.setInput(3, true);
        assertEquals(0x34, pics.acknowledge());
        pics.write(FIRST, 0, 0xA0);
        pics.setInput(5, true);
        assertEquals(0x35, pics.acknowledge(), "5 is the first now, 3 before 4 the last");
        pics.write(FIRST, 0, 0xE0 | 2); // specific, with rotation: nothing in service there
        assertEquals(1 << 5, isr(FIRST));
    }

    @Test
    void setPriorityNamesTheLast() {
        pics.write(FIRST, 0, 0xC0 | 4);
        pics.setInput(4, true);
        pics.setInput(5, true);
        pics.setInput(0, true);
        assertEquals(0x35, pics.acknowledge());
        end(5);
        assertEquals(0x30, pics.acknowledge());
        end(0);
        assertEquals(0x34, pics.acknowledge());
    }

    @Test
    void rotationWithAutomaticEnd() {
        initialize(0x11, 0x03);
        pics.write(FIRST, 0, 0x80);
        pulse(1);
        pulse(6);
        assertEquals(0x31, pics.acknowledge());
        pulse(1);
        assertEquals(0x36, pics.acknowledge());
        pulse(0);
        assertEquals(0x30, pics.acknowledge());
        pulse(0);
        assertEquals(0x31, pics.acknowledge());
        pics.write(FIRST, 0, 0x00);
        assertEquals(0x30, pics.acknowledge());
        pulse(0);
        pulse(7);
        assertEquals(0x37, pics.acknowledge(), "1 stays the last");
    }

    @Test
    void specialMaskLetsLowerOnesInterrupt() {
        pics.setInput(1, true);
        assertEquals(0x31, pics.acknowledge());
        pics.setInput(5, true);
        assertFalse(pics.asserted());
        pics.write(FIRST, 1, 1 << 1);
        assertFalse(pics.asserted());
        pics.write(FIRST, 0, 0x68);
        assertEquals(0x35, pics.acknowledge());
        pics.write(FIRST, 0, EOI);
        assertEquals(1 << 1, isr(FIRST), "a non-specific end passes the masked one over");
        pics.write(FIRST, 0, EOI);
        assertEquals(1 << 1, isr(FIRST));
        pics.write(FIRST, 0, 0x48);
        pics.write(FIRST, 0, EOI);
        assertEquals(0, isr(FIRST));
    }

    @Test
    void aPollIsAnAcknowledgeCycle() {
        pics.setInput(3, true);
        pics.write(FIRST, 0, 0x0C);
        assertEquals(0x83, pics.read(FIRST, 0));
        assertEquals(1 << 3, isr(FIRST));
        pics.write(FIRST, 0, 0x0C);
        assertEquals(0, pics.read(FIRST, 1), "nothing, and read at the other port");
        assertEquals(0, pics.read(FIRST, 1), "the mask again");
    }

    @Test
    void pollingBothChips() {
        pics.setInput(9, true);
        pics.setInput(10, true);
        pics.write(FIRST, 0, 0x0C);
        assertEquals(0x82, pics.read(FIRST, 0));
        pics.write(SECOND, 0, 0x0C);
        assertEquals(0x81, pics.read(SECOND, 0));
        pics.write(SECOND, 0, EOI);
        pics.write(FIRST, 0, EOI);
        assertEquals(0x3A, pics.acknowledge());
    }

    @Test
    void accessesPastTheChipsAreCountedAndDoNothing() {
        PicState before = pics.save();
        assertEquals(0xFF, pics.read(FIRST, 2));
        assertEquals(0xFF, pics.read(SECOND, -1));
        pics.write(FIRST, 2, 0x11);
        assertEquals(0xFF, pics.readElcr(2));
        pics.writeElcr(Long.MAX_VALUE, 0xFF);
        assertEquals(before, pics.save());
        assertEquals(5, pics.counters().illegalAccesses());
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 2, 16})
    void thereAreNoOtherInputs(int irq) {
        assertThrows(IllegalArgumentException.class, () -> pics.setInput(irq, true));
    }

    @Test
    void resetIsAsPowerOn() {
        pics.writeElcr(0, 0x20);
        pics.setInput(5, true);
        pics.setInput(11, true);
        assertEquals(0x3B, pics.acknowledge());
        pics.write(SECOND, 0, 0x11);
        pics.reset();
        assertFalse(pics.asserted());
        assertEquals(0, isr(FIRST) | isr(SECOND) | irr(FIRST) | irr(SECOND));
        assertEquals(0, pics.readElcr(0));
        pics.write(SECOND, 1, 0x55);
        assertEquals(0x55, pics.read(SECOND, 1), "no ICW is awaited");
    }

    @Test
    void stateGoesOnElsewhereInTheMiddleOfAnInitialization() {
        pics.setInput(9, true);
        assertEquals(0x39, pics.acknowledge());
        pics.setInput(4, true);
        pics.write(FIRST, 0, 0x0C);
        pics.write(SECOND, 0, 0x11);
        pics.write(SECOND, 1, 0x60);
        PicPair other = new PicPair();
        other.restore(pics.save());
        assertEquals(pics.save(), other.save());
        other.write(SECOND, 1, 2);
        other.write(SECOND, 1, 1);
        other.write(FIRST, 0, 0x60 | 2);
        assertEquals(0x84, other.read(FIRST, 0), "the poll command was kept");
        other.write(FIRST, 0, EOI);
        other.setInput(15, true);
        assertEquals(0x67, other.acknowledge());
    }

    @Test
    void statesThatCannotBeAreRefused() {
        PicState good = pics.save();
        assertThrows(IllegalArgumentException.class, () -> new PicState(2, good.first(), good.second()));
        assertThrows(IllegalArgumentException.class, () -> new PicState(1, chip(0, 0, 0x01, 0, 7, 0), good.second()));
        assertThrows(IllegalArgumentException.class, () -> new PicState(1, good.first(), chip(0, 0, 0x20, 0, 7, 0)));
        assertThrows(IllegalArgumentException.class, () -> chip(0x100, 0, 0, 0, 7, 0));
        assertThrows(IllegalArgumentException.class, () -> chip(0, 0x10, 0x10, 0, 7, 0));
        assertThrows(IllegalArgumentException.class, () -> chip(0, 0, 0, 0x31, 7, 0));
        assertThrows(IllegalArgumentException.class, () -> chip(0, 0, 0, 0, 8, 0));
        assertThrows(IllegalArgumentException.class, () -> chip(0, 0, 0, 0, 7, 4));
        assertThrows(IllegalArgumentException.class, () -> chip(0, 0, 0, 0, 7, -1));
    }

    private static PicState.Chip chip(int inputs, int latched, int elcr, int base, int lowest, int expected) {
        return new PicState.Chip(
                inputs, latched, 0, 0, elcr, false, base, lowest, false, false, false, false, false, false, false,
                false, expected);
    }

    private void initialize(int icw1, int icw4) {
        pics.write(FIRST, 0, icw1);
        pics.write(FIRST, 1, 0x30);
        pics.write(FIRST, 1, 0x04);
        pics.write(FIRST, 1, icw4);
        pics.write(SECOND, 0, icw1);
        pics.write(SECOND, 1, 0x38);
        pics.write(SECOND, 1, 0x02);
        pics.write(SECOND, 1, icw4);
    }

    private void pulse(int irq) {
        pics.setInput(irq, true);
        pics.setInput(irq, false);
    }

    private void end(int irq) {
        if (irq >= 8) {
            pics.write(SECOND, 0, 0x60 | irq - 8);
            pics.write(FIRST, 0, 0x62);
        } else {
            pics.write(FIRST, 0, 0x60 | irq);
        }
    }

    private int isr(int chip) {
        pics.write(chip, 0, READ_ISR);
        return pics.read(chip, 0);
    }

    private int irr(int chip) {
        pics.write(chip, 0, READ_IRR);
        return pics.read(chip, 0);
    }
}
