package io.javisor.emulator.cpu;

import io.javisor.core.engine.EngineVm;
import io.javisor.core.event.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** Writes that become calls on an event loop, for all processors of a machine. Any thread; to ring allocates nothing but the loop's task. */
public final class Doorbells {
    private static final Bell[] NONE = {};

    private volatile Bell[] bells = NONE;

    /** No doorbells yet. */
    public Doorbells() {}

    /**
     * As {@link EngineVm#bindDoorbell}.
     *
     * @return takes it back
     */
    public synchronized EngineVm.Binding bind(long gpa, int sizeBytes, long value, EventLoop loop, Runnable rung) {
        long mask = sizeBytes == Long.BYTES ? -1 : (1L << (Byte.SIZE * sizeBytes)) - 1;
        Bell bell = new Bell(this, gpa, sizeBytes, value & mask, loop, rung);
        List<Bell> more = new ArrayList<>(List.of(bells));
        more.add(bell);
        bells = more.toArray(NONE);
        return bell;
    }

    /** Rings if a bell is there; whether it is. */
    boolean ring(long gpa, int size, long value) {
        for (Bell bell : bells) {
            if (bell.gpa == gpa && bell.sizeBytes == size && bell.value == value) {
                bell.ring();
                return true;
            }
        }
        return false;
    }

    private synchronized void remove(Bell bell) {
        List<Bell> fewer = new ArrayList<>(List.of(bells));
        fewer.remove(bell);
        bells = fewer.toArray(NONE);
    }

    private static final class Bell implements EngineVm.Binding, Runnable {
        private final Doorbells owner;
        private final long gpa;
        private final int sizeBytes;
        private final long value;
        private final EventLoop loop;
        private final Runnable rung;
        private final AtomicBoolean pending = new AtomicBoolean();
        private volatile boolean closed;

        Bell(Doorbells owner, long gpa, int sizeBytes, long value, EventLoop loop, Runnable rung) {
            this.owner = owner;
            this.gpa = gpa;
            this.sizeBytes = sizeBytes;
            this.value = value;
            this.loop = loop;
            this.rung = rung;
        }

        void ring() {
            if (!pending.getAndSet(true)) {
                // One task a bell at the most. A loop that is closed has nobody who would hear it.
                boolean _ = loop.executeCompletion(this);
            }
        }

        @Override
        public void run() {
            pending.set(false);
            if (!closed) {
                rung.run();
            }
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                owner.remove(this);
            }
        }
    }
}
