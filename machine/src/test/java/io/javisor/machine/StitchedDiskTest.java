package io.javisor.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.EngineProvider;
import io.javisor.machine.config.StitchedDiskConfig;
import io.javisor.machine.config.VirtioDeviceConfig;
import io.javisor.testkit.junit.MachineTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A guest that checks every sector of a disk of many files, whose names are gone, in one life and the next machine. */
class StitchedDiskTest {
    private static final int BLOCK_SIZE = 4096;
    private static final int ALL_SECTORS = 256;

    @TempDir
    private Path directory = Path.of("");

    private final List<Path> parts = new ArrayList<>();

    @MachineTest
    @Timeout(120)
    void theGuestFindsTheSectorsInTheirOrder(EngineProvider engine) throws Exception {
        CountingGuest.Counts counts = new CountingGuest.Counts(0, 0, 0, 0, 0, 0, 0);
        try (CountingGuest guest = new CountingGuest(engine, directory, this::cut);
                Machine second = guest.newMachine()) { // of the same files, while they are there
            for (Path part : parts) {
                Files.delete(part);
            }
            while (counts.sectors() <= ALL_SECTORS) {
                counts = guest.goBeyond(counts, TimeUnit.MILLISECONDS.toNanos(20));
            }
            LifeState saved = guest.machine().whileStanding(MachineLife::save);
            byte[] content = guest.machine().whileStanding(CountingGuest::contentOf);
            assertTrue(saved.devices().containsKey("image0"));
            second.whileStanding(life -> {
                CountingGuest.fill(life, content);
                life.restore(saved);
                return life;
            });
            guest.moveTo(second);
            CountingGuest.Counts here = guest.goBeyond(counts, TimeUnit.MILLISECONDS.toNanos(20));
            assertTrue(here.sectors() > counts.sectors());
        }
    }

    private VirtioDeviceConfig cut(Path image) {
        try {
            byte[] content = Files.readAllBytes(image);
            assertEquals(0, content.length % BLOCK_SIZE);
            for (int at = 0; at < content.length; at += BLOCK_SIZE) {
                parts.add(Files.write(
                        directory.resolve("part" + parts.size()), Arrays.copyOfRange(content, at, at + BLOCK_SIZE)));
            }
            Files.delete(image);
            return new StitchedDiskConfig(parts, "image");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
