package io.javisor.devices.virtio;

import static io.javisor.devices.virtio.VirtioStatus.VIRTIO_CONFIG_S_DRIVER_OK;
import static io.javisor.devices.virtio.VirtioStatus.VIRTIO_CONFIG_S_FEATURES_OK;
import static io.javisor.devices.virtio.VirtioStatus.VIRTIO_CONFIG_S_NEEDS_RESET;

import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.virtio.queue.QueueState;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * What every virtio device has, whatever its kind and transport: status, feature negotiation, queue set-up, reset (virtio 1.2 §2, §3). A
 * transport maps its registers to these calls; {@link ActiveDevice} is the side of it that runs on the event loop.
 *
 * <p>Registers are called on vCPU threads, several at a time. A lock guards them, and is never held while a device is called or a line
 * signalled. What concerns the device is handed to its event loop under that lock, so in the order of the registers, and tagged with the life that it
 * is for, so that what a reset has overtaken does nothing. While a reset is under way the status stays as it was; it reads 0 once nothing is in flight any
 * more (§2.4.1), and writes until then do nothing.
 *
 * <p>What a driver does wrong is counted ({@link VirtioFault}), logged now and then, and ignored.
 */
public final class VirtioFunction {
    /** What the rings and the transports of this package can, offered for every device. */
    public static final long COMMON_FEATURES = VirtioFeature.mask(VirtioFeature.VIRTIO_F_INDIRECT_DESC)
            | VirtioFeature.mask(VirtioFeature.VIRTIO_F_EVENT_IDX)
            | VirtioFeature.mask(VirtioFeature.VIRTIO_F_VERSION_1)
            | VirtioFeature.mask(VirtioFeature.VIRTIO_F_RING_RESET);

    private final VirtioDevice<?> device;
    private final VirtioInterrupts interrupts;
    private final VirtioCounters counters;
    private final GuestLog log;
    private final ActiveDevice active;
    private final DeviceLife life;
    private final VirtioQueues queues;

    /**
     * A function after reset.
     *
     * @param loop runs what is given to it one at a time and in order: the device's event loop; a test's may run it at once
     * @param interrupts the transport's
     * @param counters with as many queues as the device
     */
    public VirtioFunction(
            VirtioDevice<?> device,
            GuestMemory memory,
            Executor loop,
            VirtioInterrupts interrupts,
            VirtioCounters counters) {
        if (counters.queueCount() != device.queueCount()) {
            throw new IllegalArgumentException(
                    "counters of " + counters.queueCount() + " queues for " + device.queueCount());
        }
        this.device = device;
        this.interrupts = interrupts;
        this.counters = counters;
        this.log = new GuestLog(device.id(), counters.logLimits());
        this.active = new ActiveDevice(this, device, memory, loop, interrupts, counters, log);
        this.life = new DeviceLife(new FeatureRegisters(device, device.features() | COMMON_FEATURES));
        this.queues = new VirtioQueues(this, life, device, memory, active, counters);
    }

    public VirtioDevice<?> device() {
        return device;
    }

    /** The registers of its queues. */
    public VirtioQueues queues() {
        return queues;
    }

    public VirtioCounters counters() {
        return counters;
    }

    /** Counts and logs what a driver did wrong; for transports. {@code detail} is what helps to understand it: an offset, a value. */
    public void fault(VirtioFault fault, long detail) {
        counters.fault(fault);
        log.warn(fault, detail);
    }

    // ---- status ----

    /** The device status field. */
    public int status() {
        synchronized (life) {
            return life.status.get();
        }
    }

    /** The driver writes the status: bits to add, or 0 to reset the device. */
    public void setStatus(int value) {
        if (value == 0) {
            reset(false);
            return;
        }
        VirtioFault fault;
        synchronized (life) {
            fault = life.resetting ? VirtioFault.BUSY : life.status.add(value, life.features);
            if (life.status.has(VIRTIO_CONFIG_S_FEATURES_OK)) {
                life.negotiated = life.features.driver; // which can't be written any more
            }
            if (!life.handedOver && life.status.has(VIRTIO_CONFIG_S_DRIVER_OK)) {
                life.handedOver = true;
                // Nothing is left of a driver before, not even what was reported to it too late.
                interrupts.reset();
                counters.activated();
                active.activate(life.number, life.negotiated, queues.readyConfigs());
            }
        }
        if (fault != null) {
            fault(fault, value);
        }
    }

