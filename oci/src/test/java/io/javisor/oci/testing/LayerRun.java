package io.javisor.oci.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.oci.Digest;
import io.javisor.oci.layer.LayerEntry;
import io.javisor.oci.layer.LayerPass;
import io.javisor.oci.layer.LayerTable;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** A layer that was read, with its data in a file. */
public record LayerRun(LayerPass.Result result, Path data) {
    private static final int BLOCK = 4096;

    /** Reads a layer; its data is as long as the table says, and its digest is that of {@code tar}. */
    public static LayerRun of(Path data, byte[] blob, byte[] tar) {
        LayerRun run = of(data, blob);
        assertEquals(Digest.sha256(tar), run.result.diffId());
        assertEquals(tar.length, run.result.uncompressedBytes());
        return run;
    }

    /** Reads a layer; its data is as long as the table says. */
    public static LayerRun of(Path data, byte[] blob) {
        List<Long> progress = new ArrayList<>(List.of(0L));
        try (FileChannel channel = FileChannel.open(
                data, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            LayerPass.Result result = LayerPass.run("layer", new ByteArrayInputStream(blob), channel, progress::add);
            assertEquals(progress.stream().sorted().toList(), progress);
            assertEquals(blob.length, progress.getLast());
            assertEquals(channel.size(), result.table().dataBlocks() * BLOCK);
            return new LayerRun(result, data);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public LayerTable table() {
        return result.table();
    }

    /** The content of an entry. */
    public String content(LayerEntry entry) {
        return content(entry.firstBlock(), entry.sizeBytes());
    }

    /** So many bytes from a block on; what is behind them in the last block is zero. */
    public String content(long firstBlock, long sizeBytes) {
        try (FileChannel channel = FileChannel.open(data)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.ceilDiv(sizeBytes, BLOCK) * BLOCK);
            while (bytes.hasRemaining() && channel.read(bytes, firstBlock * BLOCK + bytes.position()) > 0) {
                // The next piece.
            }
            assertEquals(bytes.capacity(), bytes.position());
            for (int i = (int) sizeBytes; i < bytes.capacity(); i++) {
                assertEquals(0, bytes.get(i));
            }
            return new String(bytes.array(), 0, (int) sizeBytes, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
