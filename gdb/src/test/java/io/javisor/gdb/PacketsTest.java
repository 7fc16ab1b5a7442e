package io.javisor.gdb;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Packets on the wire, both ways. */
class PacketsTest {
    private final PacketParser parser = new PacketParser();

    private List<PacketParser.Item> parse(byte[] bytes) {
        List<PacketParser.Item> items = new ArrayList<>();
        for (byte b : bytes) {
            PacketParser.Item item = parser.take(b & 0xFF);
            if (item != null) {
                items.add(item);
            }
        }
        return items;
    }

    private List<PacketParser.Item> parse(String text) {
        return parse(Packets.text(text));
    }

    private static String data(PacketParser.Item item) {
        return Packets.text(
                assertInstanceOf(PacketParser.Packet.class, item).data().toArray());
    }

    @Test
    void aFrameHasTheSumOfItsBytes() {
        assertEquals("$OK#9a", Packets.text(Packets.frame(Packets.text("OK"))));
        assertEquals("$#00", Packets.text(Packets.frame(new byte[0])));
        assertEquals("$E01#a6", Packets.text(Packets.frame(Packets.text("E01"))));
        assertEquals("$\377\2#01", Packets.text(Packets.frame(Packets.text("\377\2"))));
    }

    @Test
    void packetsAreFoundBetweenAcknowledgements() {
        List<PacketParser.Item> items = parse("+$g#67+$?#3F++");
        assertEquals(2, items.size());
        assertEquals("g", data(items.getFirst()));
        assertEquals("?", data(items.getLast()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"$g#68", "$g#zz", "$g#-1", "$g#6-", "$OK#9b", "$#01"})
    void aWrongSumIsSaid(String text) {
        assertEquals(List.of(new PacketParser.Damaged()), parse(text));
    }

    @Test
    void aPacketThatWasCutOffIsForgotten() {
        assertEquals("g", data(parse("$qSuppor$g#67").getFirst()));
    }

    @Test
    void anInterruptComesBetweenPacketsOnly() {
        assertEquals(List.of(new PacketParser.Interrupt(), new PacketParser.Interrupt()), parse("\3+\3"));
        assertEquals("\3", data(parse("$\3#03").getFirst()));
    }

    @Test
    void whatDidNotArriveIsAskedForAgain() {
        assertEquals(List.of(new PacketParser.Again()), parse("-"));
    }

    @Test
    void noiseIsLetPassUpToAMeasure() {
        assertTrue(parse("\n".repeat(PacketParser.MAX_NOISE)).isEmpty());
        assertInstanceOf(PacketParser.Nonsense.class, parser.take('\n'));
    }

    @Test
    void aPacketEndsTheNoise() {
        for (int i = 0; i < 10; i++) {
            assertEquals(
                    1, parse("\n".repeat(PacketParser.MAX_NOISE / 2) + "$g#67").size());
        }
    }

    @Test
    void anEndlessPacketIsNonsense() {
        assertNull(parser.take('$'));
        for (int i = 0; i < PacketParser.MAX_DATA; i++) {
            assertNull(parser.take('a'));
        }
        assertInstanceOf(PacketParser.Nonsense.class, parser.take('a'));
    }

    @Test
    void binaryDataSurvive() {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        byte[] escaped = Packets.escape(all);
        assertEquals(260, escaped.length);
        assertArrayEquals(all, Packets.unescape(escaped, 0));
        assertArrayEquals(
                escaped,
                ((PacketParser.Packet) parse(Packets.frame(escaped)).getFirst())
                        .data()
                        .toArray());
        assertThrows(BadPacketException.class, () -> Packets.unescape(Packets.text("ab}"), 0));
    }

    @Test
    void valuesAreReadAsTheyAreMeant() {
        assertEquals(0xFFFF_FFFF_8000_0000L, Values.number("ffffffff80000000"));
        assertEquals(0x10, Values.count("10"));
        assertArrayEquals(new byte[] {(byte) 0xA5, 0}, Values.bytes("a500"));
        assertArrayEquals(new byte[] {0x34, 0x12, 0}, Values.littleEndian(0x1234, 3));
        assertEquals(0x1234, Values.ofLittleEndian(new byte[] {0x34, 0x12, 0}));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "+1", "x", "1g", "11112222333344445", " 1"})
    void whatIsNoNumberIsRefused(String text) {
        assertThrows(BadPacketException.class, () -> Values.number(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"80000000", "ffffffffffffffff", "100000000"})
    void aCountIsNotTooLarge(String text) {
        assertThrows(BadPacketException.class, () -> Values.count(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "abc", "0x", "zz"})
    void whatAreNoBytesIsRefused(String text) {
        assertThrows(BadPacketException.class, () -> Values.bytes(text));
    }

    @Test
    void garbageEndsInPacketsDamageOrNonsense() {
        Random random = new Random(7);
        for (int run = 0; run < 200; run++) {
            PacketParser fresh = new PacketParser();
            for (int i = 0; i < 5000; i++) {
                if (fresh.take(random.nextInt(256)) instanceof PacketParser.Nonsense) {
                    break;
                }
            }
        }
    }
}
