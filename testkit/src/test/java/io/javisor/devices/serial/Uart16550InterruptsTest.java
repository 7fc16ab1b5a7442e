package io.javisor.devices.serial;

import static io.javisor.devices.serial.UartRegisters.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Uart16550InterruptsTest {
    private final RecordingWire wire = new RecordingWire();
    private final Uart16550 uart = new Uart16550(wire);

    @BeforeEach
    void openTheGate() {
        uart.write(MCR_OFFSET, MCR_OUT2);
    }

    private int source() {
        return uart.read(IIR_OFFSET) & 0x0F;
    }

    /** Brings about the cause of each interrupt by name. */
    private void cause(String interrupt) {
        switch (interrupt) {
            case "RLS" -> uart.receive('e', LSR_PE);
            case "RDA" -> uart.receive('d');
            case "THRE" -> uart.write(THR_OFFSET, 't');
            case "MS" -> uart.setModemInputs(0);
            default -> throw new IllegalArgumentException(interrupt);
        }
    }

    private static int enableBit(String interrupt) {
        return switch (interrupt) {
            case "RLS" -> IER_ELSI;
            case "RDA" -> IER_ERBFI;
            case "THRE" -> IER_ETBEI;
            case "MS" -> IER_EDSSI;
            default -> throw new IllegalArgumentException(interrupt);
        };
    }

    private static int code(String interrupt) {
        return switch (interrupt) {
            case "RLS" -> IIR_LINE_STATUS;
            case "RDA" -> IIR_DATA_AVAILABLE;
            case "THRE" -> IIR_THR_EMPTY;
            case "MS" -> IIR_MODEM_STATUS;
            default -> throw new IllegalArgumentException(interrupt);
        };
    }

    @ParameterizedTest(name = "{0} with IER 0x{1}")
    @CsvSource({"RLS,08", "RDA,0C", "THRE,0D", "MS,05", "RLS,00", "RDA,00", "THRE,00", "MS,00"})
    void isMaskedWithoutItsEnableBit(String interrupt, String ier) {
        uart.write(IER_OFFSET, Integer.parseInt(ier, 16));
        cause(interrupt);
        assertEquals(IIR_NONE, source());
        assertFalse(uart.interruptAsserted());
    }

    @ParameterizedTest
    @ValueSource(strings = {"RLS", "RDA", "THRE", "MS"})
    void isReportedWhenEnabledBeforeItsCause(String interrupt) {
        uart.write(IER_OFFSET, enableBit(interrupt));
        cause(interrupt);
        assertTrue(uart.interruptAsserted());
        assertEquals(code(interrupt), source());
    }

    @ParameterizedTest
    @ValueSource(strings = {"RLS", "RDA", "THRE", "MS"})
    void isReportedWhenEnabledAfterItsCause(String interrupt) {
        cause(interrupt);
        assertFalse(uart.interruptAsserted());
        uart.write(IER_OFFSET, enableBit(interrupt));
        assertTrue(uart.interruptAsserted());
        assertEquals(code(interrupt), source());
    }

    @ParameterizedTest
    @ValueSource(strings = {"RLS", "RDA", "THRE", "MS"})
    void goesWhenItsEnableBitGoes(String interrupt) {
        uart.write(IER_OFFSET, enableBit(interrupt));
        cause(interrupt);
        uart.write(IER_OFFSET, 0);
        assertFalse(uart.interruptAsserted());
        assertEquals(IIR_NONE, source());
    }

    @ParameterizedTest(name = "{0} is cleared by reading offset {1}: {2}")
    @CsvSource({
        "RLS,0,false", "RLS,2,false", "RLS,5,true", "RLS,6,false", "RLS,7,false",
        "RDA,0,true", "RDA,2,false", "RDA,5,false", "RDA,6,false", "RDA,1,false",
        "THRE,0,false", "THRE,2,true", "THRE,5,false", "THRE,6,false", "THRE,3,false",
        "MS,0,false", "MS,2,false", "MS,5,false", "MS,6,true", "MS,4,false"
    })
    void clearConditions(String interrupt, int offset, boolean clears) {
        uart.write(IER_OFFSET, enableBit(interrupt));
        cause(interrupt);
        int _ = uart.read(offset);
        assertEquals(!clears, uart.interruptAsserted());
        assertEquals(clears ? IIR_NONE : code(interrupt), source());
    }

    @ParameterizedTest(name = "{0} wins over {1}")
    @CsvSource({"RLS,RDA", "RLS,THRE", "RLS,MS", "RDA,THRE", "RDA,MS", "THRE,MS"})
    void priority(String higher, String lower) {
        uart.write(IER_OFFSET, enableBit(higher) | enableBit(lower));
        cause(lower);
        cause(higher);
        assertEquals(code(higher), source());
    }

    @Test
    void allFiveAreServedInOrder() {
        uart.write(IER_OFFSET, 0x0F);
        cause("MS");
        cause("THRE");
        cause("RLS");
        assertEquals(IIR_LINE_STATUS, source());
        assertEquals(LSR_DR | LSR_PE | LSR_THRE | LSR_TEMT, uart.read(LSR_OFFSET));
        assertEquals(IIR_DATA_AVAILABLE, source());
        assertEquals('e', uart.read(RBR_OFFSET));
        assertEquals(IIR_THR_EMPTY, source());
        assertEquals(IIR_MODEM_STATUS, source());
        assertEquals(MSR_DCTS | MSR_DDSR | MSR_DDCD, uart.read(MSR_OFFSET));
        assertEquals(IIR_NONE, source());
        assertFalse(uart.interruptAsserted());
    }

    // ---- THRE ----

    @Test
    void iirReadClearsThreOnlyWhenItIsTheReportedSource() {
        uart.write(IER_OFFSET, IER_ETBEI | IER_ERBFI);
        cause("RDA");
        assertEquals(IIR_DATA_AVAILABLE, source());
        assertEquals(IIR_DATA_AVAILABLE, source());
        assertEquals('d', uart.read(RBR_OFFSET));
        assertEquals(IIR_THR_EMPTY, source());
        assertEquals(IIR_NONE, source());
    }

    @Test
    void writingThrLowersAndRaisesThePin() {
        uart.write(IER_OFFSET, IER_ETBEI);
        assertFalse(uart.takeInterruptFell());
        uart.write(THR_OFFSET, 'a');
        assertTrue(uart.takeInterruptFell(), "an edge-triggered controller needs the edge");
        assertFalse(uart.takeInterruptFell());
        assertTrue(uart.interruptAsserted());
        assertEquals(2, uart.counters().interrupts());
    }

    @Test
    void writingThrDoesNotLowerThePinWhileAnotherSourceAsks() {
        uart.write(IER_OFFSET, IER_ETBEI | IER_ERBFI);
        cause("RDA");
        uart.write(THR_OFFSET, 'a');
        assertFalse(uart.takeInterruptFell());
        assertTrue(uart.interruptAsserted());
    }

    @Test
    void keepingEtbeiSetDoesNotAskAgain() {
        uart.write(IER_OFFSET, IER_ETBEI);
        assertEquals(IIR_THR_EMPTY, source());
        uart.write(IER_OFFSET, IER_ETBEI | IER_ERBFI);
        assertEquals(IIR_NONE, source());
        uart.write(IER_OFFSET, IER_ERBFI);
        uart.write(IER_OFFSET, IER_ETBEI | IER_ERBFI);
        assertEquals(IIR_THR_EMPTY, source());
    }

    @Test
    void heldTransmitterAsksOnlyWhenReleased() {
        uart.write(IER_OFFSET, IER_ETBEI);
        assertEquals(IIR_THR_EMPTY, source());
        wire.ready = false;
        uart.write(THR_OFFSET, 'a');
        assertFalse(uart.interruptAsserted());
        uart.write(IER_OFFSET, 0);
        uart.write(IER_OFFSET, IER_ETBEI);
        assertEquals(IIR_NONE, source());
        uart.transmitterReleased();
        assertTrue(uart.interruptAsserted());
        assertEquals(IIR_THR_EMPTY, source());
    }

    // ---- the gate ----

    @Test
    void out2GatesThePinButNotTheIdentification() {
        uart.write(IER_OFFSET, IER_ERBFI);
        cause("RDA");
        uart.write(MCR_OFFSET, 0);
        assertFalse(uart.interruptAsserted());
        assertTrue(uart.takeInterruptFell());
        assertEquals(IIR_DATA_AVAILABLE, source());
        uart.write(MCR_OFFSET, MCR_OUT2);
        assertTrue(uart.interruptAsserted());
    }

    @Test
    void loopbackClosesTheGate() {
        uart.write(IER_OFFSET, IER_ERBFI);
        cause("RDA");
        uart.write(MCR_OFFSET, MCR_OUT2 | MCR_LOOP);
        assertFalse(uart.interruptAsserted());
        assertEquals(IIR_DATA_AVAILABLE, source());
    }

    @Test
    void resetLowersThePin() {
        uart.write(IER_OFFSET, 0x0F);
        cause("RLS");
        assertTrue(uart.interruptAsserted());
        uart.reset();
        assertFalse(uart.interruptAsserted());
        assertTrue(uart.takeInterruptFell());
    }

    // ---- FIFO mode: trigger level and character timeout ----

    @ParameterizedTest(name = "FCR 0x{0}: data available at {1}")
    @CsvSource({"01,1", "41,4", "81,8", "C1,14"})
    void triggerLevels(String fcr, int level) {
        uart.write(FCR_OFFSET, Integer.parseInt(fcr, 16));
        uart.write(IER_OFFSET, IER_ERBFI);
        for (int i = 1; i <= FIFO_SIZE; i++) {
            uart.receive(i);
            assertEquals(i >= level, uart.interruptAsserted(), "after " + i);
            assertEquals(i >= level ? IIR_DATA_AVAILABLE : IIR_NONE, source());
        }
        for (int left = FIFO_SIZE - 1; left >= 0; left--) {
            assertEquals(FIFO_SIZE - left, uart.read(RBR_OFFSET));
            assertEquals(left >= level, uart.interruptAsserted(), left + " left");
        }
    }

    @Test
    void iirShowsTheFifos() {
        assertEquals(0, uart.read(IIR_OFFSET) & 0xF0);
        uart.write(FCR_OFFSET, FCR_ENABLE);
        assertEquals(IIR_FIFOS_ENABLED, uart.read(IIR_OFFSET) & 0xF0);
        uart.write(FCR_OFFSET, 0);
        assertEquals(0, uart.read(IIR_OFFSET) & 0xF0);
    }

    @Test
    void characterTimeoutIsIndicatedBelowTheTrigger() {
        uart.write(FCR_OFFSET, FCR_ENABLE | FCR_TRIGGER_8);
        uart.write(IER_OFFSET, IER_ERBFI);
        uart.receive('a');
        uart.receive('b');
        assertTrue(uart.characterTimeoutDue());
        uart.receiveIdle();
        assertFalse(uart.characterTimeoutDue());
        assertTrue(uart.interruptAsserted());
        assertEquals(IIR_CHARACTER_TIMEOUT, source());
        assertEquals('a', uart.read(RBR_OFFSET));
        assertFalse(uart.interruptAsserted(), "a read of the RBR clears it");
        assertTrue(uart.characterTimeoutDue(), "and starts the time anew");
        uart.receiveIdle();
        assertEquals('b', uart.read(RBR_OFFSET));
        assertFalse(uart.characterTimeoutDue());
        uart.receiveIdle();
        assertEquals(IIR_NONE, source());
    }

    @ParameterizedTest
    @ValueSource(ints = {LSR_OFFSET, IIR_OFFSET, MSR_OFFSET})
    void otherReadsLeaveTheCharacterTimeout(int offset) {
        uart.write(FCR_OFFSET, FCR_ENABLE | FCR_TRIGGER_8);
        uart.write(IER_OFFSET, IER_ERBFI);
        uart.receive('a');
        uart.receiveIdle();
        int _ = uart.read(offset);
        assertEquals(IIR_CHARACTER_TIMEOUT, source());
    }

    @Test
    void dataAvailableHidesTheCharacterTimeout() {
        uart.write(FCR_OFFSET, FCR_ENABLE | FCR_TRIGGER_4);
        uart.write(IER_OFFSET, IER_ERBFI);
        uart.receive(1);
        uart.receiveIdle();
        uart.receive(2);
        uart.receive(3);
        assertEquals(IIR_CHARACTER_TIMEOUT, source());
        uart.receive(4);
        assertEquals(IIR_DATA_AVAILABLE, source());
    }

    @Test
    void thereIsNoCharacterTimeoutWithoutFifo() {
        uart.write(IER_OFFSET, 0);
        uart.receive('a');
        uart.receiveIdle();
        assertFalse(uart.characterTimeoutDue());
        assertFalse(uart.save().characterTimeout());
    }

    @Test
    void characterTimeoutNeedsErbfi() {
        uart.write(FCR_OFFSET, FCR_ENABLE | FCR_TRIGGER_4);
        uart.receive('a');
        assertFalse(uart.characterTimeoutDue());
        uart.receiveIdle();
        assertEquals(IIR_NONE, source());
        uart.write(IER_OFFSET, IER_ERBFI);
        assertEquals(IIR_CHARACTER_TIMEOUT, source());
    }

    // ---- line status ----

    @ParameterizedTest
    @ValueSource(ints = {LSR_PE, LSR_FE, LSR_BI})
    void characterErrorsAskAndClearOnLsrRead(int error) {
        uart.write(IER_OFFSET, IER_ELSI);
        uart.receive('x', error);
        assertEquals(IIR_LINE_STATUS, source());
        assertEquals(LSR_DR | LSR_THRE | LSR_TEMT | error, uart.read(LSR_OFFSET));
        assertEquals(LSR_DR | LSR_THRE | LSR_TEMT, uart.read(LSR_OFFSET));
        assertEquals(IIR_NONE, source());
    }

    @Test
    void overrunAsks() {
        uart.write(IER_OFFSET, IER_ELSI);
        uart.receive('1');
        uart.receive('2');
        assertEquals(IIR_LINE_STATUS, source());
        assertEquals(LSR_OE | LSR_DR | LSR_THRE | LSR_TEMT, uart.read(LSR_OFFSET));
        assertEquals(IIR_NONE, source());
    }

    // ---- modem status ----

    @ParameterizedTest(name = "inputs 0x{0} to 0x{1}: MSR 0x{2}")
    @CsvSource({
        "00,10,11",
        "10,00,01",
        "00,20,22",
        "20,00,02",
        "00,80,88",
        "80,00,08",
        "00,40,40", // the leading edge of RI is not reported
        "40,00,04",
        "B0,B0,B0",
        "00,F0,FB",
        "F0,00,0F",
        "10,20,23"
    })
    void modemDeltas(String before, String after, String msr) {
        uart.setModemInputs(Integer.parseInt(before, 16));
        int _ = uart.read(MSR_OFFSET);
        uart.write(IER_OFFSET, IER_EDSSI);
        uart.setModemInputs(Integer.parseInt(after, 16));
        int expected = Integer.parseInt(msr, 16);
        assertEquals((expected & 0x0F) != 0 ? IIR_MODEM_STATUS : IIR_NONE, source());
        assertEquals(expected, uart.read(MSR_OFFSET));
        assertEquals(expected & 0xF0, uart.read(MSR_OFFSET));
        assertEquals(IIR_NONE, source());
    }

    @Test
    void deltasAddUpUntilRead() {
        uart.setModemInputs(MSR_CTS | MSR_DSR);
        uart.setModemInputs(MSR_DSR);
        assertEquals(MSR_DSR | MSR_DDCD | MSR_DCTS, uart.read(MSR_OFFSET));
    }

    @Test
    void lowInputBitsAreNotPins() {
        uart.setModemInputs(0xBF);
        assertEquals(MSR_CTS | MSR_DSR | MSR_DCD, uart.read(MSR_OFFSET));
    }
}