    // ---- reset ----

    /**
     * Resets the device as its driver would, for its host: before it is closed, or when the machine is reset. Not on the loop.
     *
     * @return false if something is still in flight after {@code timeoutNanos}
     */
    public boolean reset(long timeoutNanos) {
        reset(true);
        return awaitReset(timeoutNanos);
    }

    private void reset(boolean force) {
        synchronized (life) {
            if (life.resetting) {
                return;
            }
            life.number++;
            if (!life.handedOver && !force) {
                clear();
                return;
            }
            life.resetting = true;
            counters.reset();
            active.reset(life.number);
        }
    }

    /** On the loop: nothing is in flight any more. */
    void resetDone(int forLife) {
        synchronized (life) {
            if (life.resetting && forLife == life.number) {
                clear();
                life.notifyAll();
            }
        }
    }

    private void clear() {
        life.clear();
        queues.clear();
        interrupts.reset();
    }

    /**
     * Waits until no reset of the device or a queue is under way. Never on the loop.
     *
     * @return false if the time ran out first, or the thread was interrupted
     */
    public boolean awaitReset(long timeoutNanos) {
        long end = System.nanoTime() + timeoutNanos;
        synchronized (life) {
            while (life.resetting || queues.isAnyResetting()) {
                long left = end - System.nanoTime();
                if (left <= 0) {
                    counters.slowReset();
                    return false;
                }
                try {
                    life.wait(left / 1_000_000, (int) (left % 1_000_000));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                }
            }
            return true;
        }
    }

    /** The number of the present life, by which the loop tells what a reset has overtaken. */
    int life() {
        return life.number;
    }

    // ---- what the device reports ----

    /** From any thread. */
    void configChanged() {
        synchronized (life) {
            // Without a driver that listens the bit would stay set, and hide the first interrupt of the next one.
            if (life.resetting || !life.status.has(VIRTIO_CONFIG_S_DRIVER_OK)) {
                return;
            }
        }
        counters.configChanged();
        interrupts.configChanged();
    }

    /** On the loop. */
    void needsReset(int forLife, String reason) {
        synchronized (life) {
            if (forLife != life.number || !life.status.setNeedsReset()) {
                return;
            }
        }
        counters.needsReset();
        log.warn("needs a reset: " + reason);
        configChanged();
    }

    // ---- features ----

    public void selectDeviceFeatures(int window) {
        synchronized (life) {
            life.features.deviceSelect = window;
        }
    }

    /** 32 bits of what is offered, from 32 times the selected window on. */
    public int deviceFeatures() {
        synchronized (life) {
            return life.features.readDevice();
        }
    }

    public void selectDriverFeatures(int window) {
        synchronized (life) {
            life.features.driverSelect = window;
        }
    }

    /** The driver says which of the selected 32 features it wants. */
    public void setDriverFeatures(int bits) {
        VirtioFault fault = null;
        synchronized (life) {
            if (life.resetting) {
                fault = VirtioFault.BUSY;
            } else if (life.status.has(VIRTIO_CONFIG_S_FEATURES_OK)) {
                fault = VirtioFault.LATE_FEATURES;
            } else {
                life.features.writeDriver(bits);
            }
        }
        if (fault != null) {
            fault(fault, bits);
        }
    }

    /** 32 bits of what the driver wrote, from 32 times the selected window on. */
    public int driverFeatures() {
        synchronized (life) {
            return life.features.readDriver();
        }
    }

    /** What driver and device have agreed on; 0 before FEATURES_OK. */
    public long negotiatedFeatures() {
        return life.negotiated;
    }

    // ---- configuration space ----

