package io.javisor.devices.serial;

import static io.javisor.devices.serial.UartRegisters.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Uart16550RegistersTest {
    private final RecordingWire wire = new RecordingWire();
    private final Uart16550 uart = new Uart16550(wire);

    @ParameterizedTest(name = "offset {0} DLAB {1} reads 0x{2}")
    @CsvSource({
        "0,0,00", "1,0,00", "2,0,01", "3,0,00", "4,0,00", "5,0,60", "6,0,B0", "7,0,00", "0,1,0C", "1,1,00", "2,1,01",
        "3,1,80", "5,1,60"
    })
    void valuesAfterReset(int offset, int dlab, String hex) {
        uart.write(SCR_OFFSET, 0x55);
        uart.write(MCR_OFFSET, 0x1F);
        uart.write(IER_OFFSET, 0x0F);
        uart.write(FCR_OFFSET, 0xC9);
        uart.receive('x');
        uart.receive('y', LSR_FE);
        uart.write(LCR_OFFSET, 0xFF);
        uart.write(DLL_OFFSET, 0x77);
        uart.write(DLM_OFFSET, 0x66);
        uart.reset();
        uart.write(LCR_OFFSET, dlab * LCR_DLAB);
        assertEquals(Integer.parseInt(hex, 16), uart.read(offset));
        assertFalse(uart.interruptAsserted());
    }

    @ParameterizedTest(name = "offset {0} DLAB {1} keeps mask 0x{2}")
    @CsvSource({
        "1,0,0F,00",
        "3,0,FF,00",
        "4,0,1F,00",
        "7,0,FF,00",
        "0,1,FF,80",
        "1,1,FF,80",
        "3,1,FF,80",
        "4,1,1F,80",
        "7,1,FF,80"
    })
    void writableBits(int offset, int dlab, String mask, String lcr) {
        for (int value = 0; value <= 0xFF; value++) {
            uart.write(LCR_OFFSET, Integer.parseInt(lcr, 16));
            uart.write(offset, value);
            assertEquals(value & Integer.parseInt(mask, 16), uart.read(offset), "value " + value);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {LSR_OFFSET, MSR_OFFSET})
    void statusRegistersIgnoreWrites(int offset) {
        int before = uart.read(offset);
        uart.write(offset, ~before);
        assertEquals(before, uart.read(offset));
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 9, 1000, Integer.MAX_VALUE, -1, Integer.MIN_VALUE})
    void offsetsPastTheEndReadOnesAndAreCounted(int offset) {
        UartState before = uart.save();
        assertEquals(0xFF, uart.read(offset));
        uart.write(offset, 0x5A);
        assertEquals(before, uart.save());
        assertEquals(2, uart.counters().illegalAccesses());
    }

    @Test
    void divisorLatchHidesDataAndInterruptEnable() {
        uart.write(IER_OFFSET, IER_ERBFI);
        uart.write(LCR_OFFSET, LCR_DLAB | 3);
        uart.write(DLL_OFFSET, 0x01);
        uart.write(DLM_OFFSET, 0x0E);
        uart.receive('q');
        assertEquals(0x01, uart.read(DLL_OFFSET));
        assertEquals(0x0E, uart.read(DLM_OFFSET));
        uart.write(LCR_OFFSET, 3);
        assertEquals(IER_ERBFI, uart.read(IER_OFFSET));
        assertEquals('q', uart.read(RBR_OFFSET));
        assertEquals(0, wire.sent.size());
    }

    @Test
    void emptyReceiverReadsZero() {
        assertEquals(0, uart.read(RBR_OFFSET));
        uart.receive('z');
        assertEquals('z', uart.read(RBR_OFFSET));
        assertEquals(0, uart.read(RBR_OFFSET));
    }

    @Test
    void onlyLowEightBitsOfAWriteCount() {
        uart.write(SCR_OFFSET, 0x1234);
        assertEquals(0x34, uart.read(SCR_OFFSET));
    }

    @ParameterizedTest(name = "LCR 0x{0} sends all eight bits")
    @ValueSource(ints = {0, 1, 2, 3, 0x1F, 0x40})
    void wordLengthHasNoEffectOnData(int lcr) {
        uart.write(LCR_OFFSET, lcr);
        uart.write(THR_OFFSET, 0xE1);
        assertArrayEquals(new byte[] {(byte) 0xE1}, wire.sent.toByteArray());
    }

    @Test
    void theBreakBitIsStoredAndSendsNothing() {
        uart.write(LCR_OFFSET, 3 | LCR_SET_BREAK);
        assertEquals(3 | LCR_SET_BREAK, uart.read(LCR_OFFSET));
        uart.write(LCR_OFFSET, 3);
        assertEquals(3, uart.read(LCR_OFFSET));
        assertEquals(0, wire.calls);
    }

    @Test
    void resetEndsABreak() {
        uart.write(LCR_OFFSET, LCR_SET_BREAK);
        uart.reset();
        assertEquals(0, uart.read(LCR_OFFSET));
    }

    @ParameterizedTest(name = "divisor {0}, LCR 0x{1}: {2} ns")
    @CsvSource({
        "1,03,347222", // 10 bits of 8.68 us, four times
        "12,03,4166666",
        "1,00,243055",
        "1,1F,416666", // 8 data bits, parity, two stop bits
        "0,03,347222", // a divisor of 0 stops the real clock; here it counts as 1
        "65535,03,10000000"
    })
    void characterTimeoutIsFourCharacters(int divisor, String lcr, long nanos) {
        uart.write(LCR_OFFSET, LCR_DLAB);
        uart.write(DLL_OFFSET, divisor & 0xFF);
        uart.write(DLM_OFFSET, divisor >> 8);
        uart.write(LCR_OFFSET, Integer.parseInt(lcr, 16));
        assertEquals(nanos, uart.characterTimeoutNanos(10_000_000));
    }

    // ---- what Linux's 8250 driver does to find out the type ----

    @Test
    void linuxFindsA16550A() {
        uart.write(IER_OFFSET, 0);
        assertEquals(0, uart.read(IER_OFFSET) & 0x0F);
        uart.write(IER_OFFSET, 0x0F);
        assertEquals(0x0F, uart.read(IER_OFFSET) & 0x0F);
        uart.write(IER_OFFSET, 0);
        uart.write(MCR_OFFSET, MCR_LOOP | 0x0A);
        assertEquals(0x90, uart.read(MSR_OFFSET) & 0xF0);
        uart.write(MCR_OFFSET, 0);
        uart.write(FCR_OFFSET, FCR_ENABLE);
        assertEquals(3, uart.read(IIR_OFFSET) >> 6);
        uart.write(LCR_OFFSET, 0xBF); // the enhanced feature register of later chips: here the IIR, never 0
        assertTrue(uart.read(2) != 0);
        uart.write(LCR_OFFSET, 0);
        uart.write(FCR_OFFSET, FCR_ENABLE | 0x20); // 64-byte FIFO of the TI16C750: no such bit here
        assertEquals(6, uart.read(IIR_OFFSET) >> 5);
        uart.write(IER_OFFSET, 0x40); // UUE of the XScale
        assertEquals(0, uart.read(IER_OFFSET));
    }

    @Test
    void linuxFindsNoTransmitterBug() {
        uart.write(IER_OFFSET, IER_ETBEI);
        assertEquals(LSR_THRE | LSR_TEMT, uart.read(LSR_OFFSET));
        assertEquals(IIR_THR_EMPTY, uart.read(IIR_OFFSET));
    }

    // ---- transmitter ----

    @Test
    void transmitsInOrder() {
        for (char c : "hello".toCharArray()) {
            uart.write(THR_OFFSET, c);
            assertEquals(LSR_THRE | LSR_TEMT, uart.read(LSR_OFFSET));
        }
        assertEquals("hello", wire.text());
        assertEquals(5, uart.counters().transmittedBytes());
    }

    @Test
    void stringIsOneCall() {
        uart.writeString(MemorySegment.ofArray("..hello, world..".getBytes(StandardCharsets.ISO_8859_1)), 2, 12);
        assertEquals("hello, world", wire.text());
        assertEquals(1, wire.calls);
        assertEquals(12, uart.counters().transmittedBytes());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1})
    void emptyStringIsNothing(int count) {
        uart.writeString(MemorySegment.ofArray(new byte[4]), 0, count);
        assertEquals(0, wire.calls);
    }

    @Test
    void stringToTheDivisorLatchLeavesTheLastByte() {
        uart.write(LCR_OFFSET, LCR_DLAB);
        uart.writeString(MemorySegment.ofArray(new byte[] {1, 2, 3}), 0, 3);
        assertEquals(3, uart.read(DLL_OFFSET));
        assertEquals(0, wire.calls);
    }

    @Test
    void heldTransmitterIsBusyUntilReleased() {
        wire.ready = false;
        uart.write(THR_OFFSET, 'a');
        assertTrue(uart.transmitterHeld());
        assertEquals(0, uart.read(LSR_OFFSET));
        uart.write(THR_OFFSET, 'b'); // a guest that does not look still loses nothing
        assertEquals(0, uart.read(LSR_OFFSET));
        wire.ready = true;
        uart.transmitterReleased();
        assertEquals(LSR_THRE | LSR_TEMT, uart.read(LSR_OFFSET));
        assertEquals("ab", wire.text());
        assertEquals(1, uart.counters().transmitterHolds());
    }

    @Test
    void releaseWithoutHoldIsNothing() {
        uart.write(IER_OFFSET, IER_ETBEI);
        assertEquals(IIR_THR_EMPTY, uart.read(IIR_OFFSET));
        uart.transmitterReleased();
        assertEquals(IIR_NONE, uart.read(IIR_OFFSET));
    }

    @Test
    void heldTransmitterStaysHeldOverFifoReset() {
        wire.ready = false;
        uart.write(FCR_OFFSET, FCR_ENABLE);
        uart.write(THR_OFFSET, 'a');
        uart.write(FCR_OFFSET, FCR_ENABLE | FCR_XMIT_RESET);
        assertEquals(0, uart.read(LSR_OFFSET) & (LSR_THRE | LSR_TEMT));
    }
}
