package io.javisor.devices.pit;

import static io.javisor.devices.pit.PitRegisters.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.javisor.testkit.FakeTime;
import io.javisor.testkit.FuzzBytes;
import io.javisor.testkit.RecordingLine;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any sequence of port accesses, passing time and copies. A value is within its width, each interrupt that is counted was an edge on the
 * line, no two are nearer than the least gap, copies are equal; a timer is armed if and only if counter 0 has an edge to come, and expires
 * no oftener than interrupts may.
 */
class PitFuzzTest {
    private static final long MILLI = 1_000_000;

    static Stream<byte[]> seeds() {
        Random random = new Random(8254);
        Stream<byte[]> programs = Stream.generate(() -> {
                    byte[] program = new byte[400];
                    random.nextBytes(program);
                    return program;
                })
                .limit(20);
        byte[] linux = FuzzBytes.of(1, 3, 0, 0x34, 1, 0, 0, 0xA9, 1, 0, 0, 4, 4, 10, 0, 0, 3, 0, 0, 0, 0, 0, 0, 5);
        return Stream.concat(Stream.of(linux), programs);
    }

    @MethodSource("seeds")
    @FuzzTest
    void keepsItsInvariants(byte[] bytes) {
        FuzzBytes input = new FuzzBytes(bytes);
        Hardware hardware = new Hardware();
        while (input.more()) {
            hardware.step(input);
            hardware.check();
        }
        hardware.device.close();
        assertEquals(0, hardware.time.open());
    }

    private static final class Hardware {
        final FakeTime time = new FakeTime(0);
        private final RecordingLine line = new RecordingLine();
        private long interruptsBefore;
        private long passedNanos;
        private int settlings;
        PitDevice device = new PitDevice(time, line, time);

        void step(FuzzBytes input) {
            settlings++;
            switch (input.u8() % 7) {
                case 0 -> {
                    int offset = input.u8() % PORT_COUNT;
                    int size = input.size();
                    assertEquals(0, device.read(offset, size) >>> (8 * size), "bits above the access");
                }
                case 1 -> {
                    int offset = input.u8() % PORT_COUNT;
                    int size = input.size();
                    device.write(offset, size, input.value(size));
                }
                case 2 -> device.portB().write(0, 1, input.u8());
                case 3 -> assertEquals(0, device.portB().read(0, 1) & 0xC0);
                case 4 -> pass(input.u8() * 100_000L);
                case 5 -> {
                    PitState state = device.save();
                    interruptsBefore += device.counters().interrupts();
                    device.close();
                    device = new PitDevice(time, line, time);
                    device.restore(state);
                    PitState again = device.save();
                    assertEquals(state.counters(), again.counters());
                    assertEquals(state.portB(), again.portB());
                }
                default -> {
                    if (input.u8() % 8 == 0) {
                        device.reset();
                        assertEquals(0, time.armed());
                    } else {
                        pass(input.u8());
                    }
                }
            }
        }

        private void pass(long nanos) {
            passedNanos += nanos;
            time.advance(nanos);
        }

        void check() {
            PitState state = device.save();
            assertEquals(line.edges(), interruptsBefore + device.counters().interrupts(), "edges");
            PitState.Counter counter = state.counters().getFirst();
            boolean runs = counter.loadAt() != PitCounter.NEVER || counter.counting();
            boolean periodic = counter.mode() == 2 || counter.mode() == 3;
            if (runs && periodic) {
                assertEquals(1, time.armed(), "a periodic timer");
            } else if (!runs && state.owedInterrupts() == 0) {
                assertEquals(0, time.armed(), "a timer for nothing");
            }
            long most = passedNanos / OwedEdges.MIN_GAP_NANOS + settlings;
            assertTrue(line.edges() <= most, "interrupts too near each other");
            assertTrue(time.expiries() <= 2 * most + passedNanos / MILLI, "expiries for nothing");
        }
    }
}
