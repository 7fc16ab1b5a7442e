package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.manager.registry.MachineEntry;
import io.javisor.manager.registry.MachinePhase;
import io.javisor.manager.registry.MachineStatus;
import io.javisor.testkit.Await;
import io.javisor.testkit.guest.TinyKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Machines whose processes end otherwise than by their user's wish, and what their supervisors and restart policies make of it. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class RestartIT {
    private static final int SIGSTOP = 19; // x86-64

    @AutoClose
    private final MachineHome home = new MachineHome();

    RestartIT() throws IOException {}

    private static MachinePhase phase(MachineEntry machine) {
        return machine.status().phase();
    }

    /** Looked at once: while a process ends, a second look may see its supervisor as the one that answers for the machine. */
    private static boolean runsByAnotherThan(long pid, MachineEntry machine) {
        MachineStatus status = machine.status();
        return status.phase() == MachinePhase.RUNNING && status.pid() != pid;
    }

    /** What is known of a machine that does not do what it should. */
    private static String told(MachineEntry machine) {
        try {
            return machine.status() + ", its log: " + Files.readString(machine.processLog());
        } catch (IOException e) {
            return machine.status() + ", without a log: " + e;
        }
    }

    @Test
    void aKilledProcessIsTold() throws Exception {
        MachineEntry web = home.start("web");
        assertTrue(ProcessHandle.of(web.status().pid()).orElseThrow().destroyForcibly());
        Await.until(() -> "the end; it is " + phase(web), () -> phase(web) == MachinePhase.STOPPED);
        assertEquals(137, web.status().exitStatus());
        assertEquals("its process was ended by signal 9", web.status().reason());
        assertEquals(137, home.javisor("wait", "web").status());
        assertEquals("web\n", home.succeed("start", "web"));
    }

    /** Nobody is left who could write it down. */
    @Test
    void aMachineWhoseProcessesAreAllKilledIsSeenToHaveCrashed() throws Exception {
        MachineEntry web = home.start("web");
        List<ProcessHandle> all = home.processes();
        assertEquals(2, all.size());
        ProcessHandle java = ProcessHandle.of(web.status().pid()).orElseThrow();
        assertTrue(java.parent().orElseThrow().destroyForcibly());
        assertTrue(java.destroyForcibly());
        Await.until(() -> "the crash; it is " + phase(web), () -> phase(web) == MachinePhase.CRASHED);
        assertEquals("web crashed\n", home.succeed("ps", "-a", "--format", "{{name}} {{state}}"));
        assertEquals("web\n", home.succeed("rm", "web"));
    }

    @Test
    void thePolicyStartsItAgainUntilItsUserStopsIt() throws Exception {
        MachineEntry web = home.start("web", "--restart", "always");
        for (int i = 0; i < 2; i++) {
            long pid = web.status().pid();
            assertTrue(ProcessHandle.of(pid).orElseThrow().destroyForcibly());
            Await.until(() -> "another start; " + told(web), () -> runsByAnotherThan(pid, web));
        }
        long pid = web.status().pid();
        String _ = MachineHome.talk(web, "q", "never");
        Await.until(() -> "another start; " + told(web), () -> runsByAnotherThan(pid, web));
        assertEquals("web\n", home.succeed("stop", "--timeout", "0", "web"));
        assertEquals(MachinePhase.STOPPED, phase(web));
        home.awaitNoProcess();
    }

    @Test
    void aFailureIsTriedAgainAFewTimesOnly() throws Exception {
        MachineEntry web = home.start("web", "--restart", "on-failure:1");
        String _ = MachineHome.talk(web, "e", "never");
        Await.until(() -> "a restart; it is " + web.status(), () -> {
            MachineStatus status = web.status();
            return status.phase() == MachinePhase.RUNNING && status.restarts() == 1;
        });
        String _ = MachineHome.talk(web, "e", "never");
        Await.until(() -> "the end; it is " + phase(web), () -> phase(web) == MachinePhase.STOPPED);
        assertEquals(TinyKernel.EXIT_STATUS, web.status().exitStatus());
    }

    /** Its process is stopped, as if it hung. */
    @Test
    void aMachineThatDoesNotAnswerIsKilled() throws Exception {
        MachineEntry web = home.start("web", "--restart", "always");
        TerminalSession.signal(ProcessHandle.of(web.status().pid()).orElseThrow(), SIGSTOP);
        assertEquals("web\n", home.succeed("kill", "web"));
        assertEquals(MachinePhase.CRASHED, phase(web));
        home.awaitNoProcess();
        assertEquals("web\n", home.succeed("start", "web"));
    }

    /** Whether a process runs the guest, is about to, or there is none at this moment. */
    @Test
    void aMachineThatIsStartedAgainAndAgainIsStoppedAtAnyMoment() throws Exception {
        MachineEntry web = home.start("web", "--restart", "always");
        for (int i = 0; i < 8; i++) {
            assertTrue(ProcessHandle.of(web.status().pid()).orElseThrow().destroyForcibly());
            Thread.sleep(60L * i);
            String[] end = i % 2 == 0 ? new String[] {"kill", "web"} : new String[] {"stop", "--timeout", "0", "web"};
            assertEquals("web\n", home.succeed(end));
            assertEquals(MachinePhase.STOPPED, phase(web));
            home.awaitNoProcess();
            assertEquals(MachinePhase.STOPPED, phase(web));
            assertEquals("web\n", home.succeed("start", "web"));
        }
    }
}
