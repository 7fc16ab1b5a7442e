package io.javisor.core.irq;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class InterruptMessageTest {
    /** What Linux writes for a device: fixed, edge, physical; and the same to all, by logical ids. */
    @ParameterizedTest
    @CsvSource({
        "0, false, FIXED, 0x22, false, 0xFEE00000, 0x0022",
        "3, false, FIXED, 0x41, false, 0xFEE03000, 0x0041",
        "255, true, LOWEST_PRIORITY, 0xEF, false, 0xFEEFF004, 0x01EF",
        "1, true, FIXED, 0x51, true, 0xFEE01004, 0xC051",
        "0, false, NMI, 0, false, 0xFEE00000, 0x0400"
    })
    void areLaidOutAsProcessorsReadThem(
            int destination,
            boolean logical,
            DeliveryMode mode,
            String vector,
            boolean level,
            String addressGpa,
            String data) {
        assertEquals(Long.decode(addressGpa), InterruptMessage.addressGpa(destination, logical));
        assertEquals(Integer.decode(data), InterruptMessage.data(mode, Integer.decode(vector), level));
    }

    @ParameterizedTest
    @EnumSource
    void areReadAsTheyWereWritten(DeliveryMode mode) {
        for (int value = 0; value < 256; value++) {
            boolean odd = (value & 1) != 0;
            long addressGpa = InterruptMessage.addressGpa(value, odd);
            int data = InterruptMessage.data(mode, 255 - value, odd);
            assertEquals(value, InterruptMessage.destination(addressGpa));
            assertEquals(odd, InterruptMessage.isLogical(addressGpa));
            assertEquals(255 - value, InterruptMessage.vector(data));
            assertEquals(mode, InterruptMessage.mode(data));
            assertEquals(odd, InterruptMessage.isLevel(data));
        }
    }

    /** A destination is 8 bits, as the message has room for no more; what is above is somebody else's address. */
    @Test
    void takeTheLowBitsOfWhatDoesNotFit() {
        assertEquals(0xFEE0_1000L, InterruptMessage.addressGpa(0x101, false));
        assertEquals(0x42, InterruptMessage.data(DeliveryMode.FIXED, 0x142, false));
        assertEquals(0xFF, InterruptMessage.destination(0xFEEF_FFFFL));
    }
}
