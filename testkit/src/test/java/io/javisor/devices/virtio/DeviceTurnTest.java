package io.javisor.devices.virtio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.devices.virtio.queue.TurnAllowance;
import io.javisor.testkit.driver.DriverQueue;
import io.javisor.testkit.driver.VirtioDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** What the queues of a device may take of their loop's turns. */
class DeviceTurnTest {
    private final QueuedExecutor loop = new QueuedExecutor();
    private final List<Integer> called = new ArrayList<>();
    private boolean full;
    private final DeviceTurn turn = new DeviceTurn(new EchoDevice(4, 16), this::later, this::serve);

    private boolean later() {
        if (full) {
            return false;
        }
        loop.execute(this::renew);
        return true;
    }

    private void renew() {
        turn.renew();
    }

    /** As a handler whose queue is never empty. */
    private void serve(int index) {
        called.add(index);
        TurnAllowance allowance = turn.allowance(index, 0);
        while (allowance.takeChain()) {
            // One chain.
        }
    }

    private int take(int index) {
        TurnAllowance allowance = turn.allowance(index, 0);
        int count = 0;
        while (allowance.takeChain()) {
            count++;
        }
        return count;
    }

    @Test
    void allQueuesShareATurn() {
        assertTrue(turn.allowance(1, 0).mayTake());
        assertEquals(DeviceTurn.CHAINS, take(0));
        assertEquals(0, take(1));
        assertFalse(turn.allowance(1, 0).mayTake());
        assertEquals(1, loop.waiting(), "asked for once");
    }

    @Test
    void queuesThatFoundItSpentAreServedOneAfterTheOther() {
        serve(0);
        assertEquals(0, take(1));
        assertEquals(0, take(3));
        called.clear();
        for (int i = 0; i < 9; i++) {
            loop.turn();
        }
        assertEquals(List.of(0, 1, 3, 0, 1, 3, 0, 1, 3), called);
    }

    @Test
    void aQueueThatWasNotStarvedIsNotCalled() {
        assertEquals(DeviceTurn.CHAINS, take(0));
        turn.renew();
        assertEquals(List.of(0), called);
        called.clear();
        turn.renew();
        assertEquals(List.of(0), called, "its handler found it spent again");
    }

    @Test
    void whatTheLoopDoesNotTakeIsAskedForAgain() {
        full = true;
        assertEquals(DeviceTurn.CHAINS, take(0));
        assertEquals(0, loop.waiting());
        full = false;
        assertEquals(0, take(0));
        assertEquals(1, loop.waiting());
    }

    @Test
    void aTurnOutlivesAReset() {
        EchoBench bench = new EchoBench(task -> {
            if (full) {
                throw new RejectedExecutionException();
            }
            task.run();
        });
        DriverQueue queue = bench.start(VirtioDriver.RING_FEATURES);
        long reply = bench.driver.allocate(64, 8);
        for (int i = 0; i < DeviceTurn.CHAINS - 1; i++) {
            int _ = bench.send(queue, "a", reply);
            assertTrue(queue.poll() >= 0);
        }
        assertTrue(bench.driver.reset());
        DriverQueue again = bench.start(VirtioDriver.RING_FEATURES);
        int _ = bench.send(again, "a", reply);
        assertTrue(again.poll() >= 0);
        // Nothing is left, and this loop gives no other turn.
        again.begin();
        again.writable(reply, 64);
        assertTrue(again.commit() >= 0);
        boolean _ = again.publish();
        full = true;
        bench.transport.function().queueNotified(0);
        assertEquals(-1, again.poll());
        full = false;
        bench.transport.function().queueNotified(0);
        assertTrue(again.poll() >= 0);
    }
}
