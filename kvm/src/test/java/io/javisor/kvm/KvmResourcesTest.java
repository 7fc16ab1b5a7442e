package io.javisor.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.irq.ConnectedLine;
import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.MemoryBackingConfig;
import io.javisor.testkit.guest.TinyGuest;
import io.javisor.testkit.junit.KvmTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;

/** What machines by KVM keep of the process when they end: nothing. */
@KvmTest
class KvmResourcesTest {
    private static final EngineProvider KVM = new KvmEngineProvider();

    private static final String REPORT = """
        1000: b0 5a                  ; mov al,0x5a
        1002: e6 80                  ; out 0x80,al
        1004: f4                     ; hlt
        1005: eb fd                  ; jmp 0x1004
        """;

    private static final String LEAK_NAME = "leak-test";
    private static final long LEAK_MEMORY_SIZE = 4L << 20;

    @Test
    @Timeout(300)
    void aThousandMachinesLeaveNothingBehind(TestReporter reporter) throws Exception {
        runAndClose(20);
        Traces before = Traces.now();
        long start = System.nanoTime();
        try (ExecutorService four =
                Executors.newFixedThreadPool(4)) { // KVM waits for the kernel's grace periods, not for a CPU
            List<Future<?>> parts = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                parts.add(four.submit(() -> {
                    runAndClose(250);
                    return true;
                }));
            }
            for (Future<?> part : parts) {
                Object _ = part.get();
            }
        }
        reporter.publishEntry("1000 machines", (System.nanoTime() - start) / 1_000_000 + " ms");
        Traces after = Traces.now();
        assertEquals(before.fds, after.fds);
        assertEquals(0, after.threads);
        assertEquals(0, after.kvmMappings);
        assertEquals(0, after.memoryMappings);
        // the memory of the 500 machines without a memory file, had it stayed mapped, would be 2 GB; the JVM grows a
        // little
        assertTrue(
                after.virtualSize - before.virtualSize < 512L << 20,
                "address space grew by " + (after.virtualSize - before.virtualSize));
    }

    private static void runAndClose(int count) throws InterruptedException {
        MemoryBackingConfig memfd = MemoryBackingConfig.parse("memfd");
        for (int i = 0; i < count; i++) {
            // halted, waiting for a start-up message and, every third time, never run at all
            try (TinyGuest guest = TinyGuest.realMode(KVM)
                            .name(LEAK_NAME)
                            .vcpus(1 + i % 2)
                            .memory(new GpaRange(0, LEAK_MEMORY_SIZE))
                            .backing(i % 4 < 2 ? memfd : MemoryBackingConfig.DEFAULT)
                            .code(REPORT)
                            .build();
                    ConnectedLine _ = guest.edge(4)) {
                if (i % 3 != 0) {
                    guest.run();
                    assertEquals(0x5A, guest.awaitReport());
                }
            }
        }
    }

    /** What a process shows of the machines in it. */
    private record Traces(long fds, long threads, long kvmMappings, long memoryMappings, long virtualSize) {
        static Traces now() throws IOException {
            List<String> maps = Files.readAllLines(Path.of("/proc/self/maps"));
            String size = Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith("VmSize:"))
                    .findFirst()
                    .orElseThrow();
            return new Traces(
                    countFds(),
                    Thread.getAllStackTraces().keySet().stream()
                            .filter(thread -> thread.getName().startsWith(LEAK_NAME))
                            .count(),
                    maps.stream().filter(line -> line.contains("kvm-vcpu")).count(),
                    maps.stream().filter(line -> line.contains("memfd:")).count(),
                    Long.parseLong(size.replaceAll("[^0-9]", "")) * 1024);
        }

        /** Those of KVM, eventfds and memory files. Not all: the virtual machine opens jars and libraries when it likes. */
        private static long countFds() throws IOException {
            long count = 0;
            try (var fds = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
                for (Path fd : fds) {
                    try {
                        String target = Files.readSymbolicLink(fd).toString();
                        boolean ours = target.startsWith("anon_inode:")
                                || target.startsWith("/memfd:")
                                || target.equals(Kvm.DEVICE);
                        count += ours ? 1 : 0;
                    } catch (NoSuchFileException e) {
                        // closed meanwhile: the directory's own
                    }
                }
            }
            return count;
        }
    }

    /** The counts above mean something: they see a machine that is open. */
    @Test
    void anOpenMachineIsSeen() throws Exception {
        runAndClose(1);
        Traces before = Traces.now();
        try (TinyGuest guest = TinyGuest.realMode(KVM)
                .name(LEAK_NAME)
                .backing(MemoryBackingConfig.parse("memfd"))
                .code(REPORT)
                .build()) {
            assertNotNull(guest.vcpu(0));
            Traces open = Traces.now();
            assertEquals(before.fds + 5, open.fds); // /dev/kvm, VM, vCPU and its statistics (Linux 5.14), memory
            assertEquals(before.threads + 1, open.threads);
            assertEquals(before.kvmMappings + 1, open.kvmMappings);
            assertEquals(before.memoryMappings + 1, open.memoryMappings);
        }
    }
}
