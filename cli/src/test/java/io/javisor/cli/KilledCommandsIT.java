package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.machine.config.ConfigException;
import io.javisor.manager.registry.MachineEntry;
import io.javisor.manager.registry.MachinePhase;
import io.javisor.manager.registry.MachineStatus;
import io.javisor.testkit.Await;
import io.javisor.testkit.guest.IdleKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Commands are killed at any moment of theirs, 60 of them, with {@code -Pfull} 200: what is written down stays true and whole, and every
 * machine can still be found, listed, stopped and removed.
 */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class KilledCommandsIT {
    /** More where there is time for them. */
    private static final int KILLS = Integer.getInteger("javisor.load.seconds", 60) >= 600 ? 200 : 60;

    private static final int MACHINES = 3;
    private static final long SEED = 20261125;

    @Test
    void killAfterKill() throws Exception {
        Random random = new Random(SEED);
        try (MachineHome home = new MachineHome()) {
            Path kernel = IdleKernel.writeTo(home.directory());
            int delayLimit = millisOfAStart(home, kernel) * 3 / 2;
            for (int i = 0; i < KILLS; i++) {
                String[] command = command(home, random, kernel);
                String told = "after kill " + i + " of " + String.join(" ", command);
                try (Program program = Program.start(home.command(command))) {
                    boolean _ = program.process().waitFor(random.nextInt(delayLimit), TimeUnit.MILLISECONDS);
                    // The launcher has become the JVM; a machine that it started is not its child.
                    program.process().destroyForcibly().waitFor();
                }
                assertTrueToLife(home, told);
            }
            assertAllCanBeRemoved(home);
        }
    }

    /** Of a command that nobody kills: where others want the processors too, each takes longer. */
    private static int millisOfAStart(MachineHome home, Path kernel) throws Exception {
        long begin = System.nanoTime();
        String _ = home.succeed("run", "-d", "--name", "first", "-m", "4M", "--kernel", kernel.toString());
        return Math.toIntExact(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
    }

    private static String[] command(MachineHome home, Random random, Path kernel) {
        List<String> names =
                home.registry.list().stream().map(MachineEntry::name).toList();
        if (names.size() < MACHINES && random.nextInt(3) > 0) {
            return new String[] {
                "run", "-d", "--name", "m" + random.nextInt(100), "-m", "4M", "--kernel", kernel.toString()
            };
        }
        String name = names.isEmpty() ? "none" : names.get(random.nextInt(names.size()));
        return switch (random.nextInt(8)) {
            case 0 -> new String[] {"pause", name};
            case 1 -> new String[] {"resume", name};
            case 2 -> new String[] {"kill", name};
            case 3 -> new String[] {"rm", "--force", name};
            case 4 -> new String[] {"rename", name, "r" + random.nextInt(100)};
            case 5 -> new String[] {"stop", "--timeout", "0", name};
            case 6 -> new String[] {"restart", "--timeout", "0", name};
            default -> new String[] {"start", name};
        };
    }

    /** Each machine that has a name is whole, and what is written of it is so. */
    private static void assertTrueToLife(MachineHome home, String told) throws IOException {
        for (MachineEntry machine : home.registry.list()) {
            try {
                MachineStatus status = machine.status(); // throws for a file that is not whole
                assertTrue(Files.size(machine.settingsFile()) > 2, () -> told + ": " + machine);
                // It may end at this moment, and then says so.
                assertTrue(
                        !status.phase().isLive()
                                || ProcessHandle.of(status.pid()).isPresent()
                                || !machine.status().equals(status),
                        () -> told + ": " + machine + " is not " + status);
            } catch (ConfigException | NoSuchFileException e) {
                // Nothing else may be missing: a machine whose starter was killed removes itself at any moment.
                assertTrue(machine.isGone(), () -> told + ": " + e);
            }
        }
    }

    private static List<MachinePhase> phases(MachineHome home) {
        List<MachinePhase> phases = new ArrayList<>();
        for (MachineEntry machine : home.registry.list()) {
            try {
                phases.add(machine.status().phase());
            } catch (ConfigException e) {
                assertTrue(machine.isGone(), e::toString);
            }
        }
        return phases;
    }

    /** Nothing is left that a user could not get rid of, nor anything of what had no name. */
    private static void assertAllCanBeRemoved(MachineHome home) throws Exception {
        List<String> command = new ArrayList<>(List.of("rm", "--force"));
        Await.until(
                () -> "settled machines: " + phases(home), () -> !phases(home).contains(MachinePhase.STARTING));
        home.registry.list().forEach(machine -> command.add(machine.name()));
        if (command.size() > 2) {
            String _ = home.succeed(command.toArray(String[]::new));
        }
        assertEquals("", home.succeed("ps", "-a", "-q"));
        Await.until(
                () -> "the end of " + home.processes(), () -> home.processes().isEmpty());
        try (Stream<Path> files = Files.walk(home.state)) {
            assertEquals(
                    List.of(),
                    files.filter(file -> file.toString().endsWith(".tmp"))
                            .filter(file -> !file.toString().contains("/.id/"))
                            .toList());
        }
    }
}
