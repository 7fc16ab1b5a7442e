package io.javisor.manager;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.machine.config.ConfigException;
import io.javisor.manager.live.Launch;
import io.javisor.manager.registry.MachineEntry;
import io.javisor.manager.registry.MachineHold;
import io.javisor.manager.registry.Places;
import io.javisor.manager.registry.Registry;
import io.javisor.manager.registry.RestartPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Instances of which no process runs, or none that is a machine: StopTest has those that run. */
@Timeout(60)
class InstancesTest {
    @TempDir
    private Path directory = Path.of("");

    private Instances instances(Launch launch) {
        return new Instances(
                new Registry(new Places(directory.resolve("state"), directory.resolve("run")), InstantSource.system()),
                launch);
    }

    private Instances instances() {
        return instances((_, _) -> {
            throw new AssertionError("nothing is to be started");
        });
    }

    private static Instance create(Instances instances, String name) {
        return instances.of(instances.registry().create(name, "{}\n", RestartPolicy.NO, false));
    }

    private static String refusal(Executable action) {
        return String.valueOf(assertThrows(ConfigException.class, action).getMessage());
    }

    @Test
    void areListedByNameAndFound() {
        Instances instances = instances();
        String id = create(instances, "web").entry().id();
        Instance _ = create(instances, "db");
        assertEquals(
                List.of("db", "web"),
                instances.list().stream().map(Instance::name).toList());
        assertEquals(id, instances.find("web").entry().id());
        assertEquals(
                "there is no machine or container 'wib'; did you mean 'web'?", refusal(() -> instances.find("wib")));
    }

    @Test
    void oneThatDoesNotRunIsNotAskedAnything() throws Exception {
        Instance web = create(instances(), "web");
        assertFalse(web.isLive());
        assertTrue(web.awaitEnd(Duration.ZERO));
        for (Executable action : List.<Executable>of(
                web::requireLive,
                () -> web.stop(Duration.ofSeconds(1)),
                web::kill,
                web::pause,
                web::resume,
                web::description,
                web::statistics,
                () -> web.console("com1"))) {
            assertEquals("machine 'web' is stopped; to start it: javisor start web", refusal(action));
        }
    }

    @Test
    void itsConsolesAreThoseOfItsProcess() {
        Instances instances = instances();
        Instance web = create(instances, "web");
        try (MachineHold hold = hold(web)) {
            hold.starting();
            assertTrue(web.isLive());
            for (String port : List.of("com1", "com9", "../com1")) {
                assertEquals(
                        "machine 'web' has no serial port '" + port
                                + "'; its first is com1, and --serial gives it more",
                        refusal(() -> web.console(port)));
            }
        }
    }

    private static MachineHold hold(Instance instance) {
        MachineHold hold = instance.entry().tryHold();
        assertNotNull(hold);
        return hold;
    }

    @Test
    void oneThatEndedIsRemovedAndOneThatSomebodyHoldsIsNot() {
        Instances instances = instances();
        Instance web = create(instances, "web");
        try (MachineHold _ = hold(web)) {
            assertEquals(
                    "machine 'web' runs; stop it first, or: javisor rm --force web",
                    refusal(() -> instances.remove(web)));
        }
        instances.remove(web);
        assertEquals(List.of(), instances.list());
        assertDoesNotThrow(() -> instances.remove(web));
    }

    /** Of a process that says what a machine's would. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "echo failed no disk of $0       | no disk of ID",
                "echo hello                      | the process of machine 'web' said: hello",
                "true                            | the process of machine 'web' ended before its guest ran",
                "echo first >&2; echo last >&2   | the process of machine 'web' ended before its guest ran: last",
            })
    void whyItDoesNotStartIsSaid(String script, String message) {
        Instances instances = instances((id, _) -> List.of("sh", "-c", script, id));
        Instance web = create(instances, "web");
        assertEquals(message.replace("ID", web.entry().id()), refusal(web::start));
    }

    @Test
    void aProcessWhoseGuestRunsHasTheLogForItsWords() {
        Instances instances = instances((_, log) ->
                List.of("sh", "-c", "test \"$0\" = \"$JAVISOR_MACHINE_LOG\" && echo running", log.toString()));
        MachineEntry web = create(instances, "web").entry();
        assertDoesNotThrow(() -> instances.of(web).start());
    }
}
