package io.javisor.oci.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.javisor.oci.OciException;
import io.javisor.oci.testing.Compressed;
import io.javisor.oci.testing.TarBytes;
import io.javisor.testkit.HeapMeter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes as a layer: the first one says whether headers get their checksums, and whether it is compressed before it is read. There is a table, or one line that says what is wrong. The data
 * is as long as the table says; each content lies in it, and no two share a block; the table's file gives back the table.
 */
class LayerPassFuzzTest {
    private static final long HEAP_MAX = 64 << 20;

    static Stream<byte[]> seeds() {
        byte[] tar = new TarBytes()
                .directory("./")
                .file("./a", "x".repeat(600))
                .symlink("s", "/a")
                .hardLink("h", "./a")
                .file("d/.wh.f", "")
                .file("d/.wh..wh..opq", "")
                .pax('x', TarBytes.record("GNU.sparse.map", "1,2,9000,1") + TarBytes.record("GNU.sparse.size", "9999"))
                .file("f", "abc")
                .raw(TarBytes.header('3', "c", 0))
                .end();
        return Stream.of(0, 1, 2, 3)
                .flatMap(way -> Stream.of(
                        Compressed.join(new byte[] {way.byteValue()}, tar),
                        Compressed.join(new byte[] {way.byteValue()}, Compressed.gzip(tar)),
                        Compressed.join(new byte[] {way.byteValue()}, Compressed.zstd(tar))));
    }

    private static byte[] blob(byte[] input) {
        int way = input.length == 0 ? 0 : input[0];
        byte[] rest = input.length == 0 ? input : Arrays.copyOfRange(input, 1, input.length);
        return switch (way & 3) {
            case 1 -> summed(rest);
            case 2 -> Compressed.gzip(summed(rest));
            default -> rest;
        };
    }

    private static byte[] summed(byte[] tar) {
        for (int at = 0; at + TarBytes.BLOCK <= tar.length; at += TarBytes.BLOCK) {
            byte[] block = Arrays.copyOfRange(tar, at, at + TarBytes.BLOCK);
            if (block[257] == 'u') {
                System.arraycopy(TarBytes.sum(block), 0, tar, at, TarBytes.BLOCK);
            }
        }
        return tar;
    }

    @MethodSource("seeds")
    @FuzzTest
    void readsOrRefuses(byte[] input) throws IOException {
        byte[] blob = blob(input);
        Path file = Files.createTempFile("layer", ".data");
        HeapMeter heap = HeapMeter.start();
        try (FileChannel data = FileChannel.open(file, StandardOpenOption.WRITE)) {
            LayerPass.Result result = LayerPass.run("layer", new ByteArrayInputStream(blob), data, _ -> {});
            check(result.table(), data.size());
        } catch (OciException e) {
            String message = String.valueOf(e.getMessage());
            assertTrue(message.startsWith("layer: ") && message.chars().allMatch(c -> c >= ' ' && c < 0x7F), message);
        } finally {
            Files.delete(file);
        }
        heap.requireAtMost(HEAP_MAX + 2000L * blob.length);
    }

    private static void check(LayerTable table, long dataBytes) throws IOException {
        assertEquals(dataBytes, table.dataBlocks() * LayerPass.BLOCK_SIZE);
        long next = 0;
        for (LayerEntry entry : table.entries()) {
            assertTrue(LayerPaths.isNormal(entry.path()), entry.path());
            if (entry.sizeBytes() > 0) {
                assertEquals(next, entry.firstBlock());
                next += entry.blocks();
            }
        }
        assertEquals(next, table.dataBlocks());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        table.write(Channels.newChannel(out));
        LayerTable again = TableReader.read("table", out.toByteArray());
        assertEquals(table.entries(), again.entries());
        assertEquals(table.dataBlocks(), again.dataBlocks());
    }
}
