package io.javisor.devices.virtio;

import static io.javisor.devices.virtio.VirtioStatus.VIRTIO_CONFIG_S_DRIVER_OK;
import static io.javisor.devices.virtio.VirtioStatus.VIRTIO_CONFIG_S_FEATURES_OK;

import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.virtio.queue.QueueConfig;
import io.javisor.devices.virtio.queue.QueueState;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The queue registers of a {@link VirtioFunction}: one queue is selected, and the others concern it. A queue can be made ready between FEATURES_OK
 * and DRIVER_OK, and after a reset of its own at any time; what it says is checked then (virtio 1.2 §2.7, §3.1.1).
 */
public final class VirtioQueues {
    private final VirtioFunction function;
    private final DeviceLife life;
    private final GuestMemory memory;
    private final ActiveDevice active;
    private final VirtioCounters counters;
    private final QueueRegisters[] queues;
    private int selection;

    VirtioQueues(
            VirtioFunction function,
            DeviceLife life,
            VirtioDevice<?> device,
            GuestMemory memory,
            ActiveDevice active,
            VirtioCounters counters) {
        this.function = function;
        this.life = life;
        this.memory = memory;
        this.active = active;
        this.counters = counters;
        queues = new QueueRegisters[device.queueCount()];
        for (int i = 0; i < queues.length; i++) {
            queues[i] = new QueueRegisters(device.queueMaxSize(i));
        }
    }

    public void select(int index) {
        synchronized (life) {
            selection = index;
        }
    }

    public int selection() {
        synchronized (life) {
            return selection;
        }
    }

    /** The largest size of the selected queue; 0 if there is none. */
    public int maxSize() {
        synchronized (life) {
            QueueRegisters queue = selected();
            return queue == null ? 0 : queue.maxSize;
        }
    }

    public int size() {
        synchronized (life) {
            QueueRegisters queue = selected();
            return queue == null ? 0 : queue.size;
        }
    }

    /** Sets the selected queue's size; it is looked at when the queue is made ready. */
    public void setSize(int size) {
        VirtioFault fault;
        synchronized (life) {
            QueueRegisters queue = selected();
            fault = writeFault(queue);
            if (fault == null && queue != null) {
                queue.size = size;
            }
        }
        if (fault != null) {
            function.fault(fault, size);
        }
    }

    /** Half of an address of the selected queue, which is looked at when the queue is made ready. */
    public void setGpa(QueueArea area, boolean upperHalf, int half) {
        VirtioFault fault;
        synchronized (life) {
            QueueRegisters queue = selected();
            fault = writeFault(queue);
            if (fault == null && queue != null) {
                long now = queue.gpa(area);
                queue.setGpa(
                        area,
                        upperHalf
                                ? (now & 0xFFFF_FFFFL) | ((long) half << Integer.SIZE)
                                : (now & 0xFFFF_FFFF_0000_0000L) | Integer.toUnsignedLong(half));
            }
        }
        if (fault != null) {
            function.fault(fault, half);
        }
    }

    public long gpa(QueueArea area) {
        synchronized (life) {
            QueueRegisters queue = selected();
            return queue == null ? 0 : queue.gpa(area);
        }
    }

    /** Whether the selected queue is ready, or still in use while its reset is under way. */
    public boolean isReady() {
        synchronized (life) {
            QueueRegisters queue = selected();
            return queue != null && queue.ready;
        }
    }

    /** Whether a reset of the selected queue is under way. */
    public boolean isResetting() {
        synchronized (life) {
            QueueRegisters queue = selected();
            return queue != null && queue.resetting;
        }
    }

    /** Makes the selected queue ready, if it can be. */
    public void enable() {
        VirtioFault fault;
        int index;
        synchronized (life) {
            index = selection;
            QueueRegisters queue = selected();
            fault = enableFault(queue);
            if (fault == null && queue != null) {
                queue.ready = true;
                queue.generation++;
                if (life.handedOver) {
                    active.enableQueue(life.number, index, queue.generation, queue.config());
                }
            }
        }
        if (fault != null) {
            function.fault(fault, index);
        }
    }

