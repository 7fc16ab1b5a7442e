package io.javisor.machine.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MemorySizeTest {
    @ParameterizedTest
    @CsvSource({
        "512M, 536870912",
        "512m, 536870912",
        "2G, 2147483648",
        "2GiB, 2147483648",
        "2gb, 2147483648",
        "1.5G, 1610612736",
        "4096K, 4194304",
        "1T, 1099511627776",
        "' 1G ', 1073741824"
    })
    void sizesAreRead(String text, long bytes) {
        assertEquals(bytes, MemorySize.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "M",
                "-1M",
                "-512M",
                "12Q",
                "1e3M",
                "0x10M",
                "1 G",
                "many",
                "1.M",
                "99999999999999999999M",
                "8192T"
            })
    void otherTextIsRefusedWithIt(String text) {
        ConfigException refusal = assertThrows(ConfigException.class, () -> MemorySize.parse(text));
        assertTrue(refusal.toString().contains(text), refusal::toString);
    }

    /** What it proposes is no machine of 512 TiB. */
    @ParameterizedTest
    @CsvSource({
        "512, 512M or 512G",
        "1.5, 1.5M or 1.5G",
        "65536, 65536M or 65536G",
        "536870912, 512M for that many bytes",
        "1000000000, 954M for that many bytes",
        "2147483648, 2G for that many bytes"
    })
    void aSizeWithoutUnitIsRefusedWithOneThatIsMeant(String text, String proposal) {
        ConfigException refusal = assertThrows(ConfigException.class, () -> MemorySize.parse(text));
        assertEquals("memory size '" + text + "' has no unit; write for example " + proposal, refusal.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "0M", "0.0G"})
    void nothingIsTooLittle(String text) {
        assertTrue(assertThrows(ConfigException.class, () -> MemorySize.parse(text))
                .toString()
                .contains("too little"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"512", "1"})
    void aNumberAloneCouldMeanAnything(String text) {
        assertTrue(assertThrows(ConfigException.class, () -> MemorySize.parse(text))
                .toString()
                .contains(text + "M"));
    }

    @ParameterizedTest
    @CsvSource({"536870912, 512M", "1, 1", "1536, 1536", "2048, 2K", "3221225472, 3G", "1099511627776, 1T"})
    void sizesAreWritten(long bytes, String text) {
        assertEquals(text, MemorySize.format(bytes));
    }
}
