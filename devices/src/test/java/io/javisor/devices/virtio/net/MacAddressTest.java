package io.javisor.devices.virtio.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MacAddressTest {
    @Test
    void itIsReadAndWrittenInPairs() {
        MacAddress address = MacAddress.parse("52:54:00:AB:cd:0e");
        assertEquals(0x5254_00AB_CD0EL, address.value());
        assertEquals("52:54:00:ab:cd:0e", address.toString());
        assertTrue(address.isUnicast());
        assertFalse(MacAddress.BROADCAST.isUnicast());
        assertFalse(new MacAddress(0).isUnicast());
        assertThrows(IllegalArgumentException.class, () -> new MacAddress(1L << 48));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "52:54:00:12:34",
                "52:54:00:12:34:5",
                "52-54-00-12-34-56",
                "52:54:00:12:34:56:78",
                "g2:54:00:12:34:56"
            })
    void anythingElseIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> MacAddress.parse(text));
    }
}
