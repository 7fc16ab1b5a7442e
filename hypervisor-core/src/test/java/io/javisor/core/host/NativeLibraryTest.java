package io.javisor.core.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class NativeLibraryTest {
    @Test
    void callsAFunctionOfALibraryThatHasNoFile() throws IOException {
        Path zip = Path.of(System.getProperty("java.home"), "lib", "libzip.so");
        NativeLibrary library = NativeLibrary.load("copied-zip", Files.readAllBytes(zip));
        byte[] data = {1, 2, 3};
        CRC32 crc = new CRC32();
        crc.update(data);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(3).copyFrom(MemorySegment.ofArray(data));
            assertEquals((int) crc.getValue(), (int) library.call("ZIP_CRC32", 0, bytes.address(), 3));
        }
        assertTrue(Files.readString(Path.of("/proc/self/maps")).contains("/memfd:copied-zip (deleted)"));
        assertThrows(UnsatisfiedLinkError.class, () -> library.call("ZIP_NoSuch", 0));
    }

    /** Its file has the number that the first one's had. */
    @Test
    void aSecondLibraryIsNotTheFirst() throws IOException {
        Path libraries = Path.of(System.getProperty("java.home"), "lib");
        NativeLibrary _ = NativeLibrary.load("first-zip", Files.readAllBytes(libraries.resolve("libzip.so")));
        NativeLibrary second =
                NativeLibrary.load("second-jimage", Files.readAllBytes(libraries.resolve("libjimage.so")));
        assertThrows(UnsatisfiedLinkError.class, () -> second.call("ZIP_CRC32", 0, 0, 0));
    }

    @Test
    void saysThatItIsNone() {
        String message = String.valueOf(assertThrows(
                        UnsatisfiedLinkError.class, () -> NativeLibrary.load("none", new byte[] {1, 2, 3}))
                .getMessage());
        assertTrue(message.startsWith("none: "), message);
    }
}
