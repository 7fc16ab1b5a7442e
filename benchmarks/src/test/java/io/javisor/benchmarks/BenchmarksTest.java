package io.javisor.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.vcpu.VcpuExit;
import io.javisor.testkit.junit.KvmTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One round of what JMH runs. */
class BenchmarksTest {
    @ParameterizedTest
    @CsvSource({"out1, 1", "in4, 8", "mmio-write4, 64", "mmio-read8, 64"})
    void dispatchReachesItsDevices(String kind, int devices) {
        DispatchBenchmark benchmark = new DispatchBenchmark();
        benchmark.kind = kind;
        benchmark.devices = devices;
        benchmark.fill();
        for (int i = 0; i < 2 * devices; i++) {
            assertEquals(VcpuExit.CONTINUE, benchmark.dispatch());
        }
        assertEquals(0, benchmark.unclaimed());
        benchmark.close();
    }

    @Test
    void bothWaysReadTheSameDescriptors() {
        GuestMemoryBenchmark benchmark = new GuestMemoryBenchmark();
        benchmark.fill();
        long sum = 0;
        for (int i = 0; i < 256; i++) {
            sum += 0x1000L * i + 512 + i + 1;
        }
        assertEquals(sum, benchmark.guestMemory());
        assertEquals(sum, benchmark.rawSegment());
        benchmark.close();
    }

    @Test
    @KvmTest
    void exitAndBinding() {
        ExitBenchmark exit = new ExitBenchmark();
        exit.kind = "ins1";
        exit.start();
        assertEquals(0, exit.exit());
        exit.stop();
        BindingBenchmark binding = new BindingBenchmark();
        binding.open();
        assertEquals(12, binding.ioctl()); // KVM_API_VERSION
        binding.close();
    }
}
