package io.javisor.devices.i8042;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.javisor.testkit.FuzzBytes;
import io.javisor.testkit.RecordingLine;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any sequence of port accesses: the line shows what the registers say, and every reset that is asked for is asked for once. */
class I8042FuzzTest {
    private static final int READ_DATA = 0;
    private static final int READ_STATUS = 1;
    private static final int WRITE_DATA = 2;
    private static final int WRITE_COMMAND = 3;
    private static final int SNAPSHOT = 4;
    private static final int RESET = 5;

    private int resets;

    static Stream<byte[]> seeds() {
        return Stream.of(
                FuzzBytes.of(
                        WRITE_COMMAND,
                        0,
                        0xAA,
                        READ_STATUS,
                        READ_DATA,
                        WRITE_COMMAND,
                        0,
                        0x20,
                        READ_DATA,
                        WRITE_COMMAND,
                        0,
                        0x60,
                        WRITE_DATA,
                        0,
                        0x45,
                        WRITE_COMMAND,
                        0,
                        0xD4,
                        WRITE_DATA,
                        0,
                        0xF2,
                        READ_STATUS,
                        SNAPSHOT,
                        READ_DATA),
                FuzzBytes.of(
                        WRITE_COMMAND,
                        0,
                        0xD1,
                        WRITE_DATA,
                        0,
                        0xDE,
                        RESET,
                        WRITE_DATA,
                        0,
                        0xED,
                        READ_DATA,
                        WRITE_COMMAND,
                        0,
                        0xFE));
    }

    @MethodSource("seeds")
    @FuzzTest
    void keepsItsInvariants(byte[] bytes) {
        FuzzBytes input = new FuzzBytes(bytes);
        RecordingLine line = new RecordingLine();
        resets = 0;
        int resetsBefore = 0;
        I8042Device device = new I8042Device(line, () -> resets++);
        while (input.more()) {
            switch (input.u8() % 6) {
                case READ_DATA ->
                    assertEquals(device.save().outputBuffer(), device.dataPort().read(0, 1) & 0xFF);
                case READ_STATUS ->
                    assertEquals(device.save().status(), device.commandPort().read(0, 1) & 0xFF);
                case WRITE_DATA -> device.dataPort().write(0, input.size(), input.u8());
                case WRITE_COMMAND -> device.commandPort().write(0, input.size(), input.u8());
                case SNAPSHOT -> {
                    I8042State state = device.save();
                    resetsBefore = resets;
                    device = new I8042Device(line, () -> resets++);
                    device.restore(state);
                    assertEquals(state, device.save());
                }
                default -> device.reset();
            }
            I8042State state = device.save();
            boolean full = (state.status() & I8042Device.STATUS_OBF) != 0;
            boolean enabled =
                    (state.commandByte() & (I8042Device.COMMAND_BYTE_IRQ1 | I8042Device.COMMAND_BYTE_KEYBOARD_OFF))
                            == I8042Device.COMMAND_BYTE_IRQ1;
            assertEquals(full && enabled, line.isHigh(), "line");
            assertEquals(resets - resetsBefore, device.resetRequests());
        }
    }
}
