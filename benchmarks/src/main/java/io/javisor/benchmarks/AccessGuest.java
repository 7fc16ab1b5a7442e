package io.javisor.benchmarks;

import com.sun.management.ThreadMXBean;
import io.javisor.core.bus.BusDevice;
import io.javisor.core.bus.LittleEndian;
import io.javisor.kvm.KvmEngineProvider;
import io.javisor.testkit.guest.TinyGuest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** A tiny guest that accesses one device for ever, and the device: it lets a batch of accesses through and then waits. */
final class AccessGuest implements AutoCloseable {
    static final int PORT = 0x200;
    static final long GPA = 0xD000_0000L;

    /** The guests, by the names of their listings. */
    static final List<String> KINDS = List.of(
            "out1",
            "out2",
            "out4",
            "in1",
            "in2",
            "in4",
            "mmio-write1",
            "mmio-write2",
            "mmio-write4",
            "mmio-write8",
            "mmio-read1",
            "mmio-read2",
            "mmio-read4",
            "mmio-read8",
            "outs1",
            "ins1");

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long ANSWER = 0x5A5A_5A5A_5A5A_5A5AL;

    private final TinyGuest guest;
    private final Turnstile turnstile;

    AccessGuest(String kind) {
        this(kind, null);
    }

    /**
     * Makes the guest; it runs as far as its first access.
     *
     * @param nanos where the times of the accesses go, in order,; or null
     */
    AccessGuest(String kind, long @Nullable [] nanos) {
        guest = TinyGuest.userMode(new KvmEngineProvider())
                .name("bench")
                .code(listing(kind))
                .build();
        turnstile = new Turnstile(nanos);
        var _ = guest.ports().register("bench", PORT, 8, turnstile);
        var _ = guest.deviceMemory().register("bench", GPA, 0x1000, turnstile);
        guest.run();
    }

    /** A guest's machine code. */
    static String listing(String name) {
        try (InputStream stream = AccessGuest.class.getResourceAsStream("guests/" + name + ".lst")) {
            if (stream == null) {
                throw new IllegalArgumentException("no guest " + name);
            }
            return new String(stream.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lets the guest make {@code count} accesses and waits for the last one. */
    void run(int count) {
        turnstile.pass(count);
    }

    /** Bytes that the vCPU's thread allocates while it serves {@code count} accesses. */
    long allocatedBy(int count) {
        turnstile.weigh = true;
        turnstile.pass(count);
        turnstile.weigh = false;
        return turnstile.allocated;
    }

    /** What the guest wrote last. */
    long lastValue() {
        return turnstile.last;
    }

    TinyGuest tiny() {
        return guest;
    }

    @Override
    public void close() {
        turnstile.open();
        guest.close();
    }

    /** Called on the vCPU's thread alone, but for pass() and open(). */
    private static final class Turnstile implements BusDevice {
        private final Semaphore go = new Semaphore(0);
        private final Semaphore done = new Semaphore(0);
        private final long @Nullable [] nanos;
        private int granted;
        private int left;
        private int passed;
        private boolean waited;
        private boolean weigh;
        private long allocated;
        private volatile boolean open;
        private long last;

        Turnstile(long @Nullable [] nanos) {
            this.nanos = nanos;
        }

        void pass(int count) {
            granted = count; // published by the semaphore
            go.release();
            done.acquireUninterruptibly();
        }

        void open() {
            open = true;
            granted = Integer.MAX_VALUE;
            go.release();
        }

        private void count() {
            if (left == 0) {
                await();
            }
            left--;
            if (weigh && left == 0) {
                allocated = THREADS.getCurrentThreadAllocatedBytes() - allocated;
            }
            if (nanos != null && passed < nanos.length) {
                nanos[passed++] = System.nanoTime();
            }
        }

        private void await() {
            if (open) {
                return;
            }
            if (waited) {
                done.release();
            }
            waited = true;
            go.acquireUninterruptibly();
            left = granted;
            if (weigh) {
                allocated = THREADS.getCurrentThreadAllocatedBytes();
            }
        }

        @Override
        public long read(long offset, int size) {
            count();
            return ANSWER;
        }

        @Override
        public void write(long offset, int size, long value) {
            count();
            last = value;
        }

        @Override
        public void readString(long offset, int size, MemorySegment data, long dataOffset, int times) {
            count();
            for (int i = 0; i < times; i++) {
                LittleEndian.put(data, dataOffset + (long) i * size, size, ANSWER);
            }
        }
    }
}
