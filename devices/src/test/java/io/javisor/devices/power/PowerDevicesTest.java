package io.javisor.devices.power;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.core.bus.BusDevice;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PowerDevicesTest {
    private final RecordingControl control = new RecordingControl();

    /** As the bus does it: bits above the width do not reach the guest. */
    private static long read(BusDevice device, long offset, int size) {
        return device.read(offset, size) & (0xFFFF_FFFFL >>> (32 - 8 * size));
    }

    private static long hex(String digits) {
        return Long.parseLong(digits, 16);
    }

    private List<String> expected(String requests) {
        return requests.equals("-") ? List.of() : List.of(requests.split("\\+"));
    }

    // ---- debug exit ----

    @ParameterizedTest(name = "write {0} width {1} value 0x{2}: {3}")
    @CsvSource({
        "0,1,00,exit 0",
        "0,1,01,exit 1",
        "0,1,FF,exit 255",
        "0,2,1234,exit 52",
        "0,4,FFFFFF07,exit 7",
        "1,1,05,-",
        "3,1,05,-"
    })
    void debugExit(long offset, int size, String value, String requests) {
        DebugExitDevice device = new DebugExitDevice(control);
        device.write(offset, size, hex(value));
        assertEquals(expected(requests), control.requests);
        assertEquals(0xFF, read(device, offset, 1));
        assertEquals(0xFFFF_FFFFL, read(device, offset, 4));
    }

    // ---- pvpanic ----

    @ParameterizedTest(name = "write {0} width {1} value 0x{2}: {3}")
    @CsvSource({
        "0,1,01,guestPanicked,0",
        "0,1,02,crashLoaded,0",
        "0,1,03,guestPanicked,0",
        "0,4,01,guestPanicked,0",
        "0,1,00,-,1",
        "0,1,04,-,1",
        "0,1,F8,-,1",
        "1,1,01,-,0"
    })
    void pvpanicEvents(long offset, int size, String value, String requests, int unknown) {
        PvpanicDevice device = new PvpanicDevice(control);
        device.write(offset, size, hex(value));
        assertEquals(expected(requests), control.requests);
        assertEquals(unknown, device.unknownEvents());
    }

    @ParameterizedTest(name = "read {0} width {1}: 0x{2}")
    @CsvSource({"0,1,03", "0,2,FF03", "0,4,FFFFFF03", "1,1,FF"})
    void pvpanicAnnouncesItsEvents(long offset, int size, String value) {
        assertEquals(hex(value), read(new PvpanicDevice(control), offset, size));
    }

    // ---- port 0xCF9 ----

    @ParameterizedTest(name = "write 0x{0}: {1}, reads 0x{2}")
    @CsvSource({"06,reset,02", "0E,reset,0A", "04,reset,00", "02,-,02", "00,-,00", "F1,-,00", "FF,reset,0A", "08,-,08"})
    void resetControl(String value, String requests, String after) {
        ResetControlDevice device = new ResetControlDevice(control);
        device.write(0, 1, hex(value));
        assertEquals(expected(requests), control.requests);
        assertEquals(hex(after), read(device, 0, 1));
        ResetControlDevice other = new ResetControlDevice(control);
        other.restore(device.save());
        assertEquals(hex(after), read(other, 0, 1));
        other.reset();
        assertEquals(0, read(other, 0, 1));
    }

    @ParameterizedTest
    @CsvSource({"0,2", "0,4", "1,1"})
    void resetControlIsOneByte(long offset, int size) {
        ResetControlDevice device = new ResetControlDevice(control);
        device.write(offset, size, 0x0606_0606L);
        assertEquals(List.of(), control.requests);
        assertEquals(0xFFFF_FFFFL >>> (32 - 8 * size), read(device, offset, size));
    }

    // ---- port 0x92 ----

    @ParameterizedTest(name = "write {0} width {1} value 0x{2}: {3}, reads 0x{4}")
    @CsvSource({
        "0,1,01,reset,00",
        "0,1,03,reset,02",
        "0,1,02,-,02",
        "0,1,00,-,00",
        "0,1,FC,-,00",
        "0,2,0102,-,02",
        "1,1,01,-,02"
    })
    void systemControlPortA(long offset, int size, String value, String requests, String after) {
        SystemControlPortA device = new SystemControlPortA(control);
        assertEquals(0x02, read(device, 0, 1));
        device.write(offset, size, hex(value));
        assertEquals(expected(requests), control.requests);
        assertEquals(hex(after), read(device, 0, 1));
        assertEquals(0xFF00 | hex(after), read(device, 0, 2));
        assertEquals(0xFF, read(device, 1, 1));
        SystemControlPortA other = new SystemControlPortA(control);
        other.restore(device.save());
        assertEquals(hex(after), read(other, 0, 1));
        other.reset();
        assertEquals(0x02, read(other, 0, 1));
    }

    // ---- ignored ports ----

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void ignoredPortsReadWhatTheyAreMadeFor(int size) {
        IgnoredPorts ones = IgnoredPorts.readingOnes();
        ones.write(0, size, 0);
        assertEquals(0xFFFF_FFFFL >>> (32 - 8 * size), read(ones, 0, size));
        IgnoredPorts zeros = IgnoredPorts.readingZeros();
        zeros.write(1, size, -1);
        assertEquals(0, read(zeros, 1, size));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, -1})
    void otherStateVersionsAreRefused(int version) {
        assertThrows(IllegalArgumentException.class, () -> new RegisterState(version, 0));
    }
}
