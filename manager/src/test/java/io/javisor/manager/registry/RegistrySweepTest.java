package io.javisor.manager.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What killed processes leave, and what must not be taken for that. */
class RegistrySweepTest {
    private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");

    @TempDir
    private Path directory = Path.of("");

    private Places places = new Places(Path.of(""), Path.of(""));
    private Registry registry = new Registry(places, InstantSource.fixed(NOW));

    @BeforeEach
    void setUp() {
        places = new Places(directory.resolve("state"), directory.resolve("run"));
        registry = new Registry(places, InstantSource.fixed(NOW));
    }

    private MachineEntry create(String name) {
        return registry.create(name, "{}\n", RestartPolicy.NO, false);
    }

    private static MachineHold held(@Nullable MachineHold hold) {
        assertNotNull(hold);
        return hold;
    }

    @Test
    void whatAKilledProcessLeftIsSweptAwayLater() throws IOException {
        MachineEntry kept = create("web");
        Path lost = places.state().resolve(".id").resolve("lost");
        Path lostSockets = places.runtime().resolve(".id").resolve("lost");
        Path dangling = places.runtime().resolve("gone");
        Files.createDirectory(lost);
        Files.createDirectory(lostSockets);
        Files.createSymbolicLink(dangling, Path.of(".id", "nothing"));
        registry.sweep();
        assertTrue(Files.exists(lost), "it may be being made");

        // What is younger than the clock's present less a minute stays: links have no time of their own to set.
        Registry later = new Registry(places, InstantSource.fixed(Instant.now().plusSeconds(3600)));
        FileTime old = FileTime.from(Instant.now().minusSeconds(7200));
        Files.setLastModifiedTime(lost, old);
        Files.setLastModifiedTime(lostSockets, old);
        later.sweep();
        assertFalse(Files.exists(lost));
        assertFalse(Files.exists(lostSockets));
        assertFalse(Files.exists(dangling, LinkOption.NOFOLLOW_LINKS));
        assertEquals(kept.id(), registry.find("web").id());
        assertTrue(Files.exists(kept.runtime()));
    }

    /** Two values of XDG_STATE_HOME, and one XDG_RUNTIME_DIR. */
    @Test
    void theSocketsOfAnotherStateDirectorysMachinesAreNotSweptAway() throws IOException {
        MachineEntry other = create("web");
        Registry later = new Registry(
                new Places(directory.resolve("another"), places.runtime()),
                InstantSource.fixed(Instant.now().plusSeconds(3600)));
        MachineEntry _ = later.create("web", "{}", RestartPolicy.NO, false);
        FileTime old = FileTime.from(Instant.now().minusSeconds(7200));
        Files.setLastModifiedTime(other.runtime(), old);
        later.sweep();
        assertTrue(Files.exists(other.runtime()));
        try (MachineHold hold = held(other.tryHold())) {
            registry.remove(hold);
        }
        assertFalse(Files.exists(other.runtime()));
    }

    /** While names were listed it had neither the old nor the new one. */
    @Test
    void whatIsRenamedAtThisMomentIsNotSweptAway() throws Exception {
        Registry later = new Registry(places, InstantSource.fixed(Instant.now().plusSeconds(3600)));
        List<MachineEntry> kept =
                IntStream.range(0, 20).mapToObj(i -> create("m" + i)).toList();
        FileTime old = FileTime.from(Instant.now().minusSeconds(7200));
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            Future<?> renaming = threads.submit(() -> {
                List<MachineEntry> present = kept;
                for (int i = 0; i < 30; i++) {
                    int round = i;
                    present = present.stream()
                            .map(entry -> registry.rename(entry, "r" + round + "-" + entry.id()))
                            .toList();
                }
            });
            while (!renaming.isDone()) {
                for (MachineEntry entry : kept) {
                    Files.setLastModifiedTime(entry.state(), old);
                }
                later.sweep();
                kept.forEach(entry ->
                        assertEquals(entry.id(), later.findById(entry.id()).id()));
            }
            Object _ = renaming.get();
        }
        kept.forEach(entry -> assertFalse(entry.isGone()));
    }

    /** Its process was ended before it ran. */
    @Test
    void whatWasNotToBeKeptIsSweptAwayLater() {
        MachineEntry kept = create("web");
        MachineEntry lost = registry.create(null, "{}\n", RestartPolicy.NO, true);
        registry.sweep();
        assertFalse(lost.isGone(), "it may be about to start");
        new Registry(places, InstantSource.fixed(NOW.plusSeconds(61))).sweep();
        assertTrue(lost.isGone());
        assertFalse(kept.isGone());
    }

    @Test
    void nothingIsToldOfWhatNeverRanAndIsSweptAway() {
        MachineEntry lost = registry.create(null, "{}\n", RestartPolicy.NO, true);
        new Registry(places, InstantSource.fixed(NOW.plusSeconds(61))).sweep();
        assertTrue(lost.isGone());
        assertFalse(Files.exists(registry.events().file()));
    }

    /** It was created, and its user starts it some time. */
    @Test
    void aContainerThatHasNotRunYetIsKept() {
        MachineEntry made = registry.createContainer("box", "{}", RestartPolicy.NO, true);
        Registry later = new Registry(places, InstantSource.fixed(Instant.now().plusSeconds(3600)));
        later.sweep();
        assertEquals(made.id(), registry.find("box").id());
    }
}
