package io.javisor.oci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlatformTest {
    @ParameterizedTest
    @CsvSource({
        "linux/amd64, linux/amd64",
        "amd64, linux/amd64",
        "linux, linux/amd64",
        "x86_64, linux/amd64",
        "Linux/AMD64, linux/amd64",
        "linux/aarch64, linux/arm64",
        "linux/arm64/v8, linux/arm64/v8",
        "arm/v7, arm/v7",
        "linux/i386, linux/386",
        "linux/riscv64, linux/riscv64",
        "windows/amd64, windows/amd64"
    })
    void reads(String text, String platform) {
        assertEquals(platform, Platform.parse(text).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "linux/", "/amd64", "a/b/c/d", "linux/amd 64", "linux/\u001b"})
    void refuses(String text) {
        String message = String.valueOf(
                assertThrows(OciException.class, () -> Platform.parse(text)).getMessage());
        assertTrue(message.endsWith(": is an invalid platform; it is written linux/amd64"), message);
        assertTrue(message.chars().allMatch(c -> c >= ' ' && c < 0x7F), message);
    }

    @ParameterizedTest
    @CsvSource({
        "linux/amd64, linux/amd64, true",
        "linux/amd64, linux/arm64, false",
        "linux/amd64, windows/amd64, false",
        "linux/amd64, linux/amd64/v3, true",
        "linux/amd64/v3, linux/amd64, true",
        "linux/amd64/v3, linux/amd64/v2, true",
        "linux/amd64/v2, linux/amd64/v3, false",
        "linux/arm64/v8, linux/arm64, true",
        "linux/arm64, linux/arm64/v8, true",
        "linux/arm/v6, linux/arm/v7, false",
        "linux/arm/v6, linux/arm, false",
        "linux/arm/v7, linux/arm, true",
        "linux/arm/v7, linux/arm/v5, true",
        "linux/riscv64/rva22, linux/riscv64, false",
        "linux/riscv64, linux/riscv64/rva22, true"
    })
    void takesVariants(String wanted, String offered, boolean takes) {
        assertEquals(takes, Platform.parse(wanted).takes(Platform.parse(offered)));
    }

    @Test
    void prefersTheNearest() {
        Platform plain = Platform.parse("linux/amd64");
        assertEquals(0, plain.distance(Platform.parse("linux/amd64/v1")));
        assertTrue(plain.distance(Platform.parse("linux/amd64/v2")) < plain.distance(Platform.parse("linux/amd64/v3")));
        Platform third = Platform.parse("linux/amd64/v3");
        assertTrue(third.distance(Platform.parse("linux/amd64/v2")) < third.distance(plain));
        Platform arm = Platform.parse("linux/arm");
        assertTrue(arm.distance(Platform.parse("linux/arm/v6")) < arm.distance(Platform.parse("linux/arm/v8")));
    }
}
