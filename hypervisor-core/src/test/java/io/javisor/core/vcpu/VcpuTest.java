package io.javisor.core.vcpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.core.host.WakeupSignal;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The thread protocol over a stand-in that blocks in a real system call, as KVM's does. */
@Timeout(30)
class VcpuTest {
    /** "Runs the guest" by waiting for a pipe that nobody writes to, until a signal comes. */
    private static final class BlockingBackend implements VcpuBackend, AutoCloseable {
        private final Arena arena = Arena.ofShared();
        private final MemorySegment buffer = arena.allocate(8, 8);
        private final MemorySegment pollFd = arena.allocate(8, 4);
        private final int readFd;
        private final int writeFd;
        private volatile boolean immediate;
        final AtomicLong runs = new AtomicLong();
        volatile VcpuExit exit = VcpuExit.CONTINUE;
        volatile @Nullable RuntimeException bug;
        private volatile int tid;

        BlockingBackend() {
            MemorySegment fds = arena.allocate(8, 4);
            Libc.check("pipe2", Libc.pipe2(fds.address(), HostConstants.O_CLOEXEC));
            readFd = fds.get(ValueLayout.JAVA_INT, 0);
            writeFd = fds.get(ValueLayout.JAVA_INT, 4);
            pollFd.set(ValueLayout.JAVA_INT, 0, readFd);
            pollFd.set(ValueLayout.JAVA_SHORT, 4, (short) HostConstants.POLLIN);
        }

        @Override
        public void enterThread() {
            WakeupSignal.acceptInThisThread();
            tid = Libc.gettid();
        }

        @Override
        public VcpuExit run() {
            runs.incrementAndGet();
            // A signal between the look and the call is lost here, while KVM looks within the call. So the
            // wait ends, but late: rounds that went by without signals would take longer than a test may.
            int ready;
            do {
                ready = immediate ? -1 : Libc.poll(pollFd.address(), 1, 1000);
            } while (ready == 0);
            if (ready < 0) {
                return VcpuExit.KICKED;
            }
            Libc.check("read", Libc.read(readFd, buffer.address(), 1));
            RuntimeException failure = bug;
            if (failure != null) {
                throw failure;
            }
            return exit;
        }

        /** Lets a blocked run return: an exit. */
        void makeExit() {
            Libc.check("write", Libc.write(writeFd, buffer.address(), 1));
        }

        @Override
        public void kick() {
            immediate = true;
            WakeupSignal.send(tid);
        }

        @Override
        public void clearKick() {
            immediate = false;
        }

        @Override
        public void close() {
            assertEquals(0, Libc.close(readFd));
            assertEquals(0, Libc.close(writeFd));
            arena.close();
        }
    }

    static {
        WakeupSignal.ensureInstalled();
    }

    private final BlockingBackend backend = new BlockingBackend();
    private final BlockingQueue<Object> events = new ArrayBlockingQueue<>(100);
    private final Vcpu vcpu = new Vcpu("test", 3, backend, new VcpuListener() {
        @Override
        public void onExit(Vcpu source, VcpuExit exit) {
            events.add(exit);
        }

        @Override
        public void onBug(Vcpu source, Throwable failure) {
            events.add(failure);
        }
    });

    @AfterEach
    void end() {
        vcpu.close();
        backend.close();
    }

    @Test
    void startsParkedAndRunsWhenResumed() throws InterruptedException {
        vcpu.start();
        assertTrue(vcpu.awaitParked(5000));
        assertEquals(0, backend.runs.get());
        vcpu.resume();
        awaitRuns(1);
    }

    @Test
    void aBlockedRunIsPausedAndResumedManyTimes() throws InterruptedException {
        vcpu.start();
        for (int i = 0; i < 300; i++) {
            long before = backend.runs.get();
            vcpu.resume();
            if (i % 2 == 0) { // the other half races the pause against the way into the system call
                awaitRuns(before + 1);
            }
            vcpu.requestPause();
            assertTrue(vcpu.awaitParked(5000), "round " + i);
            long parkedAt = backend.runs.get();
            Thread.onSpinWait();
            assertEquals(parkedAt, backend.runs.get());
        }
    }

    @Test
    void servesAnyNumberOfExitsAndStillParks() throws InterruptedException {
        vcpu.start();
        vcpu.resume();
        long runs = 1;
        for (int exits : new int[] {1, 15, 16, 17, 100}) {
            for (int i = 0; i < exits; i++) {
                backend.makeExit();
            }
            runs += exits;
            awaitRuns(runs);
            vcpu.requestPause();
            assertTrue(vcpu.awaitParked(5000));
            assertEquals(runs, backend.runs.get());
            vcpu.resume();
            runs++;
        }
        assertTrue(events.isEmpty());
    }

    @Test
    void stopEndsABlockedRun() throws InterruptedException {
        vcpu.start();
        vcpu.resume();
        awaitRuns(1);
        vcpu.close();
        assertTrue(vcpu.awaitParked(0));
    }

    @Test
    void stopEndsAParkedVcpuAndOneThatNeverStarted() throws InterruptedException {
        vcpu.close();
        vcpu.start();
        assertTrue(vcpu.awaitParked(5000));
        vcpu.close();
        vcpu.resume();
        assertEquals(0, backend.runs.get());
    }

    @Test
    void anExitThatCannotBeServedParksAndIsReported() throws InterruptedException {
        backend.exit = VcpuExit.TRIPLE_FAULT;
        vcpu.start();
        vcpu.resume();
        backend.makeExit();
        assertEquals(VcpuExit.TRIPLE_FAULT, next());
        assertTrue(vcpu.awaitParked(5000));
        backend.exit = VcpuExit.HALT;
        vcpu.resume();
        backend.makeExit();
        assertEquals(VcpuExit.HALT, next());
    }

    @Test
    void aThrowingDeviceIsReportedAndTheVcpuParks() throws InterruptedException {
        IllegalStateException bug = new IllegalStateException("bug");
        backend.bug = bug;
        vcpu.start();
        vcpu.resume();
        backend.makeExit();
        assertEquals(bug, next());
        assertTrue(vcpu.awaitParked(5000));
    }

    @Test
    void aRunningVcpuIsNotParked() throws InterruptedException {
        vcpu.start();
        assertTrue(vcpu.awaitParked(5000));
        vcpu.resume();
        awaitRuns(1);
        assertFalse(vcpu.awaitParked(1));
    }

    @Test
    void stopBeatsPauseAndResume() throws InterruptedException {
        vcpu.start();
        vcpu.requestStop();
        vcpu.requestPause();
        vcpu.resume();
        vcpu.close();
        assertEquals(0, backend.runs.get());
        assertTrue(vcpu.awaitParked(0));
    }

    private Object next() throws InterruptedException {
        Object event = events.poll(5, TimeUnit.SECONDS);
        return event == null ? "nothing within 5 s" : event;
    }

    private void awaitRuns(long count) throws InterruptedException {
        for (int i = 0; i < 5000 && backend.runs.get() < count; i++) {
            Thread.sleep(1);
        }
        assertTrue(backend.runs.get() >= count);
    }
}
