package io.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnsupportedInstructionsTest {
    @ParameterizedTest
    @CsvSource({
        "0fae27, XSAVE",
        "480fae2f, XRSTOR",
        "480fc70f, CMPXCHG16B",
        "f0480fc70f, CMPXCHG16B",
        "f30fb8c0, POPCNT",
        "f3480fb8c0, POPCNT",
        "0f01ca, CLAC",
        "0f01cb, STAC",
        "cc, INT3",
        "cd80, INT n",
        "9b, FWAIT",
        "c5f877, AVX instructions",
        "0fc70f,",
        "90,",
        "f3,",
        "'',",
        "0fb8c0,",
        "0f,"
    })
    void namesByBytes(String bytes, String name) {
        assertEquals(name, UnsupportedInstructions.name(HexFormat.of().parseHex(bytes)));
    }

    @Test
    void aHardwareHostGetsAHintOnlyWhereThereIsOne() {
        assertNull(UnsupportedInstructions.hint(new byte[] {(byte) 0x90}, false));
        assertNotNull(UnsupportedInstructions.hint(new byte[] {(byte) 0x90}, true));
        assertNotNull(UnsupportedInstructions.hint(new byte[] {(byte) 0xCC}, false));
    }
}
