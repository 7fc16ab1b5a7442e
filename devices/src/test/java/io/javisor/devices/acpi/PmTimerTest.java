package io.javisor.devices.acpi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PmTimerTest {
    private static final BigInteger FREQUENCY = BigInteger.valueOf(3_579_545);
    private static final BigInteger GIGA = BigInteger.valueOf(1_000_000_000);

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "279, 0",
        "280, 1",
        "1000000, 3579",
        "1000000000, 3579545",
        "60000000000, 214772700",
        "4686968596, 16777215", // the last of 24 bits
        "1199864312364, 4294968300" // past 32 bits
    })
    void countsAt3579545Hertz(long nanos, long ticks) {
        assertEquals(ticks & 0xFF_FFFF, new PmTimer(24, 0).count(nanos));
        assertEquals(ticks & 0xFFFF_FFFFL, new PmTimer(32, 0).count(nanos));
    }

    @Test
    void anyOriginWillDo() {
        for (long origin : new long[] {-1, 12345, Long.MAX_VALUE, Long.MIN_VALUE}) {
            assertEquals(3_579_545, new PmTimer(32, origin).count(origin + 1_000_000_000));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {24, 32})
    void agreesWithExactArithmetic(int bitCount) {
        Random random = new Random(bitCount);
        BigInteger period = BigInteger.ONE.shiftLeft(bitCount);
        for (int i = 0; i < 2000; i++) {
            long nanos = random.nextLong() >>> (2 + random.nextInt(40));
            BigInteger ticks = BigInteger.valueOf(nanos).multiply(FREQUENCY).divide(GIGA);
            assertEquals(
                    ticks.mod(period).longValueExact(), new PmTimer(bitCount, 0).count(nanos), () -> "at " + nanos);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {24, 32})
    void theHighBitChangesExactlyWhenAnnounced(int bitCount) {
        Random random = new Random(7);
        for (int i = 0; i < 500; i++) {
            PmTimer timer = new PmTimer(bitCount, 0);
            timer.set(random.nextLong(1L << bitCount), 0);
            long now = random.nextLong(10_000_000_000_000L);
            long delay = timer.nanosToHighBitChange(now);
            assertTrue(delay > 0);
            long changes = timer.highBitChanges(now);
            assertEquals(changes, timer.highBitChanges(now + delay - 1));
            assertEquals(changes + 1, timer.highBitChanges(now + delay));
            long highBit = 1L << (bitCount - 1);
            assertEquals(highBit, (timer.count(now) ^ timer.count(now + delay)) & highBit);
        }
    }

    @Test
    void otherWidthsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new PmTimer(16, 0));
    }
}
