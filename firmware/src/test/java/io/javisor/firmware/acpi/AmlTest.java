package io.javisor.firmware.acpi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AmlTest {
    /** Content sizes on both sides of each step; the length counts itself. */
    @ParameterizedTest
    @CsvSource({
        "0,        01",
        "1,        02",
        "0x3D,     3e",
        "0x3E,     3f",
        "0x3F,     41 04",
        "0x40,     42 04",
        "0xFFC,    4e ff",
        "0xFFD,    4f ff",
        "0xFFE,    81 00 01",
        "0xFFF,    82 00 01",
        "0x1000,   83 00 01",
        "0xFFFFC,  8f ff ff",
        "0xFFFFD,  c1 00 00 01",
        "0xFFFFFFB, cf ff ff ff"
    })
    void packageLength(String contentSize, String encoding) {
        assertEquals(encoding, Aml.packageLength(Integer.decode(contentSize)).toString());
    }

    @Test
    void packageLengthHas28Bits() {
        assertThrows(IllegalArgumentException.class, () -> Aml.packageLength(0xFFF_FFFC));
    }

    /** A field's bit count is a bare number, not a length with itself. */
    @ParameterizedTest
    @CsvSource({"8, 08", "0x3F, 3f", "0x40, 40 04", "0xFFF, 4f ff", "0x1000, 80 00 01"})
    void fieldUnit(String bitCount, String encoding) {
        assertEquals(
                "50 45 50 54 " + encoding,
                Aml.fieldUnit("PEPT", Integer.decode(bitCount)).toString());
    }

    @ParameterizedTest
    @CsvSource({
        "0,                  00",
        "1,                  01",
        "2,                  0a 02",
        "0xFF,               0a ff",
        "0x100,              0b 00 01",
        "0xFFFF,             0b ff ff",
        "0x10000,            0c 00 00 01 00",
        "0xFFFFFFFF,         0c ff ff ff ff",
        "0x100000000,        0e 00 00 00 00 01 00 00 00",
        "0x7FFFFFFFFFFFFFFF, 0e ff ff ff ff ff ff ff 7f",
        "-1,                 ff",
        "-2,                 0e fe ff ff ff ff ff ff ff"
    })
    void integer(String value, String encoding) {
        assertEquals(encoding, Aml.integer(Long.decode(value)).toString());
    }

    @ParameterizedTest
    @CsvSource({
        "PNP0501, 0c 41 d0 05 01",
        "PNP0303, 0c 41 d0 03 03",
        "PNP0B00, 0c 41 d0 0b 00",
        "PNP0A08, 0c 41 d0 0a 08",
        "ACPF10D, 0c 04 70 f1 0d",
        "ZZZFFFF, 0c 6b 5a ff ff"
    })
    void eisaId(String id, String encoding) {
        assertEquals(encoding, Aml.eisaId(id).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "PNP050", "PNP05011", "pnp0501", "PNP0b00", "PNP050G", "P1P0501", "PN@0501", "[NP0501"})
    void eisaIdOfNothing(String id) {
        assertThrows(IllegalArgumentException.class, () -> Aml.eisaId(id));
    }

    @ParameterizedTest
    @CsvSource({
        "A,                 41 5f 5f 5f",
        "_S5,               5f 53 35 5f",
        "COM1,              43 4f 4d 31",
        "\\,                5c 00",
        "^,                 5e 00",
        "^^,                5e 5e 00",
        "\\_SB,             5c 5f 53 42 5f",
        "^X,                5e 58 5f 5f 5f",
        "\\_SB.C000,        5c 2e 5f 53 42 5f 43 30 30 30",
        "A.B,               2e 41 5f 5f 5f 42 5f 5f 5f",
        "A.B.C,             2f 03 41 5f 5f 5f 42 5f 5f 5f 43 5f 5f 5f",
        "^A.B.C,            5e 2f 03 41 5f 5f 5f 42 5f 5f 5f 43 5f 5f 5f"
    })
    void path(String path, String encoding) {
        assertEquals(encoding, Aml.reference(path).toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "1ABC", "ABCDE", "com1", "A-B", ".", "A.", ".A", "A..B", "\\A.", "\\^A", "A\\", "A B", "É"})
    void pathOfNothing(String path) {
        assertThrows(IllegalArgumentException.class, () -> Aml.reference(path));
    }

    @Test
    void pathOf255Segments() {
        String path = "A.".repeat(254) + "A";
        assertEquals(2 + 4 * 255, Aml.reference(path).sizeBytes());
        assertThrows(IllegalArgumentException.class, () -> Aml.reference(path + ".A"));
    }

    static Stream<Arguments> constructs() {
        AmlTerm one = Aml.integer(1);
        return Stream.of(
                Arguments.of(Aml.terms(), ""),
                Arguments.of(Aml.terms(one, one), "01 01"),
                Arguments.of(Aml.string(""), "0d 00"),
                Arguments.of(Aml.string("Ab"), "0d 41 62 00"),
                Arguments.of(Aml.buffer(new byte[0]), "11 02 00"),
                Arguments.of(Aml.buffer(new byte[] {7, -1}), "11 05 0a 02 07 ff"),
                Arguments.of(Aml.packageOf(), "12 02 00"),
                Arguments.of(Aml.packageOf(one, Aml.integer(5)), "12 05 02 01 0a 05"),
                Arguments.of(Aml.name("X", one), "08 58 5f 5f 5f 01"),
                Arguments.of(Aml.scope("\\_SB"), "10 06 5c 5f 53 42 5f"),
                Arguments.of(Aml.scope("\\_SB", one), "10 07 5c 5f 53 42 5f 01"),
                Arguments.of(Aml.device("X", one), "5b 82 06 58 5f 5f 5f 01"),
                Arguments.of(Aml.method("X", 7, one), "14 07 58 5f 5f 5f 07 01"),
                Arguments.of(Aml.systemIoRegion("X", 0x505, 1), "5b 80 58 5f 5f 5f 01 0b 05 05 01"),
                Arguments.of(Aml.byteField("X", Aml.fieldUnit("Y", 8)), "5b 81 0b 58 5f 5f 5f 01 59 5f 5f 5f 08"),
                Arguments.of(Aml.store(Aml.argument(0), Aml.local(7)), "70 68 67"),
                Arguments.of(Aml.returnOf(Aml.reference("X")), "a4 58 5f 5f 5f"));
    }

    @ParameterizedTest
    @MethodSource("constructs")
    void construct(AmlTerm term, String encoding) {
        assertEquals(encoding, term.toString());
    }

    /** A scope whose content ends on either side of each step still holds what its length says. */
    @ParameterizedTest
    @ValueSource(ints = {0x38, 0x39, 0x3A, 0x3B, 0xFF7, 0xFF8, 0xFF9, 0xFFA})
    void nestedLength(int paddingSize) {
        AmlTerm padding = AmlTerm.of(new byte[paddingSize]);
        AmlTerm scope = Aml.scope("X", padding);
        byte[] bytes = scope.bytes();
        int extra = (bytes[1] & 0xFF) >>> 6;
        int length = extra == 0 ? bytes[1] : bytes[1] & 0xF;
        for (int i = 0; i < extra; i++) {
            length |= (bytes[2 + i] & 0xFF) << (4 + 8 * i);
        }
        assertEquals(bytes.length - 1, length);
        assertEquals(1 + 1 + extra + 4 + paddingSize, bytes.length);
    }

    @Test
    void limits() {
        assertThrows(IllegalArgumentException.class, () -> Aml.method("X", 8));
        assertThrows(IllegalArgumentException.class, () -> Aml.method("X", -1));
        assertThrows(IllegalArgumentException.class, () -> Aml.argument(7));
        assertThrows(IllegalArgumentException.class, () -> Aml.local(8));
        assertThrows(IllegalArgumentException.class, () -> Aml.string("ä"));
        assertThrows(IllegalArgumentException.class, () -> Aml.string("a\0b"));
        assertThrows(IllegalArgumentException.class, () -> Aml.packageOf(new AmlTerm[256]));
        assertThrows(IllegalArgumentException.class, () -> Aml.fieldUnit("X", -1));
    }
}
