package io.javisor.benchmarks;

import io.javisor.core.bus.AddressBus;
import io.javisor.core.bus.BusDevice;
import io.javisor.core.vcpu.VcpuExit;
import io.javisor.kvm.ExitHandler;
import io.javisor.kvm.abi.KvmConstants;
import io.javisor.kvm.abi.KvmExit;
import io.javisor.kvm.abi.KvmRunLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * From a filled {@code kvm_run} page through the exit handler and the bus into a device and back, without KVM. The accesses go to all
 * devices in turn, which are of four classes as in a machine.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
public class DispatchBenchmark {
    private static final int RUN_SIZE = 3 * 4096;
    private static final int IO_DATA_OFFSET = 4096;
    private static final int STRIDE = 8;
    private static final int FIRST_PORT = 0x1000;
    private static final long FIRST_GPA = 0xD000_0000L;
    private static final int WARM_UP = 200_000;

    /** How many devices there are, a power of two. */
    @Param({"1", "8", "64"})
    public int devices;

    /** What the guest did: {@code out1}, {@code in4}, {@code mmio-write4} or {@code mmio-read8}. */
    @Param({"out1", "in4", "mmio-write4", "mmio-read8"})
    public String kind = "out1";

    private final Arena arena = Arena.ofShared();
    private final MemorySegment run = arena.allocate(RUN_SIZE, 4096);
    private AddressBus ports = AddressBus.ports();
    private AddressBus deviceMemory = AddressBus.deviceMemory();
    private ExitHandler exits = new ExitHandler(run, ports, deviceMemory);
    private int next;
    private boolean port;

    /** Fills the page and the bus. */
    @Setup
    public void fill() {
        boolean out = kind.startsWith("out");
        boolean write = kind.startsWith("mmio-write");
        int size = kind.charAt(kind.length() - 1) - '0';
        port = out || kind.startsWith("in");
        KvmRunLayout.setExitReason(run, port ? KvmExit.KVM_EXIT_IO : KvmExit.KVM_EXIT_MMIO);
        if (port) {
            KvmRunLayout.setIoDirection(run, (byte) (out ? KvmConstants.KVM_EXIT_IO_OUT : KvmConstants.KVM_EXIT_IO_IN));
            KvmRunLayout.setIoSize(run, (byte) size);
            KvmRunLayout.setIoCount(run, 1);
            KvmRunLayout.setIoDataOffset(run, IO_DATA_OFFSET);
        } else {
            KvmRunLayout.setMmioIsWrite(run, (byte) (write ? 1 : 0));
            KvmRunLayout.setMmioLen(run, size);
        }
        exits = handler(4); // so that the compiler has seen more than one class of device, also where there is one
        int wanted = devices;
        devices = 4;
        for (int i = 0; i < WARM_UP; i++) {
            VcpuExit _ = dispatch();
        }
        devices = wanted;
        next = 0;
        exits = handler(wanted);
    }

    private ExitHandler handler(int count) {
        ports = AddressBus.ports();
        deviceMemory = AddressBus.deviceMemory();
        for (int i = 0; i < count; i++) {
            BusDevice device =
                    switch (i & 3) {
                        case 0 -> new Latch();
                        case 1 -> new Counter();
                        case 2 -> new Scratch();
                        default -> new Constant();
                    };
            var _ = ports.register("device " + i, FIRST_PORT + (long) i * STRIDE, STRIDE, device);
            var _ = deviceMemory.register("device " + i, FIRST_GPA + (long) i * STRIDE, STRIDE, device);
        }
        return new ExitHandler(run, ports, deviceMemory);
    }

    /** Accesses that met no device: none, or the benchmark measures something else. */
    long unclaimed() {
        return ports.unclaimedReads()
                + ports.unclaimedWrites()
                + deviceMemory.unclaimedReads()
                + deviceMemory.unclaimedWrites();
    }

    /** One exit. */
    @Benchmark
    public VcpuExit dispatch() {
        int at = (next++ & (devices - 1)) * STRIDE;
        if (port) {
            KvmRunLayout.setIoPort(run, (short) (FIRST_PORT + at));
        } else {
            KvmRunLayout.setMmioPhysAddr(run, FIRST_GPA + at);
        }
        return exits.handle();
    }

    @TearDown
    public void close() {
        arena.close();
    }

    private static final class Latch implements BusDevice {
        private long value;

        @Override
        public long read(long offset, int size) {
            return value;
        }

        @Override
        public void write(long offset, int size, long newValue) {
            value = newValue;
        }
    }

    private static final class Counter implements BusDevice {
        private long count;

        @Override
        public long read(long offset, int size) {
            return count++;
        }

        @Override
        public void write(long offset, int size, long value) {
            count += value;
        }
    }

    private static final class Scratch implements BusDevice {
        private final byte[] bytes = new byte[STRIDE];

        @Override
        public long read(long offset, int size) {
            return bytes[(int) offset];
        }

        @Override
        public void write(long offset, int size, long value) {
            bytes[(int) offset] = (byte) value;
        }
    }

    private static final class Constant implements BusDevice {
        @Override
        public long read(long offset, int size) {
            return 0x5A;
        }

        @Override
        public void write(long offset, int size, long value) {
            // dropped, as by a read-only register
        }
    }
}
