package io.javisor.firmware.pvh;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.firmware.testing.TestMachine;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class StartInfoTest {
    private static final int GPA = 0x6000;

    private static byte[] write(StartInfo info) {
        GuestMemory memory = TestMachine.memory(0x1_0000);
        memory.fill(0, 0x1_0000, (byte) 0xFF);
        info.write(memory, new GpaRange(GPA, 0x1000));
        assertEquals((byte) 0xFF, memory.getByte(GPA - 1));
        assertEquals((byte) 0xFF, memory.getByte(GPA + info.sizeBytes()));
        byte[] bytes = new byte[info.sizeBytes()];
        memory.copyOut(GPA, bytes, 0, bytes.length);
        return bytes;
    }

    @Test
    void writesExactlyTheseBytes() {
        ByteBuffer expected = ByteBuffer.allocate(56 + 32 + 3 * 24).order(ByteOrder.LITTLE_ENDIAN);
        expected.putInt(0x336E_C578).putInt(1).putInt(0).putInt(1);
        expected.putLong(GPA + 56).putLong(0x2_0000).putLong(0);
        expected.putLong(GPA + 56 + 32).putInt(3).putInt(0);
        expected.putLong(0x0FE0_0000).putLong(0x12_3456).putLong(0).putLong(0);
        expected.putLong(0).putLong(0x9_FC00).putInt(1).putInt(0);
        expected.putLong(0x9_FC00).putLong(0x6_0400).putInt(2).putInt(0);
        expected.putLong(0x10_0000).putLong(0xFF0_0000).putInt(1).putInt(0);
        assertArrayEquals(
                expected.array(),
                write(new StartInfo(
                        0x2_0000, new GpaRange(0x0FE0_0000, 0x12_3456), TestMachine.e820(256 * TestMachine.MIB))));
    }

    @Test
    void withoutInitrdThereAreNoModules() {
        ByteBuffer info = ByteBuffer.wrap(write(new StartInfo(0x2_0000, null, TestMachine.e820(TestMachine.MIB))))
                .order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(0, info.getInt(12));
        assertEquals(0, info.getLong(16));
        assertEquals(0, info.getLong(56));
        assertEquals(2, info.getInt(48));
    }

    @Test
    void refusesPlaceTooSmall() {
        GuestMemory memory = TestMachine.memory(0x1_0000);
        StartInfo info = new StartInfo(0x2_0000, null, TestMachine.e820(256 * TestMachine.MIB));
        assertThrows(IllegalArgumentException.class, () -> info.write(memory, new GpaRange(GPA, 56 + 32 + 3 * 24 - 1)));
        info.write(memory, new GpaRange(GPA, 56 + 32 + 3 * 24));
        assertEquals(0x336E_C578, memory.getInt(GPA));
    }
}
