package io.javisor.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.devices.backend.ConsoleInputFilter;
import io.javisor.machine.config.Accel;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.host.Console;
import io.javisor.testkit.guest.CodeKernel;
import io.javisor.testkit.junit.MachineTest;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ResetPaceTest {
    @TempDir
    private Path directory = Path.of("");

    private final ResetPace pace = new ResetPace();
    private long now = -3; // a clock may be before its zero

    private long delayAfter(long millis) {
        now += TimeUnit.MILLISECONDS.toNanos(millis);
        return pace.delayMillis(now);
    }

    @Test
    void theSixthWithinTenSecondsWaits() {
        for (int i = 0; i < 5; i++) {
            assertEquals(0, delayAfter(100));
        }
        for (int i = 0; i < 100; i++) {
            assertEquals(1000, delayAfter(1020));
        }
        assertEquals(0, delayAfter(10_000));
    }

    @Test
    void whoResetsNowAndThenNeverWaits() {
        for (int i = 0; i < 100; i++) {
            assertEquals(0, delayAfter(2001));
        }
        assertEquals(0, delayAfter(10_000));
        for (int i = 0; i < 4; i++) {
            assertEquals(0, delayAfter(1));
        }
        assertEquals(1000, delayAfter(1));
    }

    @MachineTest
    @Timeout(60)
    void aMachineWhoseGuestResetsAtOnceWaits(EngineProvider engine) throws Exception {
        BlockingQueue<Long> ends = new LinkedBlockingQueue<>();
        BootObserver observer = new BootObserver() {
            @Override
            public void reached(BootStep step) {
                if (step == BootStep.LIFE_ENDED) {
                    ends.add(System.nanoTime());
                }
            }

            @Override
            public void consoleOutput(int value) {}
        };
        Path kernel =
                CodeKernel.writeTo(directory, 0xB0, 0xFE, 0xE6, 0x64, 0xFA, 0xF4, 0xEB, 0xFC); // reset by port 0x64
        try (Fd in = Fd.own("/dev/null", Libc.open("/dev/null", HostConstants.O_RDONLY, 0));
                Fd out = Fd.own("/dev/null", Libc.open("/dev/null", HostConstants.O_WRONLY, 0));
                Machine machine = Machine.create(
                        MachineConfig.builder(kernel)
                                .accel(Accel.parse(engine.name()))
                                .memoryBytes(16 << 20)
                                .build(),
                        new Console(in.value(), out.value(), ConsoleInputFilter.NONE),
                        observer)) {
            machine.start();
            long first = ends.take();
            long fifth = first;
            for (int i = 2; i <= 5; i++) {
                fifth = ends.take();
            }
            long sixth = ends.take();
            // On a host that is that slow nothing need wait.
            assertTrue(
                    sixth - fifth >= TimeUnit.SECONDS.toNanos(1) || sixth - first >= TimeUnit.SECONDS.toNanos(10),
                    () -> sixth - first + " ns for five more lives");
            // Nor does its end wait for the next life.
            machine.powerOff();
            assertEquals(new Outcome.PowerOff(), machine.await());
        }
    }
}
