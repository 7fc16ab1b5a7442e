package io.javisor.machine.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.bus.BusDevice;
import io.javisor.core.engine.EngineProvider;
import io.javisor.core.event.EventFd;
import io.javisor.core.event.EventLoop;
import io.javisor.core.host.HostConstants;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.testkit.guest.TinyGuest;
import io.javisor.testkit.junit.MachineTest;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;

/** What machines take from the process: nothing on the exit path, no time from the collector, nothing from each other. */
class ResourcesTest {
    private static final String COUNT_DOWN = """
        1000: 66 b9 a8 61 00 00      ; mov ecx,0x61a8
        1006: e4 90                  ; in al,0x90
        1008: e6 90                  ; out 0x90,al
        100a: 66 49                  ; dec ecx
        100c: 75 f8                  ; jne 0x1006
        100e: f4                     ; hlt
        """;

    private static final int COUNT_DOWN_EXITS = 50_000;

    private static final class CountingDevice implements BusDevice {
        private int reads;
        private int writes;

        @Override
        public long read(long offset, int size) {
            return ++reads;
        }

        @Override
        public void write(long offset, int size, long value) {
            writes++;
        }
    }

    /** The way of an exit through {@code Vcpu}, {@code ExitHandler} and {@code AddressBus}, measured on the vCPU's own thread. */
    @MachineTest
    void exitsAllocateNothing(EngineProvider engine, TestReporter reporter) throws InterruptedException {
        try (TinyGuest guest =
                TinyGuest.realMode(engine).name("allocation").code(COUNT_DOWN).build()) {
            CountingDevice device = new CountingDevice();
            long thread = threadId("allocation/vcpu-0");
            long warmUp = allocatedWhileCounting(guest, device, thread);
            long measured = allocatedWhileCounting(guest, device, thread);
            reporter.publishEntry(
                    "bytes allocated in " + COUNT_DOWN_EXITS + " exits", "first " + warmUp + ", then " + measured);
            // What remains is this fixture's record of the last exit, with
            // its node in a queue: two small objects in 100,000 exits.
            assertTrue(measured < 256, measured + " bytes");
        }
    }

    private static long allocatedWhileCounting(TinyGuest guest, CountingDevice device, long thread)
            throws InterruptedException {
        try (var _ = guest.ports().register("counter", 0x90, 1, device)) {
            var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
            long before = threads.getThreadAllocatedBytes(thread);
            int readsBefore = device.reads;
            int writesBefore = device.writes;
            guest.reset();
            guest.run();
            guest.awaitExit(VcpuExit.HALT);
            assertEquals(COUNT_DOWN_EXITS, device.reads - readsBefore + device.writes - writesBefore);
            return threads.getThreadAllocatedBytes(thread) - before;
        }
    }

    private static long threadId(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(name))
                .findFirst()
                .orElseThrow()
                .threadId();
    }

    private static final String SLEEP_AND_WAIT = """
        1000: b0 ee                  ; mov al,0xee
        1002: e6 80                  ; out 0x80,al
        1004: f4                     ; hlt
        1005: eb fd                  ; jmp 0x1004
        """;

    private static final String SPIN = """
        1000: b0 ee                  ; mov al,0xee
        1002: e6 80                  ; out 0x80,al
        1004: eb fe                  ; jmp 0x1004
        """;

    /** Asleep in HLT, waiting for a start-up message, looping in the guest, waiting in epoll. */
    @MachineTest
    @Timeout(60)
    void theCollectorDoesNotWaitForThreadsInTheKernel(EngineProvider engine, TestReporter reporter) throws Exception {
        try (TinyGuest asleep =
                        TinyGuest.longMode(engine).vcpus(2).code(SLEEP_AND_WAIT).build();
                TinyGuest looping = TinyGuest.userMode(engine).code(SPIN).build();
                EventFd bell = EventFd.create("bell");
                EventLoop loop = EventLoop.start("tiny/io-loop")) {
            CountDownLatch woken = new CountDownLatch(1);
            var _ = loop.register(bell.fd(), HostConstants.EPOLLIN, _ -> {
                long _ = bell.drain();
                woken.countDown();
            });
            asleep.run();
            assertEquals(0xEE, asleep.awaitReport());
            asleep.awaitHalted(0);
            asleep.run();
            looping.run();
            assertEquals(0xEE, looping.awaitReport());
            Thread.sleep(5); // until they are where they block

            WeakReference<Object> garbage = new WeakReference<>(new byte[1 << 20]);
            CountDownLatch collected = new CountDownLatch(1);
            long start = System.nanoTime();
            Thread.ofPlatform().daemon().start(() -> {
                System.gc();
                collected.countDown();
            });
            assertTrue(collected.await(TinyGuest.TIMEOUT_MILLIS, TimeUnit.MILLISECONDS), "System.gc() does not return");
            reporter.publishEntry("collection", (System.nanoTime() - start) / 1_000_000 + " ms");
            assertNull(garbage.get(), "nothing was collected");

            assertEquals(0, asleep.pendingReports());
            assertEquals(1, woken.getCount());
            bell.signal();
            assertTrue(woken.await(TinyGuest.TIMEOUT_MILLIS, TimeUnit.MILLISECONDS));
        }
    }

    @MachineTest
    void machinesRunSideBySide(EngineProvider engine) throws InterruptedException {
        try (TinyGuest first =
                TinyGuest.realMode(engine).name("first").code(COUNT_DOWN).build()) {
            CountingDevice device = new CountingDevice();
            var _ = first.ports().register("counter", 0x90, 1, device);
            first.memory().putInt(0xA000, 1);
            try (TinyGuest second =
                    TinyGuest.longMode(engine).name("second").code(SPIN).build()) {
                second.memory().putInt(0xA000, 2);
                first.run();
                second.run();
                assertEquals(0xEE, second.awaitReport());
            }
            first.pause(); // the other's end does not touch this one
            first.run();
            first.awaitExit(VcpuExit.HALT);
            assertEquals(COUNT_DOWN_EXITS, device.reads + device.writes);
            assertEquals(1, first.memory().getInt(0xA000));
            assertEquals(0, first.pendingReports());
        }
    }
}
