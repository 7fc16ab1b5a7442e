package io.javisor.devices.virtio.mmio;

import io.javisor.core.event.EventLoop;
import io.javisor.core.host.Errno;
import io.javisor.core.host.HostException;
import io.javisor.devices.DeviceStatistics;
import io.javisor.devices.virtio.ExposedDevice;
import io.javisor.devices.virtio.QueueDoorbell;
import io.javisor.devices.virtio.VirtioCounters;
import io.javisor.devices.virtio.VirtioDevice;
import io.javisor.devices.virtio.VirtioFunction;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A virtio device with its transport, as one device of a machine. What concerns the device is done on its event loop, and waited for: no call comes from
 * there.
 *
 * @param <S> the state of the device behind the transport
 */
public final class VirtioMmioDevice<S> implements ExposedDevice<VirtioMmioDevice.State<S>> {
    /** How long a device may take to get its requests back. Past it, it hangs, which is a bug or a dead host disk. */
    private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(5);

    /**
     * What a snapshot stores of both.
     *
     * @param version {@link #VERSION}
     * @param transport registers and queues
     * @param device the device's own
     */
    public record State<S>(int version, VirtioMmioState transport, S device) {
        /** The only version so far. */
        public static final int VERSION = 1;

        /** @throws IllegalArgumentException if the version is another */
        public State {
            if (version != VERSION) {
                throw new IllegalArgumentException("virtio-mmio device state: version " + version + ", not " + VERSION);
            }
        }
    }

    private final VirtioDevice<S> device;
    private final VirtioMmioTransport transport;
    private final EventLoop loop;
    private final long pauseNanos;
    private boolean paused;

    /**
     * Joins both.
     *
     * @param transport of {@code device}
     * @param loop the device's
     */
    public VirtioMmioDevice(VirtioDevice<S> device, VirtioMmioTransport transport, EventLoop loop) {
        this(device, transport, loop, TIMEOUT_NANOS);
    }

    /**
     * As the other, for tests.
     *
     * @param pauseNanos how long a pause waits at most for what is in flight
     */
    VirtioMmioDevice(VirtioDevice<S> device, VirtioMmioTransport transport, EventLoop loop, long pauseNanos) {
        this.device = device;
        this.transport = transport;
        this.loop = loop;
        this.pauseNanos = pauseNanos;
    }

    /** Its registers, for the bus. */
    public VirtioMmioTransport transport() {
        return transport;
    }

    @Override
    public VirtioFunction function() {
        return transport.function();
    }

    @Override
    public List<QueueDoorbell> doorbells() {
        return transport.doorbells();
    }

    @Override
    public String id() {
        return device.id();
    }

    @Override
    public String kind() {
        return device.kind();
    }

    /** Waits for what is in flight. */
    @Override
    public void pause() throws InterruptedException {
        if (paused) {
            return;
        }
        CountDownLatch quiet = new CountDownLatch(1);
        loop.execute(() -> transport.function().pause(quiet::countDown));
        paused = true;
        if (!quiet.await(pauseNanos, TimeUnit.NANOSECONDS)) {
            throw new HostException(
                    "pause of " + id() + ", whose requests the host has not finished for "
                            + TimeUnit.NANOSECONDS.toSeconds(pauseNanos) + " s",
                    Errno.EBUSY);
        }
    }

    @Override
    public void resume() {
        if (paused) {
            paused = false;
            // No vCPU waits for this: what it rings for before then is found by it.
            boolean _ = loop.executeCompletion(transport.function()::resume);
        }
    }

    /** As its driver would, but for this the device need not be active. Waits for what is in flight. */
    @Override
    public void reset() {
        if (!transport.function().reset(TIMEOUT_NANOS)) {
            throw new IllegalStateException(id() + " still has requests in flight "
                    + TimeUnit.NANOSECONDS.toSeconds(TIMEOUT_NANOS) + " s after its reset");
        }
    }

    @Override
    public State<S> save() {
        boolean goesOn = !paused;
        return await("save", () -> {
            S own = device.save();
            State<S> state = new State<>(State.VERSION, transport.save(), own);
            if (goesOn) {
                device.resume();
            }
            return state;
        });
    }

    @Override
    public void restore(State<S> state) {
        boolean goesOn = !paused;
        boolean _ = await("restore", () -> {
            requireKind(state.device(), goesOn);
            device.restore(state.device());
            transport.restore(state.transport());
            return true;
        });
    }

    private void requireKind(S state, boolean goesOn) {
        S own = device.save();
        if (goesOn) {
            device.resume();
        }
        if (own.getClass() != ((Object) state).getClass()) {
            throw new IllegalArgumentException(
                    "the state of " + id() + " is a " + state.getClass().getSimpleName() + ", not a "
                            + own.getClass().getSimpleName());
        }
    }

    @Override
    public DeviceStatistics statistics() {
        VirtioCounters common = transport.function().counters();
        Map<String, Long> all = new LinkedHashMap<>(device.counters());
        all.putAll(common.snapshot());
        List<Map<String, Long>> queues = new ArrayList<>();
        for (int i = 0; i < common.queueCount(); i++) {
            Map<String, Long> queue = new LinkedHashMap<>(common.snapshot(i));
            queue.putAll(device.queueCounters(i));
            queues.add(queue);
        }
        return new DeviceStatistics(id(), kind(), all, queues);
    }

    /** After a {@link #reset}. */
    @Override
    public void close() {
        boolean _ = await("close", () -> {
            device.close();
            return true;
        });
    }

    @Override
    public <R> R onLoop(String what, Supplier<R> task) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        Task<R> running = new Task<>(task, done);
        loop.execute(running);
        if (!done.await(TIMEOUT_NANOS, TimeUnit.NANOSECONDS)) {
            throw new IllegalStateException("the " + what + " of " + id() + " does not end");
        }
        return running.result();
    }

    private <R> R await(String what, Supplier<R> task) {
        try {
            return onLoop(what, task);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the " + what + " of " + id() + " was interrupted", e);
        }
    }

    private static final class Task<R> implements Runnable {
        private final Supplier<R> task;
        private final CountDownLatch done;
        private @Nullable R result; // published by done
        private @Nullable Throwable failure;

        Task(Supplier<R> task, CountDownLatch done) {
            this.task = task;
            this.done = done;
        }

        @Override
        public void run() {
            try {
                result = task.get();
            } catch (RuntimeException | Error e) {
                failure = e;
            } finally {
                done.countDown();
            }
        }

        R result() {
            R given = result;
            if (given == null) {
                if (failure instanceof IllegalArgumentException refusal) {
                    throw new IllegalArgumentException(refusal.getMessage(), refusal);
                }
                throw new IllegalStateException(failure);
            }
            return given;
        }
    }
}
