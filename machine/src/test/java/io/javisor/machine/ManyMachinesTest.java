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
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Machines that are made, run for some instructions and end, one after the other. {@code -Djavisor.test.machines=N} has it be more. */
class ManyMachinesTest {
    private static final int MACHINES = Integer.getInteger("javisor.test.machines", 300);
    private static final int WARM_UP = 100;

    // mov $1000,%ecx; 1: dec %ecx; jnz 1b; mov $0xfe,%al; mov $0x64,%dx;
    // out %al,(%dx): a reset, which ends the machine; hlt
    private static final int[] CODE = {
        0xB9, 0xE8, 0x03, 0, 0, 0xFF, 0xC9, 0x75, 0xFC, 0xB0, 0xFE, 0x66, 0xBA, 0x64, 0, 0xEE, 0xF4
    };

    private static final int MORE_MAPPINGS = 100;
    private static final long MORE_BYTES = 48L << 20;

    @TempDir
    private Path directory = Path.of("");

    @MachineTest
    @Timeout(value = 2, unit = TimeUnit.HOURS)
    void theyLeaveNothing(EngineProvider engine, TestReporter reporter) throws Exception {
        Path kernel = CodeKernel.writeTo(directory, CODE);
        try (Fd in = Fd.own("/dev/null", Libc.open("/dev/null", HostConstants.O_RDONLY, 0));
                Fd out = Fd.own("/dev/null", Libc.open("/dev/null", HostConstants.O_WRONLY, 0))) {
            Console console = new Console(in.value(), out.value(), ConsoleInputFilter.NONE);
            runMany(engine, kernel, console, WARM_UP);
            Holdings before = Holdings.now();
            runMany(engine, kernel, console, MACHINES);
            Holdings after = Holdings.now();
            reporter.publishEntry("before and after " + MACHINES + " machines", before + ", " + after);
            assertEquals(before.descriptors(), after.descriptors());
            assertEquals(before.codeMappings(), after.codeMappings());
            // The JVM's own compilers and collector start and end threads, and make and grow mappings.
            assertTrue(after.threads() <= before.threads() + 4, () -> before + ", " + after);
            assertTrue(after.mappings() <= before.mappings() + MORE_MAPPINGS, () -> before + ", " + after);
            assertTrue(after.heap() <= before.heap() + MORE_BYTES / 4, () -> before + ", " + after);
            assertTrue(after.resident() <= before.resident() + MORE_BYTES, () -> before + ", " + after);
        }
    }

    private static void runMany(EngineProvider engine, Path kernel, Console console, int count)
            throws InterruptedException {
        for (int i = 0; i < count; i++) {
            try (Machine machine = Machine.create(
                    MachineConfig.builder(kernel)
                            .accel(Accel.parse(engine.name()))
                            .memoryBytes(16 << 20)
                            .restartOnReset(false)
                            .build(),
                    console)) {
                machine.start();
                Outcome outcome = machine.await();
                assertTrue(outcome instanceof Outcome.Reset, outcome::toString);
            }
        }
    }
}
