package io.javisor.emulator.cpu;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.emulator.apic.ApicOwner;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.VectorLayout;
import io.javisor.emulator.system.Attention;
import java.lang.foreign.Arena;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AlarmClockTest {
    private static final long HOUR = TimeUnit.HOURS.toNanos(1);

    private final Arena arena = Arena.ofShared();
    private final AlarmClock alarms = new AlarmClock("alarms under test", 2);
    private final Attention first = attention(0);
    private final Attention second = attention(1);

    private Attention attention(int index) {
        Attention attention = new Attention(new CpuBlock(arena.allocate(VectorLayout.SIZE, 4096)));
        alarms.register(index, attention);
        return attention;
    }

    @AfterEach
    void close() {
        alarms.close();
        arena.close();
    }

    @Test
    void anAlarmRaisesAttentionOnce() {
        alarms.set(0, 1000);
        first.await(Attention.NEVER);
        assertTrue(first.take());
        assertFalse(first.take());
        assertFalse(second.take());
    }

    @Test
    void anEarlierOneTakesThePlaceOfALaterOne() {
        alarms.set(0, HOUR);
        alarms.set(1, HOUR);
        alarms.set(0, 1000);
        first.await(Attention.NEVER);
        assertTrue(first.take());
        assertFalse(second.take());
    }

    @Test
    void oneThatIsTakenBackDoesNotRing() {
        alarms.set(1, TimeUnit.MILLISECONDS.toNanos(20));
        alarms.set(1, ApicOwner.NEVER);
        alarms.set(0, TimeUnit.MILLISECONDS.toNanos(60));
        first.await(Attention.NEVER);
        assertFalse(second.take());
    }

    @Test
    void manyInTurnAreNotLost() {
        for (int i = 0; i < 2000; i++) {
            Attention attention = i % 2 == 0 ? first : second;
            alarms.set(i % 2, i % 50 * 100L);
            attention.await(Attention.NEVER);
            assertTrue(attention.take());
        }
    }

    @Test
    void aClosedClockHasNoThread() {
        alarms.set(0, HOUR);
        alarms.close();
        assertTrue(Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("alarms under test")));
        alarms.close();
    }
}
