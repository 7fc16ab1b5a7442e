package io.javisor.devices.i8042;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.irq.InterruptLine;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class I8042DeviceTest {
    private static final class TestLine implements InterruptLine {
        boolean high;

        @Override
        public void raise() {
            high = true;
        }

        @Override
        public void lower() {
            high = false;
        }
    }

    private final TestLine line = new TestLine();
    private final AtomicInteger resets = new AtomicInteger();
    private final I8042Device device = new I8042Device(line, resets::incrementAndGet);

    private int status() {
        return (int) device.commandPort().read(0, 1) & 0xFF;
    }

    private int data() {
        return (int) device.dataPort().read(0, 1) & 0xFF;
    }

    private void command(int value) {
        device.commandPort().write(0, 1, value);
    }

    private void data(int value) {
        device.dataPort().write(0, 1, value);
    }

    @Test
    void valuesAfterReset() {
        assertEquals(0x1C, status());
        assertEquals(0, data());
        assertFalse(line.high);
        command(0x20);
        assertEquals(0x45, data());
        command(0xD0);
        assertEquals(0x03, data() & 0x03);
    }

    @ParameterizedTest(name = "command 0x{0} answers 0x{1}")
    @CsvSource({"AA,55", "AB,00", "A9,01", "20,45", "C0,80", "D0,03", "21,00", "3F,00"})
    void answers(String command, String answer) {
        command(Integer.parseInt(command, 16));
        assertEquals(0x1D, status(), "output buffer full, last write a command");
        assertTrue(line.high);
        assertEquals(Integer.parseInt(answer, 16), data());
        assertEquals(0x1C, status());
        assertFalse(line.high);
        assertEquals(Integer.parseInt(answer, 16), data(), "an empty buffer reads the last byte");
    }

    @ParameterizedTest(name = "command 0x{0} answers nothing")
    @ValueSource(
            strings = {
                "A7", "A8", "AD", "AE", "60", "7F", "D1", "D2", "D3", "D4", "FF", "F1", "00", "1F", "40", "A0", "B0",
                "E0", "EF"
            })
    void silence(String command) {
        command(Integer.parseInt(command, 16));
        assertEquals(0x1C, status());
        assertEquals(0, resets.get());
    }

    @ParameterizedTest(name = "command byte 0x{0}")
    @ValueSource(strings = {"00", "FF", "65", "10", "74"})
    void commandByteIsKept(String hex) {
        int value = Integer.parseInt(hex, 16);
        command(0x60);
        data(value);
        assertEquals(0x10 | (value & 4), status(), "the system flag follows it; the last write was data");
        command(0x20);
        assertEquals(value, data());
    }

    @ParameterizedTest(name = "command 0x{0} makes the command byte 0x{1}")
    @CsvSource({"AD,55", "AE,45", "A7,65", "A8,45"})
    void interfacesAreSwitched(String command, String commandByte) {
        command(Integer.parseInt(command, 16));
        command(0x20);
        assertEquals(Integer.parseInt(commandByte, 16), data());
    }

    @ParameterizedTest(name = "command byte 0x{0}: interrupt {1}")
    @CsvSource({"01,true", "00,false", "11,false", "10,false", "21,true"})
    void interruptFollowsTheCommandByte(String commandByte, boolean high) {
        command(0x60);
        data(Integer.parseInt(commandByte, 16));
        command(0xAA);
        assertEquals(high, line.high);
    }

    @Test
    void selfTestSetsTheSystemFlag() {
        command(0x60);
        data(0);
        assertEquals(0x10, status());
        command(0xAA);
        assertEquals(0x1D, status());
    }

    // ---- resets ----

    @ParameterizedTest(name = "command 0x{0}: reset {1}")
    @CsvSource({"FE,1", "F0,1", "FC,1", "FF,0", "FD,0", "F1,0"})
    void pulseOfBitZeroResets(String command, int count) {
        command(Integer.parseInt(command, 16));
        assertEquals(count, resets.get());
        assertEquals(count, device.resetRequests());
    }

    @ParameterizedTest(name = "output port 0x{0}: reset {1}")
    @CsvSource({"FE,1,3", "02,1,3", "DF,0,3", "01,0,1", "03,0,3", "00,1,1"})
    void outputPortBitZeroResets(String value, int count, int portAfter) {
        command(0xD1);
        data(Integer.parseInt(value, 16));
        assertEquals(count, resets.get());
        command(0xD0);
        assertEquals(portAfter, data());
    }

    @Test
    void linuxRebootsByKeyboard() {
        // native_machine_emergency_restart, BOOT_KBD: wait for the input buffer, then pulse
        assertEquals(0, status() & 0x02);
        command(0xFE);
        assertEquals(1, resets.get());
    }

    // ---- absent devices ----

    @ParameterizedTest
    @ValueSource(ints = {0xF2, 0xFF, 0xED, 0x00})
    void noKeyboardAnswersAtOnce(int keyboardCommand) {
        data(keyboardCommand);
        assertEquals(0x55, status(), "output buffer full, time-out, last write data");
        assertTrue(line.high);
        assertEquals(0xFE, data());
        assertEquals(0x14, status());
    }

    @Test
    void noAuxiliaryDeviceAnswersAtOnce() {
        command(0xD4);
        data(0xFF);
        assertEquals(0x55, status());
        assertEquals(0xFE, data());
    }

    @Test
    void linuxFindsNoAuxiliaryPortWithoutWaiting() {
        command(0xD3);
        data(0x5A);
        assertEquals(0x01, status() & 0x21, "an answer, but not the auxiliary device's");
        assertEquals(0x5A, data());
        command(0xA9);
        assertTrue(data() != 0);
    }

    @Test
    void linuxInitialisesTheController() {
        int guard = 0;
        while ((status() & 1) != 0 && guard++ < 16) {
            int _ = data();
        }
        command(0x20);
        int ctr = data();
        command(0x20);
        assertEquals(ctr, data(), "stable");
        assertTrue((status() & 0x10) != 0, "not locked");
        command(0x60);
        data((ctr | 0x10) & ~0x01);
        command(0xAA);
        assertEquals(0x55, data());
        command(0xAB);
        assertEquals(0x00, data());
        assertFalse(line.high);
    }

    // ---- odd accesses ----

    @Test
    void aSecondCommandDropsTheFirstOnesData() {
        command(0x60);
        command(0xAA);
        assertEquals(0x55, data());
        data(0x00);
        assertEquals(0xFE, data(), "that was for the keyboard");
        command(0x20);
        assertEquals(0x45, data());
    }

    @Test
    void anUnreadAnswerIsReplaced() {
        command(0xAA);
        command(0xAB);
        assertEquals(0x00, data());
        assertEquals(0, status() & 1);
    }

    @Test
    void outputPortShowsTheFullBuffer() {
        command(0xAA);
        command(0xD0);
        assertEquals(0x13, data());
    }

    @Test
    void byteOfCommandD2ComesBack() {
        command(0xD2);
        data(0x1C);
        assertTrue(line.high);
        assertEquals(0x1C, data());
    }

    @Test
    void writesToAbsentRamAreDropped() {
        command(0x61);
        data(0x77);
        command(0x20);
        assertEquals(0x45, data());
    }

    @Test
    void wideAccessesSeeOneByte() {
        assertEquals(0xFFFF_FF1CL, device.commandPort().read(0, 4) & 0xFFFF_FFFFL);
        assertEquals(0xFF1CL, device.commandPort().read(0, 2) & 0xFFFFL);
        device.commandPort().write(0, 4, 0xFEFE_FEAAL);
        assertEquals(0xFF55L, device.dataPort().read(0, 2) & 0xFFFFL);
        device.commandPort().write(0, 2, 0x0060);
        device.dataPort().write(0, 4, 0xFFFF_FF21L);
        device.commandPort().write(0, 1, 0x20);
        assertEquals(0x21, data());
        assertEquals(0, resets.get());
    }

    @Test
    void unknownCommandsAreCounted() {
        command(0x00);
        command(0xB7);
        command(0xAA);
        assertEquals(2, device.unknownCommands());
    }

    // ---- state ----

    @Test
    void stateSurvivesBetweenCommandAndData() {
        command(0xAA);
        command(0x60);
        I8042State saved = device.save();
        TestLine otherLine = new TestLine();
        I8042Device other = new I8042Device(otherLine, () -> {});
        other.restore(saved);
        assertEquals(saved, other.save());
        assertTrue(otherLine.high);
        other.dataPort().write(0, 1, 0x30);
        assertFalse(otherLine.high);
        other.commandPort().write(0, 1, 0x20);
        assertEquals(0x30, other.dataPort().read(0, 1) & 0xFF);
    }

    @Test
    void resetReturnsToTheDocumentedValues() {
        I8042State fresh = device.save();
        command(0x60);
        data(0xFF);
        command(0xAA);
        command(0xD1);
        device.reset();
        assertEquals(fresh, device.save());
        assertFalse(line.high);
    }

    @ParameterizedTest
    @CsvSource({"0,0,0", "2,0,0", "1,256,0", "1,0,-1"})
    void badStatesAreRefused(int version, int status, int pending) {
        assertThrows(IllegalArgumentException.class, () -> new I8042State(version, status, 0, 0, 0, pending));
    }
}
