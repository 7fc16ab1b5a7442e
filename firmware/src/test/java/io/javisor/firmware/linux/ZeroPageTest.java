package io.javisor.firmware.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.firmware.layout.E820Entry;
import io.javisor.firmware.layout.E820Map;
import io.javisor.firmware.layout.E820Type;
import io.javisor.firmware.testing.TestMachine;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ZeroPageTest {
    private static final long GPA = 0x7000;

    private static byte[] page(ZeroPage zeroPage) {
        GuestMemory memory = TestMachine.memory(0x1_0000);
        memory.fill(0, 0x1_0000, (byte) 0xFF);
        zeroPage.write(memory, GPA);
        assertEquals((byte) 0xFF, memory.getByte(GPA - 1));
        assertEquals((byte) 0xFF, memory.getByte(GPA + 0x1000));
        byte[] page = new byte[0x1000];
        memory.copyOut(GPA, page, 0, page.length);
        return page;
    }

    /** Every byte of the page: what is named here has its value, all else is 0. */
    @Test
    void writesExactlyTheseBytes() {
        ByteBuffer expected = ByteBuffer.allocate(0x1000).order(ByteOrder.LITTLE_ENDIAN);
        expected.put(0x1E8, (byte) 3);
        expected.putShort(0x1FE, (short) 0xAA55);
        expected.put(0x202, new byte[] {'H', 'd', 'r', 'S'});
        expected.putShort(0x206, (short) 0x020C);
        expected.put(0x210, (byte) 0xFF);
        expected.put(0x211, (byte) 1);
        expected.putInt(0x218, 0x0FE0_0000);
        expected.putInt(0x21C, 0x12_3456);
        expected.putInt(0x228, 0x2_0000);
        expected.putInt(0x230, 0x20_0000);
        expected.putInt(0x238, 2047);
        expected.position(0x2D0);
        expected.putLong(0).putLong(0x9_FC00).putInt(1);
        expected.putLong(0x9_FC00).putLong(0x6_0400).putInt(2);
        expected.putLong(0x10_0000).putLong(0xFF0_0000).putInt(1);
        assertArrayEquals(
                expected.array(),
                page(new ZeroPage(
                        0x2_0000, new GpaRange(0x0FE0_0000, 0x12_3456), TestMachine.e820(256 * TestMachine.MIB))));
    }

    @Test
    void withoutInitrdItsFieldsAreZero() {
        ByteBuffer page = ByteBuffer.wrap(page(new ZeroPage(0x2_0000, null, TestMachine.e820(TestMachine.MIB))));
        assertEquals(0, page.getInt(0x218));
        assertEquals(0, page.getInt(0x21C));
        assertEquals(0, page.getInt(0xC0));
        assertEquals(0, page.getInt(0xC4));
    }

    @Test
    void splitsWhatExceeds32Bits() {
        ByteBuffer page = ByteBuffer.wrap(page(new ZeroPage(
                        0x9_8765_4000L,
                        new GpaRange(0x1_2345_6000L, 0x2_0000_0001L),
                        TestMachine.e820(TestMachine.MIB))))
                .order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(0x2345_6000, page.getInt(0x218));
        assertEquals(1, page.getInt(0xC0));
        assertEquals(1, page.getInt(0x21C));
        assertEquals(2, page.getInt(0xC4));
        assertEquals(0x8765_4000, page.getInt(0x228));
        assertEquals(9, page.getInt(0xC8));
    }

    private static E820Map map(int entries) {
        List<E820Entry> list = new ArrayList<>();
        for (int i = 0; i < entries; i++) {
            list.add(new E820Entry(new GpaRange(i * 0x2000L, 0x1000), E820Type.RAM));
        }
        return new E820Map(list);
    }

    @Test
    void takes128EntriesAndNoMore() {
        ByteBuffer page = ByteBuffer.wrap(page(new ZeroPage(0, null, map(128)))).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals((byte) 128, page.get(0x1E8));
        assertEquals(127 * 0x2000, page.getLong(0x2D0 + 127 * 20));
        assertEquals(1, page.getInt(0x2D0 + 127 * 20 + 16));
        assertThrows(IllegalArgumentException.class, () -> new ZeroPage(0, null, map(129)));
    }
}
