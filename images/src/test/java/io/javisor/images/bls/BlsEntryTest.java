package io.javisor.images.bls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.images.ImageException;
import io.javisor.images.testing.MapFileSystem;
import java.util.List;
import org.junit.jupiter.api.Test;

class BlsEntryTest {
    private static List<String> sorted(String... filesAndTexts) {
        MapFileSystem files = new MapFileSystem("u", "");
        for (int i = 0; i < filesAndTexts.length; i += 2) {
            files.with("/loader/entries/" + filesAndTexts[i], "linux /k\n" + filesAndTexts[i + 1]);
        }
        return BlsDirectory.entries(files, "/loader/entries").stream()
                .map(BlsEntry::id)
                .toList();
    }

    @Test
    void parsesKeysThatRepeat() {
        BlsEntry entry = BlsEntry.parse("id-6.1.conf", """
            # a comment
            title\tBox 1 \r
            version 6.1
            linux /vmlinuz
            initrd /ucode
              initrd   /initrd.img
            options root=/dev/vda1
            options   quiet ro
            lonely
            """);
        assertEquals("id-6.1", entry.id());
        assertEquals("Box 1", entry.title());
        assertEquals("/ucode /initrd.img", entry.joined("initrd"));
        assertEquals("root=/dev/vda1 quiet ro", entry.joined("options"));
        assertEquals("", entry.value("lonely"));
        assertTrue(entry.isLinux());
        assertEquals("x", BlsEntry.parse("x.conf", "").title());
    }

    @Test
    void takesLinuxOnThisArchitectureOnly() {
        assertTrue(BlsEntry.parse("a.conf", "linux /k\narchitecture X64").isLinux());
        assertFalse(BlsEntry.parse("a.conf", "linux /k\narchitecture aa64").isLinux());
        assertFalse(BlsEntry.parse("a.conf", "efi /shell.efi").isLinux());
    }

    @Test
    void sortsByVersionsInFileNames() {
        assertEquals(
                List.of("m-6.10.1", "m-6.9.2", "m-6.9.2~rc1", "m-0-rescue"),
                sorted(
                        "m-6.9.2.conf",
                        "",
                        "m-0-rescue.conf",
                        "",
                        "m-6.10.1.conf",
                        "",
                        "m-6.9.2~rc1.conf",
                        "",
                        "README",
                        ""));
    }

    @Test
    void sortsBySortKeyFirst() {
        assertEquals(
                List.of("b", "a", "c", "z", "y"),
                sorted(
                        "y.conf", "",
                        "z.conf", "",
                        "a.conf", "sort-key debian\nmachine-id 1\nversion 6.1",
                        "b.conf", "sort-key debian\nmachine-id 1\nversion 6.10",
                        "c.conf", "sort-key debian\nmachine-id 2\nversion 7"));
    }

    @Test
    void takesEntriesWithoutTriesLeftLast() {
        assertEquals(List.of("m-2", "m-1", "m-3"), sorted("m-3+0-3.conf", "", "m-2+1-2.conf", "", "m-1.conf", ""));
    }

    @Test
    void passesByNamesThatBeginWithADot() {
        assertEquals(
                List.of("a"),
                sorted(
                        "a.conf",
                        "version 1",
                        ".a.conf",
                        "version 9",
                        ".conf",
                        "",
                        "..b+1.conf",
                        "",
                        ".c+3-1.conf",
                        ""));
    }

    @Test
    void refusesAnEntryThatIsTooLong() {
        MapFileSystem files = new MapFileSystem("u", "").with("/loader/entries/a.conf", "#".repeat(70_000));
        assertThrows(ImageException.class, () -> BlsDirectory.entries(files, "/loader/entries"));
    }
}
