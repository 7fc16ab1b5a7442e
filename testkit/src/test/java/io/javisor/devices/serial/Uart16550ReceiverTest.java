package io.javisor.devices.serial;

import static io.javisor.devices.serial.UartRegisters.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Uart16550ReceiverTest {
    private static final int IDLE = LSR_THRE | LSR_TEMT;

    private final RecordingWire wire = new RecordingWire();
    private final Uart16550 uart = new Uart16550(wire);

    // ---- FIFO and 8250 mode ----

    @Test
    void overrunWithoutFifoDestroysTheOldCharacter() {
        uart.receive('1');
        uart.receive('2');
        assertEquals(IDLE | LSR_DR | LSR_OE, uart.read(LSR_OFFSET));
        assertEquals('2', uart.read(RBR_OFFSET));
        assertEquals(IDLE, uart.read(LSR_OFFSET));
        assertEquals(1, uart.counters().overruns());
    }

    @Test
    void overrunWithFifoLosesTheNewCharacter() {
        uart.write(FCR_OFFSET, FCR_ENABLE);
        for (int i = 0; i < FIFO_SIZE + 2; i++) {
            uart.receive(i);
        }
        assertEquals(IDLE | LSR_DR | LSR_OE, uart.read(LSR_OFFSET));
        for (int i = 0; i < FIFO_SIZE; i++) {
            assertEquals(i, uart.read(RBR_OFFSET));
        }
        assertEquals(IDLE, uart.read(LSR_OFFSET));
        assertEquals(2, uart.counters().overruns());
        assertEquals(FIFO_SIZE + 2, uart.counters().receivedBytes());
    }

    @Test
    void fifoWrapsAround() {
        uart.write(FCR_OFFSET, FCR_ENABLE);
        int next = 0;
        int expected = 0;
        for (int round = 0; round < 40; round++) {
            for (int i = 0; i < 11; i++) {
                uart.receive(next++ & 0xFF);
            }
            for (int i = 0; i < 11; i++) {
                assertEquals(expected++ & 0xFF, uart.read(RBR_OFFSET));
            }
        }
        assertEquals(0, uart.counters().overruns());
    }

    @ParameterizedTest(name = "FCR 0x{0} then 0x{1}: data ready {2}")
    @CsvSource({
        "00,01,true", // what came just before is kept
        "01,00,false", // disabling clears
        "01,01,true",
        "01,03,false",
        "01,05,true", // resetting the transmitter leaves the receiver
        "01,C1,true",
        "00,02,true", // without bit 0 the other bits count for nothing
        "00,C6,true",
        "01,02,false"
    })
    void fifoControl(String before, String after, boolean ready) {
        uart.write(FCR_OFFSET, Integer.parseInt(before, 16));
        uart.receive('x');
        uart.write(FCR_OFFSET, Integer.parseInt(after, 16));
        assertEquals(ready, (uart.read(LSR_OFFSET) & LSR_DR) != 0);
    }

    @Test
    void receiverResetEndsTheCharacterTimeout() {
        uart.write(FCR_OFFSET, FCR_ENABLE | FCR_TRIGGER_14);
        uart.write(IER_OFFSET, IER_ERBFI);
        uart.receive('x');
        uart.receiveIdle();
        uart.write(FCR_OFFSET, FCR_ENABLE | FCR_TRIGGER_14 | FCR_RCVR_RESET);
        assertEquals(IIR_NONE | IIR_FIFOS_ENABLED, uart.read(IIR_OFFSET));
    }

    // ---- errors in the FIFO ----

    @Test
    void errorShowsWhenItsCharacterIsNext() {
        uart.write(FCR_OFFSET, FCR_ENABLE);
        uart.receive('a');
        uart.receive('b', LSR_FE);
        uart.receive('c');
        assertEquals(IDLE | LSR_DR | LSR_FIFO_ERROR, uart.read(LSR_OFFSET));
        assertEquals('a', uart.read(RBR_OFFSET));
        assertEquals(IDLE | LSR_DR | LSR_FE | LSR_FIFO_ERROR, uart.read(LSR_OFFSET));
        assertEquals(IDLE | LSR_DR, uart.read(LSR_OFFSET), "no other error in the FIFO: bit 7 goes with the read");
        assertEquals('b', uart.read(RBR_OFFSET));
        assertEquals('c', uart.read(RBR_OFFSET));
        assertEquals(IDLE, uart.read(LSR_OFFSET));
    }

    @Test
    void bitSevenStaysWhileLaterErrorsWait() {
        uart.write(FCR_OFFSET, FCR_ENABLE);
        uart.receive('a', LSR_PE);
        uart.receive('b', LSR_PE);
        assertEquals(IDLE | LSR_DR | LSR_PE | LSR_FIFO_ERROR, uart.read(LSR_OFFSET));
        assertEquals(IDLE | LSR_DR | LSR_FIFO_ERROR, uart.read(LSR_OFFSET));
        int _ = uart.read(RBR_OFFSET);
        assertEquals(IDLE | LSR_DR | LSR_PE | LSR_FIFO_ERROR, uart.read(LSR_OFFSET));
        assertEquals(IDLE | LSR_DR, uart.read(LSR_OFFSET));
    }

    @Test
    void bitSevenIsZeroWithoutFifo() {
        uart.receive('a', LSR_PE);
        assertEquals(IDLE | LSR_DR | LSR_PE, uart.read(LSR_OFFSET));
    }

    @Test
    void latchedErrorOutlivesItsCharacter() {
        uart.receive('a', LSR_BI);
        int _ = uart.read(RBR_OFFSET);
        assertEquals(IDLE | LSR_BI, uart.read(LSR_OFFSET));
    }

    @Test
    void breakIsANulWithBi() {
        uart.receiveBreak();
        assertEquals(IDLE | LSR_DR | LSR_BI, uart.read(LSR_OFFSET));
        assertEquals(0, uart.read(RBR_OFFSET));
        assertEquals(1, uart.counters().breaks());
    }

    @Test
    void onlyCharacterErrorsTravel() {
        uart.receive('a', 0xFF);
        assertEquals(IDLE | LSR_DR | LSR_PE | LSR_FE | LSR_BI, uart.read(LSR_OFFSET));
    }

    // ---- loopback ----

    @Test
    void loopbackReturnsEveryCharacterAndSendsNone() {
        uart.write(FCR_OFFSET, FCR_ENABLE);
        uart.write(MCR_OFFSET, MCR_LOOP);
        for (int i = 0; i < 256; i++) {
            uart.write(THR_OFFSET, i);
            assertEquals(IDLE | LSR_DR, uart.read(LSR_OFFSET));
            assertEquals(i, uart.read(RBR_OFFSET));
        }
        assertEquals(0, wire.sent.size());
    }

    @Test
    void loopbackOverruns() {
        uart.write(FCR_OFFSET, FCR_ENABLE);
        uart.write(MCR_OFFSET, MCR_LOOP);
        uart.writeString(MemorySegment.ofArray(new byte[FIFO_SIZE + 1]), 0, FIFO_SIZE + 1);
        assertEquals(IDLE | LSR_DR | LSR_OE, uart.read(LSR_OFFSET));
        assertEquals(1, uart.counters().overruns());
    }

    @Test
    void loopbackInterruptsAreIdentified() {
        uart.write(IER_OFFSET, 0x0F);
        uart.write(MCR_OFFSET, MCR_LOOP);
        int _ = uart.read(MSR_OFFSET);
        uart.write(THR_OFFSET, 'x');
        assertEquals(IIR_DATA_AVAILABLE, uart.read(IIR_OFFSET));
        int _ = uart.read(RBR_OFFSET);
        assertEquals(IIR_THR_EMPTY, uart.read(IIR_OFFSET));
        uart.write(MCR_OFFSET, MCR_LOOP | MCR_DTR);
        assertEquals(IIR_MODEM_STATUS, uart.read(IIR_OFFSET));
        assertEquals(MSR_DSR | MSR_DDSR, uart.read(MSR_OFFSET));
    }

    @ParameterizedTest(name = "MCR 0x{0} in loopback shows MSR 0x{1}")
    @CsvSource({"10,00", "11,20", "12,10", "14,40", "18,80", "1F,F0", "1A,90", "15,60"})
    void loopbackWiresMcrToMsr(String mcr, String levels) {
        uart.write(MCR_OFFSET, Integer.parseInt(mcr, 16));
        assertEquals(Integer.parseInt(levels, 16), uart.read(MSR_OFFSET) & 0xF0);
        uart.setModemInputs(0);
        assertEquals(Integer.parseInt(levels, 16), uart.read(MSR_OFFSET) & 0xF0, "the pins are disconnected");
        uart.write(MCR_OFFSET, 0);
        assertEquals(0, uart.read(MSR_OFFSET) & 0xF0, "and connected again");
    }

    @Test
    void loopbackRingTrailingEdge() {
        uart.write(MCR_OFFSET, MCR_LOOP | MCR_OUT1);
        int _ = uart.read(MSR_OFFSET);
        uart.write(MCR_OFFSET, MCR_LOOP);
        assertEquals(MSR_TERI, uart.read(MSR_OFFSET));
    }

    // ---- when the line may offer input ----

    private void listenByInterrupt() {
        uart.write(MCR_OFFSET, MCR_OUT2 | MCR_RTS | MCR_DTR);
        uart.write(IER_OFFSET, IER_ERBFI);
    }

    @Test
    void afterResetTheLineWaits() {
        assertFalse(uart.receiverReady());
        assertEquals(0, uart.receiveRoom());
    }

    @Test
    void interruptsLetTheLineGo() {
        listenByInterrupt();
        assertEquals(1, uart.receiveRoom());
        uart.write(FCR_OFFSET, FCR_ENABLE);
        assertEquals(FIFO_SIZE, uart.receiveRoom());
        uart.receive('x');
        assertEquals(FIFO_SIZE - 1, uart.receiveRoom());
    }

    @Test
    void linuxProbingDoesNotLetTheLineGo() {
        uart.write(IER_OFFSET, 0x0F); // autoconfig: are the four bits there?
        assertFalse(uart.receiverReady());
    }

    @Test
    void rtsDroppedHoldsTheLine() {
        listenByInterrupt();
        uart.write(MCR_OFFSET, MCR_OUT2 | MCR_DTR);
        assertFalse(uart.receiverReady());
        uart.write(MCR_OFFSET, MCR_OUT2 | MCR_RTS);
        assertTrue(uart.receiverReady());
    }

    @Test
    void rtsNeverRaisedDoesNotHoldTheLine() {
        uart.write(MCR_OFFSET, MCR_OUT2);
        uart.write(IER_OFFSET, IER_ERBFI);
        assertTrue(uart.receiverReady());
    }

    @Test
    void rtsInLoopbackIsNotSeenByTheLine() {
        uart.write(MCR_OFFSET, MCR_LOOP | MCR_RTS);
        uart.write(MCR_OFFSET, MCR_OUT2);
        uart.write(IER_OFFSET, IER_ERBFI);
        assertTrue(uart.receiverReady());
    }

    @Test
    void loopbackHoldsTheLine() {
        listenByInterrupt();
        uart.write(MCR_OFFSET, MCR_OUT2 | MCR_RTS | MCR_LOOP);
        assertFalse(uart.receiverReady());
    }

    @ParameterizedTest
    @ValueSource(ints = {LSR_OFFSET, IIR_OFFSET})
    void pollingLetsTheLineGo(int register) {
        for (int i = 0; i < Uart16550.POLLING_READS; i++) {
            assertFalse(uart.receiverReady(), "after " + i);
            int _ = uart.read(register);
        }
        assertTrue(uart.receiverReady());
        uart.receive('x');
        assertFalse(uart.receiverReady(), "no FIFO");
        int _ = uart.read(LSR_OFFSET);
        assertEquals('x', uart.read(RBR_OFFSET));
        assertTrue(uart.receiverReady(), "it goes on polling");
    }

    @ParameterizedTest(name = "a write to offset {0} ends polling")
    @ValueSource(ints = {THR_OFFSET, IER_OFFSET, FCR_OFFSET, LCR_OFFSET, MCR_OFFSET})
    void otherWorkIsNotPolling(int register) {
        for (int i = 0; i < Uart16550.POLLING_READS; i++) {
            int _ = uart.read(LSR_OFFSET);
        }
        uart.write(register, 0);
        assertFalse(uart.receiverReady());
    }

    @Test
    void consoleOutputIsNotPolling() {
        for (int i = 0; i < 100; i++) {
            int _ = uart.read(LSR_OFFSET);
            uart.write(THR_OFFSET, 'x');
        }
        assertFalse(uart.receiverReady());
    }

    @Test
    void waitingForAHeldTransmitterIsNotPolling() {
        wire.ready = false;
        uart.write(THR_OFFSET, 'x');
        for (int i = 0; i < 10_000; i++) {
            int _ = uart.read(LSR_OFFSET);
        }
        assertFalse(uart.receiverReady());
    }

    /** As Linux opens a port: interrupts first, FIFOs then. */
    @Test
    void enablingTheFifosKeepsTheCharacterThatCameBefore() {
        listenByInterrupt();
        uart.receive('n');
        uart.write(FCR_OFFSET, FCR_ENABLE | 0x80);
        assertTrue(uart.interruptAsserted(), "by time-out: it is below the trigger level");
        assertEquals('n', uart.read(RBR_OFFSET));
        assertFalse(uart.interruptAsserted());
    }

    @Test
    void leavingFifoModeOrResettingTheReceiverClears() {
        uart.write(FCR_OFFSET, FCR_ENABLE);
        uart.receive('a');
        uart.write(FCR_OFFSET, FCR_ENABLE | FCR_RCVR_RESET);
        assertEquals(IDLE, uart.read(LSR_OFFSET));
        uart.receive('b');
        uart.write(FCR_OFFSET, 0);
        assertEquals(IDLE, uart.read(LSR_OFFSET));
    }
}
