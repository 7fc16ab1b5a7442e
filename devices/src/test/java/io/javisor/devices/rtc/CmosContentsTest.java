package io.javisor.devices.rtc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CmosContentsTest {
    /** Memory in MiB below and above 4 GiB; extended KiB; 64 KiB units above 16 MiB and above 4 GiB. */
    @ParameterizedTest
    @CsvSource({
        "1, 0, 0, 0, 0",
        "16, 0, 15360, 0, 0",
        "64, 0, 64512, 768, 0",
        "65, 0, 65535, 784, 0",
        "128, 0, 65535, 1792, 0",
        "3328, 0, 65535, 52992, 0",
        "4096, 0, 65535, 65280, 0",
        "3328, 768, 65535, 52992, 12288",
        "3328, 1048576, 65535, 52992, 16777215"
    })
    void memory(long belowMib, long aboveMib, int extendedKib, int above16Mib, int above4Gib) {
        byte[] cmos = CmosContents.ofMemory(belowMib << 20, aboveMib << 20);
        assertEquals(128, cmos.length);
        assertEquals(640, word(cmos, 0x15));
        assertEquals(extendedKib, word(cmos, 0x17));
        assertEquals(extendedKib, word(cmos, 0x30));
        assertEquals(above16Mib, word(cmos, 0x34));
        assertEquals(above4Gib, word(cmos, 0x5B) | (cmos[0x5D] & 0xFF) << 16);
        int sum = 0;
        for (int i = 0x10; i <= 0x2D; i++) {
            sum += cmos[i] & 0xFF;
        }
        assertEquals(sum, (cmos[0x2E] & 0xFF) << 8 | (cmos[0x2F] & 0xFF));
    }

    private static int word(byte[] cmos, int index) {
        return (cmos[index] & 0xFF) | (cmos[index + 1] & 0xFF) << 8;
    }
}
