package io.javisor.emulator.emit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.core.bus.AddressBus;
import io.javisor.core.engine.Engine;
import io.javisor.core.engine.EngineVcpu;
import io.javisor.core.engine.EngineVm;
import io.javisor.core.engine.VmSpec;
import io.javisor.core.host.HostException;
import io.javisor.core.memory.GuestMemory;
import io.javisor.emulator.SoftwareEngineProvider;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A processor that can't be powered on for lack of something leaves nothing open. */
class FailedStartTest {
    /** Each of the processor's two stretches of code needs a guard, and there are only so many. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void whatWasOpenedBeforeAFailureIsClosed(int left) throws IOException {
        Deque<FaultNet.Guard> guards = new ArrayDeque<>();
        try (Arena arena = Arena.ofShared();
                Engine engine = new SoftwareEngineProvider().open();
                EngineVm vm = engine.createVm(new VmSpec(
                        "test",
                        new GuestMemory(List.of(new GuestMemory.Region(0, arena.allocate(1 << 20, 4096)))),
                        AddressBus.ports(),
                        AddressBus.deviceMemory(),
                        VmSpec.Interrupts.NONE,
                        0xFFFB_C000L,
                        Runnable::run));
                EngineVcpu vcpu = vm.createVcpu(0)) {
            takeAll(guards);
            for (int i = 0; i < left; i++) {
                guards.pop().close();
            }
            long before = mappings();
            for (int i = 0; i < 3; i++) {
                assertThrows(HostException.class, () -> vcpu.powerOn(vm.offer().supported()));
                assertEquals(before, mappings());
            }
            guards.pop().close();
            guards.pop().close();
            vcpu.powerOn(vm.offer().supported());
        } finally {
            guards.forEach(FaultNet.Guard::close);
        }
    }

    private static void takeAll(Deque<FaultNet.Guard> guards) {
        while (true) {
            try {
                guards.push(FaultNet.guard(0, 0, 0));
            } catch (HostException e) {
                return;
            }
        }
    }

    private static long mappings() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(line -> line.contains("javisor-code")).count();
        }
    }
}
