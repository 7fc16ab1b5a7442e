package io.javisor.devices.virtio;

import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.virtio.queue.QueueConfig;
import io.javisor.devices.virtio.queue.QueueFault;
import io.javisor.devices.virtio.queue.QueueFaults;
import io.javisor.devices.virtio.queue.QueueState;
import io.javisor.devices.virtio.queue.SplitVirtqueue;
import io.javisor.devices.virtio.queue.Virtqueue;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;

/**
 * The part of a {@link VirtioFunction} that lives on the device's event loop: its queues while it is active, and all calls of the device.
 * Methods that say so come from vCPU threads and only hand something over.
 */
final class ActiveDevice implements VirtioLink {
    private final VirtioFunction function;
    private final VirtioDevice<?> device;
    private final GuestMemory memory;
    private final Executor loop;
    private final VirtioInterrupts interrupts;
    private final VirtioCounters counters;
    private final GuestLog log;
    private final Runnable[] doorbells;
    /** 1 where a doorbell waits to be run. */
    private final AtomicIntegerArray ringing;

    private final Runnable nextTurn = this::nextTurn;

    // The loop's own.
    private final @Nullable Virtqueue[] queues;
    private final DeviceTurn turn;
    private boolean active;
    private boolean broken;
    private @Nullable Pause pause; // null while the machine runs
    private int life;
    private long features;

    ActiveDevice(
            VirtioFunction function,
            VirtioDevice<?> device,
            GuestMemory memory,
            Executor loop,
            VirtioInterrupts interrupts,
            VirtioCounters counters,
            GuestLog log) {
        this.function = function;
        this.device = device;
        this.memory = memory;
        this.loop = loop;
        this.interrupts = interrupts;
        this.counters = counters;
        this.log = log;
        int count = device.queueCount();
        queues = new @Nullable Virtqueue[count];
        turn = new DeviceTurn(device, () -> post(nextTurn), this::serve);
        ringing = new AtomicIntegerArray(count);
        doorbells = new Runnable[count];
        for (int i = 0; i < count; i++) {
            int index = i;
            doorbells[i] = () -> {
                ringing.set(index, 0); // first: what rings from now on is not covered by this look
                queueNotified(index);
            };
        }
    }

    // ---- from vCPU threads ----

    void activate(int forLife, long negotiated, List<@Nullable QueueConfig> configs) {
        boolean _ = post(() -> {
            if (forLife != function.life()) {
                return;
            }
            begin(forLife, negotiated);
            for (int i = 0; i < queues.length; i++) {
                QueueConfig config = configs.get(i);
                queues[i] = config == null ? null : newQueue(i, config);
            }
            device.activate(this);
        });
    }

    void reset(int forLife) {
        boolean _ = post(() -> {
            active = false;
            broken = false;
            Arrays.fill(queues, null);
            device.reset(() -> function.resetDone(forLife));
        });
    }

    void enableQueue(int forLife, int index, int generation, QueueConfig config) {
        boolean _ = post(() -> {
            if (active && function.queues().isCurrent(forLife, index, generation)) {
                Virtqueue queue = newQueue(index, config);
                queues[index] = queue;
                device.queueEnabled(index, queue);
            }
        });
    }

    void resetQueue(int forLife, int index, int generation) {
        boolean _ = post(() -> {
            if (!active || !function.queues().isCurrent(forLife, index, generation)) {
                return;
            }
            Runnable done = () -> function.queues().resetDone(forLife, index, generation);
            if (queues[index] == null) {
                done.run(); // it was made ready, but the device has not heard of it yet
            } else {
                queues[index] = null;
                device.resetQueue(index, done);
            }
        });
    }

    void ring(int index) {
        if (ringing.getAndSet(index, 1) == 0 && !post(doorbells[index])) {
            ringing.set(index, 0);
        }
    }

    private boolean post(Runnable task) {
        try {
            loop.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            log.warn("its event loop takes nothing more: " + e.getMessage());
            return false;
        }
    }

    // ---- on the loop ----

    void queueNotified(int index) {
        counters.doorbell(index);
        serve(index);
    }

    private void nextTurn() {
        turn.renew();
    }

    private void serve(int index) {
        if (active && !broken && queue(index) != null) {
            device.queueNotified(index);
        }
    }

    void pause(Runnable done) {
        Pause begun = new Pause(done);
        device.pause(begun::quiet);
        pause = begun;
        begun.hold();
    }

    void resume() {
        Pause ended = pause;
        if (ended == null) {
            return;
        }
        pause = null;
        ended.over = true;
        device.resume();
        for (int i = 0; i < queues.length; i++) {
            serve(i);
        }
    }

    void restore(int forLife, long negotiated, List<@Nullable QueueState> states, boolean needsReset) {
        begin(forLife, negotiated);
        for (int i = 0; i < queues.length; i++) {
            QueueState state = states.get(i);
            queues[i] = state == null
                    ? null
                    : SplitVirtqueue.restore(
                            memory, state, negotiated, turn.allowance(i, negotiated), faults(i), counters.queue(i));
        }
        broken = needsReset;
        if (!needsReset) {
            device.activate(this);
        }
    }

    @Nullable
    QueueState saveQueue(int index) {
        Virtqueue queue = queues[index];
        return active && queue != null ? queue.save() : null;
    }

    private void begin(int forLife, long negotiated) {
        life = forLife;
        features = negotiated;
        broken = false;
        active = true;
    }

    private Virtqueue newQueue(int index, QueueConfig config) {
        return new SplitVirtqueue(
                memory, config, features, turn.allowance(index, features), faults(index), counters.queue(index));
    }

    private QueueFaults faults(int index) {
        return (QueueFault fault) -> needsReset("queue " + index + " is broken: " + fault);
    }

    // ---- the device's link ----

    @Override
    public long features() {
        return features;
    }

    @Override
    public GuestMemory memory() {
        return memory;
    }

    @Override
    public @Nullable Virtqueue queue(int index) {
        return pause == null ? queues[index] : null;
    }

    @Override
    public void notifyUsed(int index) {
        if (active) {
            interrupts.buffersUsed(index);
        }
    }

    @Override
    public void notifyConfigChange() {
        function.configChanged();
    }

    @Override
    public void needsReset(String reason) {
        if (active && !broken) {
            broken = true;
            function.needsReset(life, reason);
        }
    }

    /** A pause: whole once the queues are hidden and the device is quiet, in either order. */
    private static final class Pause {
        private final Runnable done;
        private boolean holds;
        private boolean quiet;
        private boolean over;

        Pause(Runnable done) {
            this.done = done;
        }

        void hold() {
            holds = true;
            tell();
        }

        void quiet() {
            quiet = true;
            tell();
        }

        private void tell() {
            if (holds && quiet && !over) {
                done.run();
            }
        }
    }
}
