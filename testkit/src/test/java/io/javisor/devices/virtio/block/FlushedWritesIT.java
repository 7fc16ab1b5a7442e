package io.javisor.devices.virtio.block;

import static io.javisor.devices.virtio.block.FlushedWritesVictim.SLOTS;
import static io.javisor.devices.virtio.block.FlushedWritesVictim.SLOT_SIZE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.io.AsyncFiles;
import java.io.DataInputStream;
import java.io.EOFException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a guest was told is stable is in the file, at whatever moment the process is killed (-9). */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class FlushedWritesIT {
    private static final int KILLS = 200;

    /** So many flushes are waited for at most before the kill's own delay, which is up to so many microseconds. */
    private static final int FLUSHES = 12;

    private static final int DELAY_MICROS = 3000;

    @TempDir
    private Path directory = Path.of("");

    private final Random random = new Random(5);
    /** The newest record that must be in a slot; 0 for none. */
    private final int[] promised = new int[SLOTS];

    @Test
    void survive200Kills() throws Exception {
        Path image = directory.resolve("disk.img");
        Files.write(image, new byte[SLOTS * SLOT_SIZE]);
        int first = 1;
        int flushes = 0;
        for (int i = 0; i < KILLS; i++) {
            AsyncFiles.Engine engine = i % 2 == 0 ? AsyncFiles.Engine.IO_URING : AsyncFiles.Engine.POOL;
            int last = killOne(image, engine, first);
            assertTrue(last >= first, "a flush completed");
            for (int number = first; number <= last; number++) {
                promised[FlushedWritesVictim.slot(number)] = number;
            }
            flushes += last - first;
            first = check(Files.readAllBytes(image), last) + 1;
        }
        assertTrue(flushes > KILLS, "there was something to lose");
    }

    /** Starts a victim, kills it, and returns the last record that it was told is stable. */
    private int killOne(Path image, AsyncFiles.Engine engine, int first) throws Exception {
        Path errors = directory.resolve("errors");
        Process victim = new ProcessBuilder(command(image, engine, first))
                .redirectError(errors.toFile())
                .start();
        int last = 0;
        try (DataInputStream in = new DataInputStream(victim.getInputStream())) {
            try {
                for (int left = 1 + random.nextInt(FLUSHES); left > 0; left--) {
                    last = in.readInt();
                }
                TimeUnit.MICROSECONDS.sleep(random.nextInt(DELAY_MICROS));
                victim.toHandle().destroyForcibly(); // a Process would close its pipe
                while (true) {
                    last = in.readInt(); // what it was told before it died
                }
            } catch (EOFException e) {
                assertEquals(128 + 9, victim.waitFor(), () -> text(errors));
            }
        } finally {
            victim.destroyForcibly().waitFor();
        }
        return last;
    }

    private static List<String> command(Path image, AsyncFiles.Engine engine, int first) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"));
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(FlushedWritesVictim.class.getName());
        command.addAll(List.of(image.toString(), engine.name(), Integer.toString(first)));
        return command;
    }

    /** Every slot has what was promised or what came later, whole where it was promised. Returns the newest record of all. */
    private int check(byte[] disk, int last) {
        int newest = last;
        for (int slot = 0; slot < SLOTS; slot++) {
            byte[] found = Arrays.copyOfRange(disk, slot * SLOT_SIZE, (slot + 1) * SLOT_SIZE);
            int number = ByteBuffer.wrap(found).getInt(0);
            if (number == promised[slot]) {
                byte[] expected = number == 0 ? new byte[SLOT_SIZE] : FlushedWritesVictim.contents(number);
                assertArrayEquals(expected, found, "slot " + slot);
            } else {
                int inSlot = slot;
                assertTrue(number > last && number <= last + 64, () -> "slot " + inSlot + " has " + number);
                assertEquals(slot, FlushedWritesVictim.slot(number), "a record in the wrong slot");
                promised[slot] = number; // it is in the file now, and no later kill takes it out
            }
            newest = Math.max(newest, number);
        }
        return newest;
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (java.io.IOException e) {
            return e.toString();
        }
    }
}