    private @Nullable VirtioFault enableFault(@Nullable QueueRegisters queue) {
        VirtioFault fault = writeFault(queue);
        if (fault != null || queue == null) {
            return fault;
        }
        if (!life.status.has(VIRTIO_CONFIG_S_FEATURES_OK)) {
            return VirtioFault.EARLY_QUEUE;
        }
        if (life.status.has(VIRTIO_CONFIG_S_DRIVER_OK) && !queue.stopped) {
            return VirtioFault.LATE_QUEUE;
        }
        return queue.check(memory, VirtioFeature.has(life.negotiated, VirtioFeature.VIRTIO_F_EVENT_IDX));
    }

    /** Stops the selected queue, as MMIO's QueueReady does when 0 is written (virtio 1.2 §4.2.2). Nothing if it is not ready. */
    public void disable() {
        stop(false);
    }

    /** Resets the selected queue (virtio 1.2 §2.6.1). */
    public void reset() {
        stop(true);
    }

    private void stop(boolean byReset) {
        VirtioFault fault = null;
        int index;
        synchronized (life) {
            index = selection;
            QueueRegisters queue = selected();
            if (life.resetting) {
                fault = VirtioFault.BUSY;
            } else if (queue == null) {
                fault = VirtioFault.NO_SUCH_QUEUE;
            } else if (byReset
                    && (!queue.ready || !VirtioFeature.has(life.negotiated, VirtioFeature.VIRTIO_F_RING_RESET))) {
                fault = VirtioFault.BAD_QUEUE_RESET;
            } else if (queue.ready && !queue.resetting) {
                if (life.handedOver) {
                    queue.resetting = true;
                    queue.generation++;
                    counters.queueReset();
                    active.resetQueue(life.number, index, queue.generation);
                } else {
                    queue.clear();
                }
            }
        }
        if (fault != null) {
            function.fault(fault, index);
        }
    }

    /** On the loop: nothing of that queue is in flight any more. */
    void resetDone(int forLife, int index, int generation) {
        synchronized (life) {
            QueueRegisters queue = queues[index];
            if (forLife == life.number && !life.resetting && generation == queue.generation) {
                queue.clear();
                queue.stopped = true;
                life.notifyAll();
            }
        }
    }

    boolean isCurrent(int forLife, int index, int generation) {
        synchronized (life) {
            return forLife == life.number && generation == queues[index].generation;
        }
    }

    private @Nullable VirtioFault writeFault(@Nullable QueueRegisters queue) {
        if (life.resetting) {
            return VirtioFault.BUSY;
        }
        if (queue == null) {
            return VirtioFault.NO_SUCH_QUEUE;
        }
        return queue.ready ? VirtioFault.LATE_QUEUE : null;
    }

    private @Nullable QueueRegisters selected() {
        return selection >= 0 && selection < queues.length ? queues[selection] : null;
    }

    /** The driver rings on a vCPU's thread: it is passed on to the loop, several at once as one. Allocates nothing. */
    public void ring(int index) {
        VirtioFault fault = null;
        synchronized (life) {
            if (life.resetting) {
                fault = VirtioFault.BUSY;
            } else if (index < 0 || index >= queues.length || !queues[index].ready) {
                fault = VirtioFault.BAD_DOORBELL;
            } else if (!life.handedOver) {
                fault = VirtioFault.EARLY_DOORBELL;
            }
        }
        if (fault != null) {
            function.fault(fault, index);
        } else {
            counters.slowDoorbell();
            active.ring(index);
        }
    }

    // ---- under the lock, for the function ----

    /** By index; null where a queue is not ready. */
    List<@Nullable QueueConfig> readyConfigs() {
        List<@Nullable QueueConfig> configs = new ArrayList<>(queues.length);
        for (QueueRegisters queue : queues) {
            configs.add(queue.ready ? queue.config() : null);
        }
        return configs;
    }

    boolean isAnyResetting() {
        for (QueueRegisters queue : queues) {
            if (queue.resetting) {
                return true;
            }
        }
        return false;
    }

    void clear() {
        selection = 0;
        for (QueueRegisters queue : queues) {
            queue.clear();
        }
    }

    List<QueueRegistersState> save(IntFunction<@Nullable QueueState> rings) {
        List<QueueRegistersState> states = new ArrayList<>(queues.length);
        for (int i = 0; i < queues.length; i++) {
            states.add(queues[i].save(life.resetting, rings.apply(i)));
        }
        return states;
    }

    void restore(int savedSelection, List<QueueRegistersState> states) {
        selection = savedSelection;
        for (int i = 0; i < queues.length; i++) {
            queues[i].restore(states.get(i));
        }
    }
}
