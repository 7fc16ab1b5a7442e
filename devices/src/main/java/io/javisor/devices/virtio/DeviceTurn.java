package io.javisor.devices.virtio;

import io.javisor.devices.virtio.queue.TurnAllowance;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/**
 * What the queues of a device may take in one turn of their event loop, all together, whoever calls their handlers: doorbells, timers, completions,
 * the host's side. Queues that found it spent take turns. It goes on over the device's lives, as a reset must not renew it. On the event loop only;
 * allocates nothing after it was made.
 */
final class DeviceTurn {
    /** The chains of a turn, if the device's say no less: some hundred microseconds of work. */
    static final int CHAINS = 128;

    private final VirtioDevice<?> device;
    private final BooleanSupplier callLater;
    private final IntConsumer handler;
    private final boolean[] waiting;
    private final Allowance[] allowances;
    private int left = CHAINS;
    private boolean called;
    private int first; // of the queues that wait

    /**
     * A turn that has just begun.
     *
     * @param callLater has {@link #renew} called in a later turn; false if that can't be
     * @param handler calls the handler of the queue with that index
     */
    DeviceTurn(VirtioDevice<?> device, BooleanSupplier callLater, IntConsumer handler) {
        this.device = device;
        this.callLater = callLater;
        this.handler = handler;
        int count = device.queueCount();
        waiting = new boolean[count];
        allowances = new Allowance[count];
        for (int i = 0; i < count; i++) {
            allowances[i] = new Allowance(i);
        }
    }

    /** That of a queue which begins. */
    TurnAllowance allowance(int index, long features) {
        int chains = device.chainsPerTurn(index, features);
        if (chains < 1 || chains > CHAINS) {
            throw new IllegalArgumentException(device.id() + ": " + chains + " chains in a turn");
        }
        Allowance allowance = allowances[index];
        allowance.cost = CHAINS / chains;
        return allowance;
    }

    /** Another turn. */
    void renew() {
        called = false;
        left = CHAINS;
        int start = first;
        for (int i = 0; i < waiting.length && left > 0; i++) {
            int index = (start + i) % waiting.length;
            if (waiting[index]) {
                waiting[index] = false;
                first = (index + 1) % waiting.length;
                handler.accept(index);
            }
        }
        for (boolean one : waiting) {
            if (one) {
                callAgain();
                return;
            }
        }
    }

    private void callAgain() {
        if (!called) {
            called = true; // first: a test's loop does it at once
            if (!callLater.getAsBoolean()) {
                called = false;
            }
        }
    }

    private final class Allowance implements TurnAllowance {
        private final int index;
        private int cost = CHAINS;

        Allowance(int index) {
            this.index = index;
        }

        @Override
        public boolean takeChain() {
            if (!mayTake()) {
                return false;
            }
            left -= cost;
            return true;
        }

        @Override
        public boolean mayTake() {
            if (left > 0) {
                return true;
            }
            waiting[index] = true;
            callAgain();
            return false;
        }
    }
}
