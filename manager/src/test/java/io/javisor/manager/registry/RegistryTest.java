package io.javisor.manager.registry;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.machine.config.ConfigException;
import io.javisor.testkit.LogCapture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryTest {
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

    @Test
    void aMachineIsFoundByItsName() throws IOException {
        MachineEntry made = registry.create("web", "{\"cpus\":2}\n", RestartPolicy.parse("on-failure:3"), true);
        MachineEntry found = registry.find("web");
        assertEquals(made.id(), found.id());
        assertEquals("{\"cpus\":2}\n", Files.readString(found.settingsFile()));
        assertEquals(new MachineAbout(NOW.toEpochMilli(), RestartPolicy.parse("on-failure:3"), true), found.about());
        assertEquals(MachineStatus.NEW, found.status());
        assertEquals(
                List.of("web"), registry.list().stream().map(MachineEntry::name).toList());
    }

    @Test
    void allThatIsKeptIsItsOwnersAlone() throws IOException {
        MachineEntry made = create("web");
        for (Path path : List.of(places.state(), places.runtime(), made.state(), made.runtime())) {
            assertEquals(
                    "rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)), path.toString());
        }
    }

    @Test
    void theNameLeadsToBothDirectories() throws IOException {
        MachineEntry made = create("web");
        assertEquals(made.state(), places.state().resolve("web").toRealPath());
        assertEquals(made.runtime(), places.runtime().resolve("web").toRealPath());
    }

    @Test
    void namesAreMadeUpAndDiffer() {
        List<String> names = IntStream.range(0, 200)
                .mapToObj(_ ->
                        registry.create(null, "{}\n", RestartPolicy.NO, false).name())
                .toList();
        assertEquals(200, names.stream().distinct().count());
        assertTrue(names.stream().allMatch(name -> name.matches("[a-z]+-[a-z]+(-[0-9]+)?")), names.toString());
    }

    @Test
    void aTakenNameIsRefusedAndNothingStaysOfTheAttempt() throws IOException {
        MachineEntry first = create("web");
        ConfigException refused = assertThrows(ConfigException.class, () -> create("web"));
        assertEquals(
                "there is a machine 'web' already; choose another name, or remove it: javisor rm web",
                refused.getMessage());
        assertEquals(first.id(), registry.find("web").id());
        try (Stream<Path> kept = Files.list(places.state().resolve(".id"))) {
            assertEquals(List.of(first.state()), kept.toList());
        }
    }

    private MachineEntry createContainer(String name) {
        return registry.createContainer(name, "{\"image\":\"hello\"}\n", RestartPolicy.NO, false);
    }

    @Test
    void aContainerIsKeptBesideMachines() throws IOException {
        MachineEntry machine = create("web");
        MachineEntry container = createContainer("box");
        assertEquals(MachineKind.MACHINE, registry.find("web").kind());
        assertEquals(MachineKind.CONTAINER, registry.find("box").kind());
        assertEquals("{\"image\":\"hello\"}\n", Files.readString(container.specFile()));
        assertFalse(Files.exists(container.settingsFile()));
        assertFalse(Files.exists(machine.specFile()));
        assertEquals(
                List.of("box", "web"),
                registry.list().stream().map(MachineEntry::name).toList());
        registry.remove(Objects.requireNonNull(registry.find("box").tryHold()));
        assertEquals(
                List.of("web"), registry.list().stream().map(MachineEntry::name).toList());
        assertFalse(Files.exists(container.state()));
    }

    @Test
    void machinesAndContainersShareTheirNames() {
        MachineEntry machine = create("web");
        MachineEntry container = createContainer("box");
        assertEquals(
                "Conflict. The container name \"/web\" is already in use by machine \"" + machine.id()
                        + "\". You have to remove (or rename) that machine to be able to reuse that name.",
                assertThrows(ConfigException.class, () -> createContainer("web"))
                        .getMessage());
        assertEquals(
                "Conflict. The container name \"/box\" is already in use by container \"" + container.id()
                        + "\". You have to remove (or rename) that container to be able to reuse that name.",
                assertThrows(ConfigException.class, () -> createContainer("box"))
                        .getMessage());
        assertEquals(
                "there is a container 'box' already; choose another name, or remove it: javisor rm box",
                assertThrows(ConfigException.class, () -> create("box")).getMessage());
    }

    @Test
    void isFoundByItsIdentityAndTheFirstDigitsOfIt() {
        MachineEntry made = createContainer("box");
        assertEquals("box", registry.find(made.id()).name());
        assertEquals("box", registry.find(made.id().substring(0, 4)).name());
        MachineEntry named = create(made.id().substring(0, 3));
        assertEquals(named.id(), registry.find(named.name()).id(), "a name comes first");
    }

    @Test
    void whatSeveralIdentitiesBeginWithIsRefused() {
        List<MachineEntry> made = IntStream.range(0, 17)
                .mapToObj(i -> createContainer("box-" + i))
                .toList();
        String digit = IntStream.range(0, 16)
                .mapToObj(Integer::toHexString)
                .filter(first -> made.stream()
                                .filter(each -> each.id().startsWith(first))
                                .count()
                        > 1)
                .findFirst()
                .orElseThrow();
        ConfigException refused = assertThrows(ConfigException.class, () -> registry.find(digit));
        assertTrue(
                String.valueOf(refused.getMessage()).contains(" begin with '" + digit + "'; write more of it: "),
                refused.getMessage());
    }

    @Test
    void aContainersSocketsNeedMoreRoom() {
        int rest = 108
                - 1
                - "/.id/123456789012/com1.sock".length()
                - directory.toString().length();
        Places tight = new Places(places.state(), directory.resolve("r".repeat(rest - 1)));
        Registry other = new Registry(tight, InstantSource.fixed(NOW));
        assertNotNull(other.create("web", "{}", RestartPolicy.NO, false));
        ConfigException refused =
                assertThrows(ConfigException.class, () -> other.createContainer("box", "{}", RestartPolicy.NO, false));
        assertTrue(String.valueOf(refused.getMessage()).contains("has too long a path"), refused.getMessage());
    }

    @Test
    void thatItWasKilledForMemoryIsKeptUntilItRunsAgain() {
        MachineEntry made = createContainer("box");
        try (MachineHold hold = Objects.requireNonNull(made.tryHold())) {
            hold.starting();
            hold.running(NOW.toEpochMilli(), "kvm");
            assertFalse(made.status().outOfMemory());
            hold.outOfMemory();
            hold.ended(NOW.toEpochMilli(), 137, "killed", false);
            assertTrue(made.status().outOfMemory());
            hold.running(NOW.toEpochMilli(), "kvm");
            assertFalse(made.status().outOfMemory());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b", "..", ".id", "-x", "a b", "ä"})
    void whatIsNoNameIsRefused(String name) {
        assertThrows(ConfigException.class, () -> create(name));
        assertThrows(ConfigException.class, () -> registry.find(name));
        assertFalse(Files.exists(directory.resolve("b")));
    }

    @Test
    void aNameOfMoreThan64CharactersIsRefused() {
        assertThrows(ConfigException.class, () -> create("a".repeat(65)));
        MachineEntry _ = create("a".repeat(64));
    }

    @Test
    void aWrongNameGetsTheOneThatWasMeant() {
        MachineEntry _ = create("webserver");
        assertEquals(
                "there is no machine or container 'webservre'; did you mean 'webserver'?",
                assertThrows(ConfigException.class, () -> registry.find("webservre"))
                        .getMessage());
        assertEquals(
                "there is no machine or container 'web'; did you mean 'webserver'?",
                assertThrows(ConfigException.class, () -> registry.find("web")).getMessage());
        assertEquals(
                "there is no machine or container 'other'; 'javisor ps --all' lists those that there are",
                assertThrows(ConfigException.class, () -> registry.find("other"))
                        .getMessage());
    }

    @Test
    void withoutAnyMachineNothingIsMade() {
        assertEquals(List.of(), registry.list());
        assertThrows(ConfigException.class, () -> registry.find("web"));
        assertFalse(Files.exists(places.state()));
    }

    @Test
    void aRenamedMachineKeepsAllButItsName() throws IOException {
        MachineEntry made = create("web");
        MachineEntry renamed = registry.rename(made, "www");
        assertEquals(made.id(), renamed.id());
        assertEquals(made.id(), registry.find("www").id());
        assertThrows(ConfigException.class, () -> registry.find("web"));
        assertEquals(made.runtime(), places.runtime().resolve("www").toRealPath());
        assertFalse(Files.exists(places.runtime().resolve("web"), LinkOption.NOFOLLOW_LINKS));
        MachineEntry _ = create("web"); // the old one is free
    }

    @Test
    void aMachineIsNotRenamedToATakenName() {
        MachineEntry web = create("web");
        MachineEntry other = create("other");
        assertThrows(ConfigException.class, () -> registry.rename(web, "other"));
        assertEquals(web.id(), registry.find("web").id());
        assertEquals(other.id(), registry.find("other").id());
    }

    @Test
    void aRemovedMachineLeavesNothing() throws IOException {
        MachineEntry made = create("web");
        try (MachineHold hold = held(made.tryHold())) {
            registry.remove(hold);
        }
        assertEquals(List.of(), registry.list());
        assertTrue(made.isGone());
        for (Path root : List.of(places.state(), places.runtime())) {
            try (Stream<Path> left = Files.list(root.resolve(".id"))) {
                assertEquals(List.of(), left.toList());
            }
            assertFalse(Files.exists(root.resolve("web"), LinkOption.NOFOLLOW_LINKS));
        }
        assertThrows(ConfigException.class, made::status);
    }

    private static MachineHold held(@Nullable MachineHold hold) {
        assertNotNull(hold);
        return hold;
    }

    @Test
    void aMachineThatWasRenamedWhileHeldIsRemovedByItsNewName() {
        MachineEntry made = create("web");
        try (MachineHold hold = held(made.tryHold())) {
            MachineEntry _ = registry.rename(made, "www");
            registry.remove(hold);
        }
        assertEquals(List.of(), registry.list());
    }

    @Test
    void oneHolderAtATime() {
        MachineEntry made = create("web");
        MachineHold hold = held(made.tryHold());
        assertNull(made.tryHold());
        hold.close();
        held(made.tryHold()).close();
    }

    /** Between the two deletions of its removal, say. */
    @Test
    void aMachineWithoutItsLockHasBeenRemoved() throws IOException {
        MachineEntry made = create("web");
        Path lock = made.state().resolve("lock");
        Files.delete(lock);
        MachineEntry found = registry.find("web");
        assertEquals(
                "machine 'web' has been removed",
                assertThrows(ConfigException.class, found::tryHold).getMessage());
        assertFalse(Files.exists(lock));
    }

    @Test
    void aLockOfADeletedFileIsWorthNothing() throws IOException {
        Path lock = create("web").state().resolve("lock");
        try (Fd fd = Fd.own("lock", Libc.open(lock.toString(), HostConstants.O_RDWR, 0))) {
            assertTrue(MachineEntry.leadsTo(lock, fd));
            Files.delete(lock);
            assertFalse(MachineEntry.leadsTo(lock, fd));
            Files.createFile(lock);
            assertFalse(MachineEntry.leadsTo(lock, fd));
        }
    }

    @Test
    void aMachineWhoseProcessHasGoneIsSeenToHaveCrashed() {
        MachineEntry made = create("web");
        try (MachineHold hold = held(made.tryHold())) {
            hold.starting();
            hold.running(NOW.toEpochMilli(), "software");
        }
        assertEquals(MachinePhase.RUNNING, made.status().phase());
        assertEquals(ProcessHandle.current().pid(), made.status().pid());
        // The same number, but another process: it started at another time.
        MachineStatus written = made.written();
        ProcessIdentity gone = new ProcessIdentity(
                written.pid(),
                written.process().startTicks() - 1,
                written.process().bootId());
        assertDoesNotThrow(
                () -> made.write(written.edit().in(MachinePhase.RUNNING, gone).status()));
        assertEquals(MachinePhase.CRASHED, made.status().phase());
        assertEquals(0, made.status().pid());
    }

    @Test
    void theEndIsWrittenDown() {
        MachineEntry made = create("web");
        try (MachineHold hold = held(made.tryHold())) {
            hold.starting();
            hold.running(NOW.toEpochMilli(), "software");
            hold.phase(MachinePhase.PAUSED);
            assertEquals(MachinePhase.PAUSED, made.status().phase());
            hold.ended(NOW.toEpochMilli() + 5, 7, "the guest exited", true);
        }
        MachineStatus status = made.status();
        assertEquals(MachinePhase.STOPPED, status.phase());
        assertEquals(7, status.exitStatus());
        assertEquals("the guest exited", status.reason());
        assertEquals("software", status.engine());
        assertEquals(NOW.toEpochMilli(), status.startedMillis());
        assertEquals(NOW.toEpochMilli() + 5, status.endedMillis());
        assertFalse(status.endAsked());
    }

    /** Of a hundred attempts at one name at once exactly one has it, and the others leave nothing. */
    @Test
    void aNameIsGivenOnce() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Callable<Boolean>> attempts = IntStream.range(0, 100)
                    .<Callable<Boolean>>mapToObj(_ -> () -> {
                        try {
                            MachineEntry _ = create("web");
                            return true;
                        } catch (ConfigException e) {
                            return false;
                        }
                    })
                    .toList();
            int won = 0;
            for (Future<Boolean> attempt : threads.invokeAll(attempts)) {
                won += attempt.get() ? 1 : 0;
            }
            assertEquals(1, won);
        }
        try (Stream<Path> kept = Files.list(places.state().resolve(".id"))) {
            assertEquals(1, kept.count());
        }
    }

    /** The host was booted, or its user has logged out. */
    @Test
    void theRuntimeDirectoryIsMadeAgain() throws IOException {
        MachineEntry made = create("web");
        try (Stream<Path> paths = Files.walk(places.runtime())) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
        registry.prepareRuntime(registry.find("web"));
        assertTrue(Files.isDirectory(made.runtime()));
        assertEquals(made.runtime(), places.runtime().resolve("web").toRealPath());
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(made.runtime())));
        registry.prepareRuntime(registry.find("web")); // nothing more happens
    }

    /** A machine goes on where its state can't be written, and its process knows what was asked of it. */
    @Test
    void aStatusThatCannotBeWrittenIsKnownToItsProcess() throws IOException {
        MachineEntry made = create("web");
        try (MachineHold hold = held(made.tryHold());
                LogCapture log = LogCapture.of(MachineHold.class.getName())) {
            hold.starting();
            hold.running(1, "kvm");
            Path unfinished =
                    made.state().resolve("state.json." + ProcessHandle.current().pid() + ".tmp");
            Path inTheWay = Files.createDirectories(unfinished.resolve("x"));
            for (int i = 0; i < 100; i++) {
                hold.endAsked();
            }
            assertTrue(hold.written().endAsked());
            assertFalse(made.written().endAsked());
            assertEquals(1, log.lines().size(), () -> log.lines().toString());
            assertTrue(log.lines().getFirst().contains("the state of machine 'web' can't be written"));
            assertThrows(ConfigException.class, hold::starting);
            Files.delete(inTheWay);
            Files.delete(unfinished);
            hold.phase(MachinePhase.PAUSED);
            assertTrue(made.written().endAsked());
        }
    }

    @Test
    void whatHappenedIsWrittenDown() throws IOException {
        MachineEntry made = create("web");
        MachineEntry _ = registry.rename(made, "www");
        registry.events().add(made, MachineEvent.END, "status 0");
        assertEquals(
                "{\"timeMillis\":1795608000000,\"name\":\"www\",\"id\":\"" + made.id()
                        + "\",\"event\":\"rename\",\"detail\":\"from web\"}\n"
                        + "{\"timeMillis\":1795608000000,\"name\":\"web\",\"id\":\""
                        + made.id() + "\",\"event\":\"end\",\"detail\":\"status 0\"}\n",
                Files.readString(registry.events().file()));
    }

    @Test
    void theStatusOfTheLastEndIsKnownOfWhatIsGone() {
        MachineEntry made = create("web");
        assertEquals(OptionalInt.empty(), registry.events().lastExitStatus(made.id()));
        registry.events().add(made, MachineEvent.END, "status 7: exited");
        registry.events().add(create("other"), MachineEvent.END, "status 9: exited");
        assertEquals(OptionalInt.of(7), registry.events().lastExitStatus(made.id()));
    }

    @Test
    void whoeverRemovesAMachineThatWasKilledTellsOfItsEnd() throws IOException {
        MachineEntry made = create("web");
        try (MachineHold hold = held(made.tryHold())) {
            hold.running(NOW.toEpochMilli(), "software");
        }
        try (MachineHold hold = held(registry.find("web").tryHold())) {
            registry.remove(hold);
        }
        List<String> events = Files.readAllLines(registry.events().file());
        assertEquals(2, events.size(), events::toString);
        String detail = "its process " + ProcessHandle.current().pid() + " has gone";
        assertTrue(events.getFirst().endsWith("\"event\":\"end\",\"detail\":\"" + detail + "\"}"), events::toString);
        assertTrue(events.getLast().endsWith("\"event\":\"remove\"}"), events::toString);
    }

    @Test
    void damagedFilesAreToldOfWithTheWayOut() throws IOException {
        MachineEntry made = create("web");
        Files.writeString(made.state().resolve("state.json"), "{\"phase\":");
        String message =
                String.valueOf(assertThrows(ConfigException.class, made::status).getMessage());
        assertTrue(message.endsWith("remove the machine: javisor rm --force web"), message);
    }
}
