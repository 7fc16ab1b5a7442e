package io.javisor.benchmarks;

import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.kvm.Kvm;
import io.javisor.kvm.abi.KvmIoctl;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.runner.IterationType;

/** An ioctl that does next to nothing: what each binding adds to a system call, in pairs with C. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
public class BindingBenchmark {
    private static final int BATCH = 200_000;

    private final MemorySegment callState = Bindings.newCallState();
    private @Nullable Fd kvm;
    private @Nullable Baseline baseline;
    private @Nullable Samples samples;

    /** Opens KVM. */
    @Setup
    public void open() {
        kvm = Fd.own(Kvm.DEVICE, Libc.open(Kvm.DEVICE, HostConstants.O_RDWR, 0));
        String file = System.getProperty(ExitBenchmark.SAMPLES);
        if (file != null) {
            samples = new Samples(Path.of(file));
            baseline = Baseline.start();
        }
    }

    /** As the vCPU's loop calls KVM_RUN. */
    @Benchmark
    public int ioctl() {
        Fd device = kvm;
        return device == null ? 0 : Bindings.jffi(device.value(), KvmIoctl.KVM_GET_API_VERSION, 0);
    }

    /** By jnr-ffi, as the calls went before decision 0009. */
    @Benchmark
    public int jnrFfi() {
        Fd device = kvm;
        return device == null ? 0 : Bindings.jnrFfi(device.value(), KvmIoctl.KVM_GET_API_VERSION, 0);
    }

    /** By the JDK's own way. */
    @Benchmark
    public int ffm() {
        Fd device = kvm;
        return device == null ? 0 : Bindings.ffm(callState, device.value(), KvmIoctl.KVM_GET_API_VERSION, 0);
    }

    /** The row of a benchmark of this class, by its full name. */
    static String row(String benchmark) {
        return "binding/" + benchmark.substring(benchmark.lastIndexOf('.') + 1);
    }

    /** The same in C. */
    @TearDown(Level.Iteration)
    public void measureC(BenchmarkParams benchmark, IterationParams iteration) {
        if (baseline != null && samples != null) {
            double nanos = baseline.ask("ioctl " + BATCH)[0];
            if (iteration.getType() == IterationType.MEASUREMENT) {
                samples.add(row(benchmark.getBenchmark()), "c", nanos);
            }
        }
    }

    /** Closes KVM. */
    @TearDown
    public void close() {
        if (kvm != null) {
            kvm.close();
        }
        if (baseline != null) {
            baseline.close();
        }
    }
}
