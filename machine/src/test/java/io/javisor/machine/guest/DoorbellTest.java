package io.javisor.machine.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.engine.EngineVm;
import io.javisor.core.event.EventLoop;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.testkit.guest.RecordingDevice;
import io.javisor.testkit.guest.RecordingDevice.Access;
import io.javisor.testkit.guest.TinyGuest;
import io.javisor.testkit.junit.MachineTest;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Doorbells: writes that ring on the event loop and do not wait for it. */
class DoorbellTest {
    private static final long GPA = 0xD000_0000L;

    private static final String RING = """
        1000: c7 04 25 00 a0 00 00 34 12 00 00 ; mov DWORD PTR ds:0xa000,0x1234
        100b: bb 00 00 00 d0         ; mov ebx,0xd0000000
        1010: c7 03 00 00 00 00      ; mov DWORD PTR [rbx],0x0
        1016: eb fe                  ; jmp 0x1016
        """;

    @MachineTest
    void aDoorbellWakesTheEventLoopWhileTheGuestRunsOn(EngineProvider engine) throws Exception {
        try (TinyGuest guest = TinyGuest.longMode(engine).code(RING).build();
                EventLoop loop = EventLoop.start("tiny/io-loop")) {
            CompletableFuture<Integer> seen = new CompletableFuture<>();
            try (var _ = guest.vm()
                    .bindDoorbell(
                            "bell",
                            GPA,
                            4,
                            0,
                            loop,
                            () -> seen.complete(guest.memory().getInt(0xA000)))) {
                guest.run();
                // what the guest wrote before it rang is there
                assertEquals(0x1234, seen.get(TinyGuest.TIMEOUT_MILLIS, TimeUnit.MILLISECONDS));
            }
        }
    }

    private static final String RINGS = """
        1000: bb 00 00 00 d0         ; mov ebx,0xd0000000
        1005: c7 03 08 00 00 00      ; mov DWORD PTR [rbx],0x8
        100b: 66 c7 03 07 00         ; mov WORD PTR [rbx],0x7
        1010: c7 03 07 00 00 00      ; mov DWORD PTR [rbx],0x7
        1016: f4                     ; hlt
        """;

    /** The other writes come to the bus; when the doorbell is taken back, its own does too. */
    @MachineTest
    void aDoorbellMatchesWidthAndValue(EngineProvider engine) throws Exception {
        try (TinyGuest guest = TinyGuest.longMode(engine).code(RINGS).build();
                EventLoop loop = EventLoop.start("tiny/io-loop")) {
            RecordingDevice device = guest.recordMemory(GPA, 8);
            CountDownLatch rung = new CountDownLatch(1);
            EngineVm.Binding bell = guest.vm().bindDoorbell("bell", GPA, 4, 7, loop, rung::countDown);
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            assertTrue(rung.await(TinyGuest.TIMEOUT_MILLIS, TimeUnit.MILLISECONDS), "it does not ring");
            assertEquals(List.of(Access.write(0, 4, 8), Access.write(0, 2, 7)), device.accesses());
            bell.close();
            bell.close();
            guest.reset();
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            assertEquals(5, device.accesses().size());
            assertEquals(Access.write(0, 4, 7), device.accesses().getLast());
        }
    }
}
