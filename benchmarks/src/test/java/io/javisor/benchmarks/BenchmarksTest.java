package io.javisor.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Libc;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.testkit.host.Pipe;
import io.javisor.testkit.junit.KvmTest;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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

    /** How many bytes wait in a pipe, by each binding. */
    @Test
    void allBindingsSayTheSame() {
        long fionread = 0x541B; // asm-generic/ioctls.h
        try (Pipe pipe = Pipe.open();
                Arena arena = Arena.ofConfined()) {
            MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);
            assertEquals(3, Libc.write(pipe.writer().value(), arena.allocate(3).address(), 3));
            int fd = pipe.reader().value();
            assertEquals(0, Bindings.jffi(fd, fionread, count.address()));
            assertEquals(3, count.get(ValueLayout.JAVA_INT, 0));
            count.set(ValueLayout.JAVA_INT, 0, 0);
            assertEquals(0, Bindings.jnrFfi(fd, fionread, count.address()));
            assertEquals(3, count.get(ValueLayout.JAVA_INT, 0));
            count.set(ValueLayout.JAVA_INT, 0, 0);
            assertEquals(0, Bindings.ffm(Bindings.newCallState(), fd, fionread, count.address()));
            assertEquals(3, count.get(ValueLayout.JAVA_INT, 0));
            assertEquals(-Errno.ENOTTY, Bindings.jffi(fd, 0, 0));
            assertEquals(-1, Bindings.jnrFfi(fd, 0, 0));
            assertEquals(-1, Bindings.ffm(Bindings.newCallState(), fd, 0, 0));
        }
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
        assertEquals(12, binding.jnrFfi());
        assertEquals(12, binding.ffm());
        binding.close();
    }
}
