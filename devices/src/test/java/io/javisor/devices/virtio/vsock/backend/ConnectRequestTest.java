package io.javisor.devices.virtio.vsock.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectRequestTest {
    private final ConnectRequest request = new ConnectRequest();

    /** Returns how many bytes were taken before it was complete or refused. */
    private int say(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        for (int i = 0; i < bytes.length; i++) {
            if (!request.add(bytes[i])) {
                return i;
            }
            if (request.isComplete()) {
                return i + 1;
            }
        }
        return bytes.length;
    }

    @ParameterizedTest
    @CsvSource({"52, 52", "0, 0", "00052, 52", "4294967295, -1", "2147483648, -2147483648"})
    void aPortIsADecimalNumberOf32Bits(String text, int port) {
        String line = "CONNECT " + text + "\n";
        assertEquals(line.length(), say(line));
        assertTrue(request.isComplete());
        assertEquals(port, request.port());
    }

    @Test
    void aTerminalsLineEndIsOneToo() {
        assertEquals(12, say("CONNECT 52\r\nmore"));
        assertTrue(request.isComplete());
        assertEquals(52, request.port());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\n",
                "GET / HTTP/1.1\r\n",
                "connect 52\n",
                "CONNECT\n",
                "CONNECT \n",
                "CONNECT \r\n",
                "CONNECT  52\n",
                "CONNECT -1\n",
                "CONNECT +1\n",
                "CONNECT 5x\n",
                "CONNECT 5 2\n",
                "CONNECT 52 \n",
                "CONNECT 52\r\r\n",
                "CONNECT 52\r3\n",
                "CONNECT 4294967296\n",
                "CONNECT 99999999999999999999\n",
                "CONNECT 0000000000000000000000000000000000000000000\n",
                "\0\u00ff"
            })
    void allElseIsRefused(String line) {
        int _ = say(line);
        assertFalse(request.isComplete());
    }

    @Test
    void aPartIsNoRequestYet() {
        assertEquals(10, say("CONNECT 52"));
        assertFalse(request.isComplete());
        assertEquals(1, say("\n"));
        assertTrue(request.isComplete());
    }
}
