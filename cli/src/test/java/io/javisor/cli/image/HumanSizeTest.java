package io.javisor.cli.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** As docker/go-units, size_test.go, has them. */
class HumanSizeTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0B",
        "1, 1B",
        "999, 999B",
        "1000, 1kB",
        "1024, 1.02kB",
        "124300000, 124MB",
        "74800123, 74.8MB",
        "999999, 1MB", // go-units: 1e+03kB
        "9223372036854775807, 9.22EB"
    })
    void listsHaveThreeDigits(long bytes, String expected) {
        assertEquals(expected, HumanSize.of(bytes, HumanSize.LIST_DIGITS));
    }

    @ParameterizedTest
    @CsvSource({
        "1000, 1kB",
        "1024, 1.024kB",
        "1000000, 1MB",
        "1048576, 1.049MB",
        "2000000, 2MB",
        "3420000000, 3.42GB",
        "5372000000000, 5.372TB",
        "2220000000000000, 2.22PB",
        "999949, 999.9kB",
        "999950, 1MB"
    })
    void sumsHaveFour(long bytes, String expected) {
        assertEquals(expected, HumanSize.of(bytes));
    }
}
