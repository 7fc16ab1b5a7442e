package io.javisor.oci.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.oci.Digest;
import io.javisor.oci.OciException;
import io.javisor.oci.testing.LayerRun;
import io.javisor.oci.testing.TarBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The metadata over layers whose tables are in a store. */
class RootMetadataTest {
    @TempDir
    private Path directory = Path.of("");

    private StorePlaces places = new StorePlaces(directory);
    private StoreSession session;

    @BeforeEach
    void open() {
        places = new StorePlaces(directory.resolve("images"));
        session = StoreSession.open(places);
    }

    @AfterEach
    void close() {
        session.close();
    }

    private Digest layer(TarBytes tar) throws IOException {
        LayerRun run = LayerRun.of(directory.resolve("data"), tar.end());
        Path table = places.table(run.result().diffId());
        Files.createDirectories(table.getParent());
        try (var channel = StorePlaces.create(table)) {
            run.table().write(channel);
        }
        return run.result().diffId();
    }

    /** Their tables are never in memory together: the second is not looked at before the first is in the tree. */
    @Test
    void takesOneLayerAfterTheOther() throws IOException {
        Digest first = layer(new TarBytes().hardLink("h", "none"));
        Digest second = layer(new TarBytes().file("f", ""));
        Files.write(places.table(second), new byte[1000]);

        OciException refused = assertThrows(
                OciException.class, () -> RootMetadata.make(places, session, "box", List.of(first, second), -1));

        assertEquals("box: layer 1: \"h\": a hard link to \"none\", which is not there", refused.getMessage());
    }
}
