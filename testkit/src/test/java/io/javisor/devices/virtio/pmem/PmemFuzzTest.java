package io.javisor.devices.virtio.pmem;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.javisor.testkit.FuzzBytes;
import io.javisor.testkit.driver.DriverQueue;
import java.lang.foreign.Arena;
import java.util.BitSet;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Requests of any shape, in RAM, in the device's own memory and elsewhere. Whatever comes: each that the ring's rules allow comes back once; no byte is written but an
 * answer where it was offered; the device's memory stays.
 */
class PmemFuzzTest {
    private static final int REQUEST = 0;
    private static final int RESET = 1;
    private static final int WINDOW = 2;
    private static final int KINDS = 3;
    private static final int MAX_STEPS = 64;

    static Stream<byte[]> seeds() {
        return Stream.of(
                FuzzBytes.of(REQUEST, 0, 1, 4, 0, 1, 4, 0, RESET, REQUEST, 1, 1, 4, 0, 1, 4, 0),
                FuzzBytes.of(REQUEST, 0, 1, 4, 1, 1, 4, 0, REQUEST, 0, 1, 4, 0, 1, 4, 1, WINDOW, 9, 8, 1),
                FuzzBytes.of(REQUEST, 0, 3, 1, 0, 2, 0, 1, 1, 3, 2, 0, 2, 0, REQUEST, 0, 1, 4, 2, 1, 4, 2));
    }

    @MethodSource("seeds")
    @FuzzTest
    void anyRequests(byte[] input) {
        try (Arena arena = Arena.ofConfined()) {
            PmemBench bench = new PmemBench(arena);
            FuzzBytes bytes = new FuzzBytes(input);
            DriverQueue queue = bench.start();
            BitSet offered = new BitSet(PmemBench.RAM_SIZE);
            int given = 0;
            int taken = 0;
            for (int step = 0; step < MAX_STEPS && bytes.more(); step++) {
                switch (bytes.u8() % KINDS) {
                    case REQUEST -> given += request(bench, queue, bytes, offered) ? 1 : 0;
                    case RESET -> {
                        assertTrue(bench.driver.reset());
                        bench.memory.fill(0, PmemBench.DATA_GPA, (byte) 0);
                        bench.driver = bench.newDriver();
                        queue = bench.start();
                        given = 0;
                        taken = 0;
                    }
                    default -> {
                        long offset = bytes.u8() * 8L;
                        int size = 1 + bytes.u8() % 8;
                        bench.device.window(bench.memory).write(offset, size, -1);
                        long read = bench.device.window(bench.memory).read(offset, size);
                        assertEquals(0x3C3C_3C3C_3C3C_3C3CL >>> (64 - 8 * size), read);
                    }
                }
                while (queue.poll() >= 0) {
                    taken++;
                    assertTrue(queue.usedLength() == 0 || queue.usedLength() == 4);
                }
                assertTrue(taken <= given);
            }
            for (int at = PmemBench.DATA_GPA; at < PmemBench.RAM_SIZE; at++) {
                assertTrue(offered.get(at) || bench.memory.getByte(at) == 0, "a byte that was not offered");
            }
            for (int at = 0; at < 4096; at += 8) {
                assertEquals(0x3C3C_3C3C_3C3C_3C3CL, bench.memory.getLong(PmemBench.PLACE.startGpa() + at));
            }
        }
    }

    private static boolean request(PmemBench bench, DriverQueue queue, FuzzBytes bytes, BitSet offered) {
        long type = bytes.u8();
        queue.begin();
        boolean any = false;
        for (int part = 0; part < 2; part++) {
            int pieces = bytes.u8() % 4;
            for (int i = 0; i < pieces; i++) {
                int length = bytes.u8() % 16;
                long gpa =
                        switch (bytes.u8() % 4) {
                            case 1 -> PmemBench.PLACE.startGpa() + 64;
                            case 2 -> 0x1_0000_0000L;
                            default -> PmemBench.DATA_GPA + 0x100L * (part * 4 + i);
                        };
                any = true;
                if (part == 0) {
                    if (gpa < PmemBench.RAM_SIZE && length >= 8) {
                        bench.memory.putLong(gpa, type);
                        offered.set((int) gpa, (int) gpa + 8);
                    }
                    queue.readable(gpa, length);
                } else {
                    queue.writable(gpa, length);
                    if (gpa < PmemBench.RAM_SIZE) {
                        offered.set((int) gpa, (int) gpa + length);
                    }
                }
            }
        }
        boolean committed = any && queue.commit() >= 0;
        boolean _ = queue.kick();
        return committed;
    }
}