    /** Reads the configuration space; ones past its end. */
    public long readConfig(long offset, int size) {
        if (!isConfigAccess(offset, size)) {
            fault(VirtioFault.BAD_CONFIG_ACCESS, offset);
            return -1;
        }
        return device.readConfig((int) offset, size, life.negotiated);
    }

    /** Writes the configuration space. */
    public void writeConfig(long offset, int size, long value) {
        long agreed = life.negotiated;
        if (!isConfigAccess(offset, size)) {
            fault(VirtioFault.BAD_CONFIG_ACCESS, offset);
        } else if (agreed == 0) {
            fault(VirtioFault.EARLY_CONFIG_WRITE, offset);
        } else {
            device.writeConfig((int) offset, size, value, agreed);
        }
    }

    public int configGeneration() {
        return device.configGeneration();
    }

    private boolean isConfigAccess(long offset, int size) {
        return (size == 1 || size == 2 || size == 4 || size == 8)
                && offset >= 0
                && offset <= device.configSizeBytes() - size;
    }

    /** The doorbell of a queue, on the loop: for an ioeventfd's handler. Nothing unless the queue is in use. */
    public void queueNotified(int index) {
        active.queueNotified(index);
    }

    // ---- pause ----

    /**
     * The machine pauses: the device takes nothing more from its queues. On the loop, after what vCPUs handed to it.
     *
     * @param done run on the loop once nothing that is in flight touches guest memory any more, unless {@link #resume} comes first
     */
    public void pause(Runnable done) {
        active.pause(done);
    }

    /** Goes on after {@link #pause}, and looks at all queues: for what was rung meanwhile, or was in them before. On the loop. */
    public void resume() {
        active.resume();
    }

    // ---- state ----

    /** The state at this moment. On the loop, while no vCPU runs. */
    public VirtioFunctionState save() {
        synchronized (life) {
            List<QueueRegistersState> states = queues.save(active::saveQueue);
            return life.resetting
                    ? new VirtioFunctionState(VirtioFunctionState.VERSION, 0, 0, 0, 0, false, 0, states)
                    : new VirtioFunctionState(
                            VirtioFunctionState.VERSION,
                            life.status.get(),
                            life.features.deviceSelect,
                            life.features.driverSelect,
                            life.features.driver,
                            life.features.unknown,
                            queues.selection(),
                            states);
        }
    }

    /**
     * Takes a saved state over, into a new function whose device has its own state already. On the loop, before a vCPU runs. A device that
     * was active is activated; if it is paused it begins nothing before {@link #resume}.
     *
     * @throws IllegalArgumentException if the state does not fit the device
     */
    public void restore(VirtioFunctionState state) {
        if (state.queues().size() != device.queueCount()) {
            throw new IllegalArgumentException(
                    "virtio state: " + state.queues().size() + " queues for " + device.queueCount());
        }
        for (int i = 0; i < state.queues().size(); i++) {
            QueueState ring = state.queues().get(i).ring();
            if (ring != null && ring.size() > device.queueMaxSize(i)) {
                throw new IllegalArgumentException("virtio state: queue " + i + " of " + device.id() + " has "
                        + ring.size() + " descriptors, and can have " + device.queueMaxSize(i));
            }
        }
        int forLife;
        synchronized (life) {
            clear();
            life.status.set(state.status());
            life.features.deviceSelect = state.deviceFeaturesSelect();
            life.features.driverSelect = state.driverFeaturesSelect();
            life.features.driver = state.driverFeatures();
            life.features.unknown = state.unknownFeatures();
            life.negotiated = life.status.has(VIRTIO_CONFIG_S_FEATURES_OK) ? life.features.driver : 0;
            queues.restore(state.queueSelect(), state.queues());
            life.handedOver = life.status.has(VIRTIO_CONFIG_S_DRIVER_OK);
            forLife = life.number;
        }
        if ((state.status() & VIRTIO_CONFIG_S_DRIVER_OK) != 0) {
            active.restore(
                    forLife,
                    life.negotiated,
                    state.queues().stream().map(QueueRegistersState::ring).toList(),
                    (state.status() & VIRTIO_CONFIG_S_NEEDS_RESET) != 0);
        }
    }
}
