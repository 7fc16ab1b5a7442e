package io.javisor.manager.live;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.devices.backend.ConsoleInputFilter;
import io.javisor.machine.Machine;
import io.javisor.machine.config.Accel;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.MachineTables;
import io.javisor.machine.config.SerialSink;
import io.javisor.machine.host.Console;
import io.javisor.manager.registry.MachineEntry;
import io.javisor.manager.registry.MachineStatus;
import io.javisor.manager.registry.Places;
import io.javisor.manager.registry.Registry;
import io.javisor.manager.registry.RestartPolicy;
import io.javisor.testkit.guest.ButtonKernel;
import io.javisor.testkit.guest.DotKernel;
import io.javisor.testkit.junit.MachineTest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;

/** {@link Stop}, of machines of this process. */
class StopTest {
    @TempDir
    private Path directory = Path.of("");

    /** Runs a machine with that kernel, has it stopped, and checks what is said and written down of it. */
    private void stop(MachineConfig config, Duration timeout, Optional<String> said) throws Exception {
        Registry registry =
                new Registry(new Places(directory.resolve("state"), directory.resolve("run")), InstantSource.system());
        MachineEntry entry = registry.create("web", "{}\n", RestartPolicy.NO, false);
        try (Fd end = Fd.own("console", Libc.open("/dev/null", HostConstants.O_RDWR, 0));
                LiveMachine live = LiveMachine.of(registry, entry)) {
            live.starting();
            try (Machine machine = Machine.create(
                    live.configure(config, false), new Console(end.value(), end.value(), ConsoleInputFilter.NONE))) {
                Thread ending = Thread.ofPlatform().unstarted(() -> conclude(live, machine));
                live.attach(machine);
                machine.start();
                live.listen();
                ending.start();
                assertEquals(said, Stop.stop(entry, timeout));
                ending.join();
            }
        }
        MachineStatus status = entry.status();
        assertEquals("PowerOff[]", status.reason());
    }

    private static void conclude(LiveMachine live, Machine machine) {
        try {
            live.ended(0, machine.await().toString());
            live.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static MachineConfig.Builder config(Path kernel, int memoryMib, EngineProvider engine) {
        return MachineConfig.builder(kernel)
                .accel(Accel.parse(engine.name()))
                .memoryBytes((long) memoryMib << 20)
                .serial(List.of(new SerialSink.Null()));
    }

    @MachineTest
    void aGuestThatLosesAPressGetsAnother(EngineProvider engine) throws Exception {
        MachineConfig config = config(ButtonKernel.writeTo(directory), ButtonKernel.MEMORY_MIB, engine)
                .build();
        stop(config, Duration.ofMinutes(1), Optional.empty());
    }

    @MachineTest
    void whereThePlugIsPulledItIsSaid(EngineProvider engine) throws Exception {
        MachineConfig config = config(DotKernel.writeTo(directory), DotKernel.MEMORY_MIB, engine)
                .build();
        stop(
                config,
                Duration.ofSeconds(1),
                Optional.of("did not shut itself down within 1 s of its power button; its plug was pulled"));
    }

    @MachineTest
    void whoGivesNoTimeKnowsThatThePlugIsPulled(EngineProvider engine) throws Exception {
        MachineConfig config = config(DotKernel.writeTo(directory), DotKernel.MEMORY_MIB, engine)
                .build();
        stop(config, Duration.ZERO, Optional.empty());
    }

    @MachineTest
    void withoutAButtonThePlugIsPulledAtOnce(EngineProvider engine) throws Exception {
        MachineConfig config = config(DotKernel.writeTo(directory), DotKernel.MEMORY_MIB, engine)
                .tables(MachineTables.MP)
                .build();
        stop(config, Duration.ofMinutes(1), Optional.of("has no power button; its plug was pulled"));
    }
}
