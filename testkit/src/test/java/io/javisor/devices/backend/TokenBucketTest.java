package io.javisor.devices.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.event.MachineClock;
import io.javisor.testkit.FakeTime;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenBucketTest {
    private static final long SECOND = 1_000_000_000L;

    private final FakeTime time = new FakeTime(77);
    private int calls;

    private TokenLevels levels = new TokenLevels();

    private TokenBucket bucket(long rate, long burst) {
        return new TokenBucket("bucket", rate, burst, levels, time, time, () -> calls++);
    }

    @Test
    void itGoesOnWhereOneOfItsNameWasLeft() {
        TokenBucket first = bucket(100, 10);
        assertTrue(first.tryTake(10));
        first.close();
        TokenBucket second = bucket(100, 10);
        assertEquals(0, second.balance());
        time.advance(SECOND / 20);
        assertEquals(5, bucket(100, 10).balance());
        levels = new TokenLevels();
        assertEquals(10, bucket(100, 10).balance());
    }

    @Test
    void itStandsWhileItsMachineDoes() {
        MachineClock clock = new MachineClock(time, time);
        clock.resume();
        TokenBucket bucket = new TokenBucket("bucket", 100, 10, levels, clock, clock, () -> calls++);
        assertTrue(bucket.tryTake(10));
        assertFalse(bucket.tryTake(5));
        clock.pause();
        time.advance(SECOND);
        assertEquals(0, calls);
        assertEquals(0, bucket.balance());
        clock.resume();
        time.advance(SECOND / 20 + 2);
        assertEquals(1, calls);
        assertTrue(bucket.tryTake(5));
    }

    @Test
    void itStartsFullAndGathersNoMoreThanItsBurst() {
        TokenBucket bucket = bucket(100, 10);
        assertEquals(10, bucket.balance());
        time.advance(100 * SECOND);
        assertEquals(10, bucket.balance());
        assertTrue(bucket.tryTake(10));
        assertEquals(0, bucket.balance());
        assertEquals(0, time.armed());
    }

    @Test
    void whoDoesNotGetEnoughIsCalledWhenThereIs() {
        TokenBucket bucket = bucket(100, 10);
        assertTrue(bucket.tryTake(8));
        assertFalse(bucket.tryTake(5));
        assertEquals(2, bucket.balance(), "nothing was taken");
        time.advance(3 * SECOND / 100);
        assertEquals(0, calls);
        time.advance(2);
        assertEquals(1, calls);
        assertTrue(bucket.tryTake(5));
        time.advance(SECOND);
        assertEquals(1, calls, "once");
    }

    @Test
    void moreThanTheBurstIsGivenForAFullBucketAndOwed() {
        TokenBucket bucket = bucket(100, 10);
        assertTrue(bucket.tryTake(110));
        assertEquals(-100, bucket.balance());
        assertFalse(bucket.tryTake(1));
        time.advance(SECOND + SECOND / 100 + 2);
        assertEquals(1, calls);
        assertTrue(bucket.tryTake(1));
    }

    @Test
    void whatIsGivenBackCountsUpToTheBurst() {
        TokenBucket bucket = bucket(100, 10);
        assertTrue(bucket.tryTake(4));
        bucket.giveBack(3);
        assertEquals(9, bucket.balance());
        bucket.giveBack(100);
        assertEquals(10, bucket.balance());
    }

    @Test
    void nothingIsAlwaysThere() {
        TokenBucket bucket = bucket(1, 1);
        assertTrue(bucket.tryTake(1));
        assertTrue(bucket.tryTake(0));
    }

    @Test
    void nobodyIsCalledAfterCancelAndTheTimerGoesBack() {
        TokenBucket bucket = bucket(1, 1);
        assertTrue(bucket.tryTake(1));
        assertFalse(bucket.tryTake(1));
        bucket.cancel();
        time.advance(10 * SECOND);
        assertEquals(0, calls);
        assertEquals(1, time.open());
        bucket.close();
        assertEquals(0, time.open());
    }

    @Test
    void aBalanceIsRestored() {
        TokenBucket bucket = bucket(10, 10);
        bucket.setBalance(-5);
        assertEquals(-5, bucket.balance());
        bucket.setBalance(1000);
        assertEquals(10, bucket.balance());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 3, 1000, 4096, 1 << 20, 123_456_789, 10_000_000_000L, 1L << 40})
    void theRateHoldsInTheLongRun(long rate) {
        long burst = Math.max(1, rate / 10);
        TokenBucket bucket = bucket(rate, burst);
        Random random = new Random(rate);
        double seconds = Math.max(20, 200.0 / rate);
        long end = time.getAsLong() + (long) (seconds * SECOND);
        long start = time.getAsLong();
        double passed = 0;
        while (time.getAsLong() < end) {
            long amount = 1 + random.nextLong(burst * 2);
            if (bucket.tryTake(amount)) {
                passed += amount;
            } else {
                int before = calls;
                while (calls == before) {
                    time.advance(SECOND / 97);
                }
            }
        }
        double elapsed = (time.getAsLong() - start) / (double) SECOND;
        double most = burst * 3.0 + elapsed * rate;
        assertTrue(passed <= most, passed + " of " + most);
        assertTrue(passed >= elapsed * rate * 0.85 - burst, passed + " in " + elapsed + " s at " + rate);
    }

    @Test
    void aRateOrBurstOfNothingIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> bucket(0, 1));
        assertThrows(IllegalArgumentException.class, () -> bucket(1, 0));
    }
}
