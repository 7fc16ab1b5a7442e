package io.javisor.devices.serial;

import static io.javisor.devices.serial.UartRegisters.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UartStateTest {
    private static UartState state(int version, int[] r, List<Integer> fifo) {
        return new UartState(
                version, r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8], r[9], fifo, false, false, false, false,
                r[10]);
    }

    @Test
    void survivesInMidFifo() {
        RecordingWire wire = new RecordingWire();
        Uart16550 uart = new Uart16550(wire);
        uart.write(LCR_OFFSET, LCR_DLAB);
        uart.write(DLL_OFFSET, 1);
        uart.write(LCR_OFFSET, 3);
        uart.write(FCR_OFFSET, FCR_ENABLE | FCR_TRIGGER_4);
        uart.write(MCR_OFFSET, MCR_OUT2 | MCR_RTS);
        uart.write(IER_OFFSET, 0x0F);
        uart.write(SCR_OFFSET, 0xA5);
        uart.receive('a');
        uart.receive('b', LSR_FE);
        uart.receive('c');
        uart.receiveIdle();
        uart.setModemInputs(MSR_DSR);

        Uart16550 copy = new Uart16550(new RecordingWire());
        copy.restore(uart.save());
        assertEquals(uart.save(), copy.save());
        assertTrue(copy.interruptAsserted());
        assertEquals(IIR_CHARACTER_TIMEOUT | IIR_FIFOS_ENABLED, copy.read(IIR_OFFSET));
        assertEquals('a', copy.read(RBR_OFFSET));
        assertEquals(IIR_LINE_STATUS | IIR_FIFOS_ENABLED, copy.read(IIR_OFFSET));
        assertEquals(LSR_FIFO_ERROR | LSR_FE | LSR_DR | LSR_THRE | LSR_TEMT, copy.read(LSR_OFFSET));
        assertEquals('b', copy.read(RBR_OFFSET));
        assertEquals('c', copy.read(RBR_OFFSET));
        assertEquals(IIR_THR_EMPTY | IIR_FIFOS_ENABLED, copy.read(IIR_OFFSET));
        assertEquals(MSR_DSR | MSR_DCTS | MSR_DDCD, copy.read(MSR_OFFSET));
        assertEquals(0xA5, copy.read(SCR_OFFSET));
    }

    @Test
    void survivesWithAHeldTransmitter() {
        RecordingWire wire = new RecordingWire();
        wire.ready = false;
        Uart16550 uart = new Uart16550(wire);
        uart.write(IER_OFFSET, IER_ETBEI);
        uart.write(THR_OFFSET, 'x');
        Uart16550 copy = new Uart16550(new RecordingWire());
        copy.restore(uart.save());
        assertTrue(copy.transmitterHeld());
        copy.transmitterReleased();
        assertEquals(IIR_THR_EMPTY, copy.read(IIR_OFFSET));
    }

    @Test
    void listIsCopied() {
        List<Integer> fifo = new java.util.ArrayList<>(List.of(1));
        UartState state = state(UartState.VERSION, new int[11], fifo);
        fifo.clear();
        assertEquals(List.of(1), state.receiveFifo());
    }

    @ParameterizedTest(name = "register {0} = 0x{1}")
    @CsvSource({
        "0,10",
        "0,FFFFFFF",
        "1,02",
        "1,30",
        "2,100",
        "3,20",
        "4,100",
        "5,100",
        "6,100",
        "7,01",
        "7,20",
        "8,100",
        "9,01",
        "10,-1"
    })
    void impossibleRegistersAreRefused(int index, String value) {
        int[] registers = new int[11];
        registers[index] = Integer.parseInt(value, 16);
        assertThrows(IllegalArgumentException.class, () -> state(UartState.VERSION, registers, List.of()));
    }

    @ParameterizedTest(name = "FCR {0}, {1} characters")
    @CsvSource({"0,2", "1,17"})
    void tooManyCharactersAreRefused(int fcr, int count) {
        int[] registers = new int[11];
        registers[1] = fcr;
        assertThrows(
                IllegalArgumentException.class,
                () -> state(UartState.VERSION, registers, Collections.nCopies(count, 1)));
    }

    @ParameterizedTest
    @CsvSource({"-1", "512", "8192"})
    void impossibleCharactersAreRefused(int entry) {
        assertThrows(IllegalArgumentException.class, () -> state(UartState.VERSION, new int[11], List.of(entry)));
    }

    @ParameterizedTest
    @CsvSource({"0", "2", "-1"})
    void otherVersionsAreRefused(int version) {
        assertThrows(IllegalArgumentException.class, () -> state(version, new int[11], List.of()));
    }
}
