package io.javisor.devices.virtio;

import io.javisor.devices.virtio.queue.ChainBytes;
import io.javisor.devices.virtio.queue.DescriptorChain;
import io.javisor.devices.virtio.queue.Virtqueue;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** A device that answers each request with the request, at once or when it is told to, and writes down what it is called for. */
public final class EchoDevice implements VirtioDevice<EchoDevice.State> {
    public static final int DEVICE_ID = 42;
    public static final int FEATURE = 3;
    /** Needs {@link #FEATURE}. */
    public static final int DEPENDENT_FEATURE = 4;

    private static final int BUFFER_SIZE = 4096;

    private record Held(int index, int token, long bytes) {}

    /** What is in flight. */
    public record State(List<Object> held) {}

    private final int queueCount;
    private final int maxSize;
    private final DescriptorChain chain;
    private final MemorySegment buffer = Arena.ofAuto().allocate(BUFFER_SIZE);
    private final Queue<Held> held = new ArrayDeque<>();
    public final List<String> calls = new ArrayList<>();
    public final byte[] config = new byte[16];
    public boolean holding;
    public boolean holdingResets;
    public int generation;
    public @Nullable VirtioLink link;
    private final Queue<Runnable> resetsHeld = new ArrayDeque<>();
    private final @Nullable Virtqueue[] queues; // that requests were taken from
    private @Nullable Runnable quiet;

    public EchoDevice(int queueCount, int maxSize) {
        this.queueCount = queueCount;
        this.maxSize = maxSize;
        queues = new @Nullable Virtqueue[queueCount];
        chain = new DescriptorChain(maxSize);
    }

    @Override
    public int deviceId() {
        return DEVICE_ID;
    }

    @Override
    public String id() {
        return "echo0";
    }

    @Override
    public String kind() {
        return "echo";
    }

    @Override
    public long features() {
        return VirtioFeature.mask(FEATURE) | VirtioFeature.mask(DEPENDENT_FEATURE);
    }

    @Override
    public boolean accepts(long features) {
        return !VirtioFeature.has(features, DEPENDENT_FEATURE) || VirtioFeature.has(features, FEATURE);
    }

    @Override
    public int queueCount() {
        return queueCount;
    }

    @Override
    public int queueMaxSize(int index) {
        return maxSize;
    }

    @Override
    public int configSizeBytes() {
        return config.length;
    }

    @Override
    public long readConfig(int offset, int size, long features) {
        long value = 0;
        for (int i = size - 1; i >= 0; i--) {
            value = (value << 8) | (config[offset + i] & 0xFF);
        }
        return value;
    }

    @Override
    public void writeConfig(int offset, int size, long value, long features) {
        for (int i = 0; i < size; i++) {
            config[offset + i] = (byte) (value >>> (8 * i));
        }
    }

    @Override
    public int configGeneration() {
        return generation;
    }

    @Override
    public void activate(VirtioLink newLink) {
        calls.add("activate");
        link = newLink;
        for (int i = 0; i < queueCount; i++) {
            work(i);
        }
    }

    @Override
    public void queueNotified(int index) {
        calls.add("notified " + index);
        work(index);
    }

    @Override
    public void resetQueue(int index, Runnable done) {
        calls.add("reset queue " + index);
        held.removeIf(request -> request.index == index);
        end(done);
    }

    @Override
    public void queueEnabled(int index, Virtqueue queue) {
        calls.add("enabled " + index);
        work(index);
    }

    @Override
    public void reset(Runnable done) {
        calls.add("reset");
        link = null;
        held.clear();
        end(done);
    }

    @Override
    public void close() {
        calls.add("close");
    }

    private void end(Runnable done) {
        if (holdingResets) {
            resetsHeld.add(done);
        } else {
            done.run();
        }
    }

    /** Ends all resets that are held. */
    public void endResets() {
        while (!resetsHeld.isEmpty()) {
            endReset();
        }
    }

    /** Ends a reset that is held. */
    public void endReset() {
        resetsHeld.remove().run();
    }

    /** Requests that are in flight. */
    public int inFlight() {
        return held.size();
    }

    /** Completes what is held, oldest first, at most {@code count}. */
    public void release(int count) {
        VirtioLink active = link;
        for (int i = 0; i < count && active != null && !held.isEmpty(); i++) {
            Held request = held.remove();
            complete(active, request.index, request.token, request.bytes);
        }
        tellIfQuiet();
    }

    @Override
    public void pause(Runnable done) {
        calls.add("pause");
        quiet = done;
        tellIfQuiet();
    }

    @Override
    public void resume() {
        calls.add("resume");
        quiet = null;
    }

    private void tellIfQuiet() {
        Runnable done = quiet;
        if (done != null && held.isEmpty()) {
            quiet = null;
            done.run();
        }
    }

    @Override
    public State save() {
        return new State(List.copyOf(held));
    }

    /** Remembers what was in flight. */
    @Override
    public void restore(State state) {
        state.held().forEach(request -> held.add((Held) request));
    }

    @Override
    public Map<String, Long> counters() {
        return Map.of("calls", (long) calls.size());
    }

    private void work(int index) {
        VirtioLink active = link;
        Virtqueue queue = active == null ? null : active.queue(index);
        if (active == null || queue == null) {
            return;
        }
        queues[index] = queue;
        do {
            queue.disableDoorbell();
            while (queue.take(chain)) {
                long bytes = ChainBytes.read(active.memory(), chain, 0, buffer, 0, BUFFER_SIZE);
                long written = ChainBytes.write(active.memory(), chain, 0, buffer, 0, bytes);
                if (holding) {
                    held.add(new Held(index, chain.token(), written));
                } else {
                    complete(active, index, chain.token(), written);
                }
            }
        } while (queue.enableDoorbell());
    }

    private void complete(VirtioLink active, int index, int token, long bytes) {
        Virtqueue queue = queues[index];
        if (queue != null) {
            queue.complete(token, bytes);
            if (queue.needsNotification()) {
                active.notifyUsed(index);
            }
        }
    }
}
