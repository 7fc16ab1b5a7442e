package io.javisor.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.memory.GuestMemory;
import io.javisor.machine.SoakGuest.Counts;
import io.javisor.testkit.junit.MachineTest;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A machine that is paused at any moment, while one processor uses a disk and a console and two storm on devices of their own: nothing changes its
 * memory then, and nothing is lost.
 */
@Timeout(120)
class PausedGuestTest {
    private static final int PAUSES = 20;
    private static final int SLICE = 1 << 20;

    /** Each pause but the first ones. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    @TempDir
    private Path directory = Path.of("");

    @MachineTest
    void itsMemoryStaysAsItIsAndItGoesOn(EngineProvider engine) throws Exception {
        Random random = new Random(4);
        try (SoakGuest guest = SoakGuest.start(engine, directory, true, 1)) {
            Machine machine = guest.machine();
            long _ = guest.echo(7);
            Counts before = guest.counts();
            for (int i = 0; i < PAUSES; i++) {
                TimeUnit.MICROSECONDS.sleep(random.nextInt(20_000));
                machine.pause();
                GuestMemory memory = machine.current().memory();
                long sum = sum(memory);
                long end = System.nanoTime() + (i < 3 ? 5 * PAUSE_NANOS : PAUSE_NANOS);
                do {
                    assertEquals(sum, sum(memory), "pause " + i);
                } while (System.nanoTime() < end);
                machine.resume();
                if (i % 4 == 0) {
                    long _ = guest.echo(3 + i);
                }
            }
            Counts after = guest.counts();
            assertNotEquals(before.requests(), after.requests());
            assertEquals(0, guest.stop().errors());
        }
    }

    private static long sum(GuestMemory memory) {
        CRC32C sum = new CRC32C();
        byte[] slice = new byte[SLICE];
        for (long gpa = 0; gpa < memory.sizeBytes(); gpa += SLICE) {
            memory.copyOut(gpa, slice, 0, SLICE);
            sum.update(slice);
        }
        return sum.getValue();
    }
}
