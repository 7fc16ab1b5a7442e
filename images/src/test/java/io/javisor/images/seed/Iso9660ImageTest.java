package io.javisor.images.seed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Iso9660ImageTest {
    private static final byte[] TEXT = "#cloud-config\n".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path directory = Path.of("");

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2047, 2048, 2049, 100_000})
    void filesComeBackWithTheirNamesAndBytes(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        Iso9660Reader reader = new Iso9660Reader(
                Iso9660Image.of("cidata", List.of(file("user-data", bytes), file("meta-data", TEXT))));
        assertEquals("cidata", reader.label());
        List<Iso9660Reader.Entry> entries = reader.entries();
        assertEquals(List.of("\0", "\1", "META_DATA.;1", "USER_DATA.;1"), identifiers(entries));
        assertEquals("meta-data", entries.get(2).name());
        assertEquals("user-data", entries.get(3).name());
        assertArrayEquals(TEXT, reader.contents(entries.get(2)));
        assertArrayEquals(bytes, reader.contents(entries.get(3)));
    }

    @Test
    void rockRidgeIsAnnouncedInTheRootDirectory() {
        List<Iso9660Reader.Entry> entries = new Iso9660Reader(Iso9660Image.of("x", List.of(file("a", TEXT)))).entries();
        Iso9660Reader.Entry root = entries.getFirst();
        assertEquals(2, root.flags());
        assertEquals(0040555, root.mode());
        ByteBuffer sharing = root.systemUse("SP");
        assertEquals((byte) 0xbe, sharing.get(0));
        assertEquals((byte) 0xef, sharing.get(1));
        ByteBuffer extension = root.systemUse("ER");
        assertEquals(10, extension.get(0));
        assertEquals(
                "RRIP_1991A",
                StandardCharsets.US_ASCII.decode(extension.slice(4, 10)).toString());
        assertEquals(entries.get(0).sector(), entries.get(1).sector());
        assertEquals(0, entries.get(2).flags());
        assertEquals(0100444, entries.get(2).mode());
    }

    @Test
    void systemAreaIsLeftFree() {
        byte[] image = Iso9660Image.of("x", List.of());
        assertTrue(IntStream.range(0, 16 * 2048).allMatch(i -> image[i] == 0));
        assertEquals(2, new Iso9660Reader(image).entries().size());
    }

    @Test
    void whatDoesNotFitIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> Iso9660Image.of("", List.of()));
        assertThrows(IllegalArgumentException.class, () -> Iso9660Image.of("x".repeat(33), List.of()));
        assertEquals("x".repeat(32), new Iso9660Reader(Iso9660Image.of("x".repeat(32), List.of())).label());
        for (String name : List.of("", "a/b", "A", "x".repeat(28))) {
            assertThrows(IllegalArgumentException.class, () -> file(name, TEXT), name);
        }
        List<Iso9660Image.File> many =
                IntStream.range(0, 30).mapToObj(i -> file("file-" + i, TEXT)).toList();
        assertThrows(IllegalArgumentException.class, () -> Iso9660Image.of("x", many));
    }

    /** Tools that know nothing of this writer read the same. */
    @Test
    void blkidFindsTypeAndLabel() throws Exception {
        String found = output(List.of("/usr/sbin/blkid", "-p", "-o", "export", image().toString()));
        assertTrue(found.contains("LABEL=cidata\n") && found.contains("TYPE=iso9660\n"), found);
    }

    @Test
    void isoinfoReadsTheFile() throws Exception {
        Path image = image();
        String found = output(List.of("/usr/bin/isoinfo", "-R", "-f", "-i", image.toString()));
        assertEquals("/meta-data\n/user-data\n", found);
        assertEquals(
                "#cloud-config\n",
                output(List.of("/usr/bin/isoinfo", "-R", "-x", "/user-data", "-i", image.toString())));
    }

    @Test
    void bsdtarReadsTheFile() throws Exception {
        Path image = image();
        assertEquals(".\nmeta-data\nuser-data\n", output(List.of("/usr/bin/bsdtar", "-tf", image.toString())));
        assertEquals("#cloud-config\n", output(List.of("/usr/bin/bsdtar", "-xOf", image.toString(), "user-data")));
    }

    private Path image() throws IOException {
        byte[] image = Iso9660Image.of("cidata", List.of(file("user-data", TEXT), file("meta-data", new byte[5000])));
        return Files.write(directory.resolve("seed.iso"), image);
    }

    private static Iso9660Image.File file(String name, byte[] contents) {
        return new Iso9660Image.File(name, ByteBuffer.wrap(contents));
    }

    private static List<String> identifiers(List<Iso9660Reader.Entry> entries) {
        return entries.stream().map(Iso9660Reader.Entry::identifier).toList();
    }

    private String output(List<String> command) throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of(command.getFirst())), command.getFirst() + " is not installed");
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertEquals(0, process.waitFor(), () -> command + " failed");
        return Files.readString(output);
    }
}
