package io.javisor.cli.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.oci.Reference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamePatternTest {
    @ParameterizedTest
    @CsvSource({
        "debian, debian:12, true",
        "debian:12, debian:12, true",
        "debian:11, debian:12, false",
        "deb, debian:12, false",
        "deb*, debian:12, true",
        "deb*:*, debian:12, true",
        "*, debian:12, true",
        "*, localhost:5000/a/b:1, false",
        "localhost:5000/*/b, localhost:5000/a/b:1, true",
        "docker.io/library/debian, debian:12, true",
        "debia?:1[1-3], debian:12, true",
        "debian:1[^2], debian:12, false",
        "'a[&&b]c', debian:12, false",
        "de.ian, debian:12, false"
    })
    void matchesAsGosPaths(String pattern, String name, boolean expected) {
        assertEquals(expected, NamePattern.parse(pattern).matches(Reference.parse(name)));
    }

    @Test
    void whatIsNoneIsSaid() {
        assertEquals(
                "invalid pattern 'a[b'",
                assertThrows(IllegalArgumentException.class, () -> NamePattern.parse("a[b"))
                        .getMessage());
        assertEquals(
                "invalid pattern '[z-a]'",
                assertThrows(IllegalArgumentException.class, () -> NamePattern.parse("[z-a]"))
                        .getMessage());
    }
}
