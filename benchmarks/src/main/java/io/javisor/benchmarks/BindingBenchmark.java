package io.javisor.benchmarks;

import io.javisor.core.host.Fd;
import io.javisor.core.host.HostConstants;
import io.javisor.core.host.Libc;
import io.javisor.kvm.Kvm;
import io.javisor.kvm.abi.KvmIoctl;
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
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.runner.IterationType;

/** An ioctl that does next to nothing: what the binding adds to a system call, in pairs with C. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
public class BindingBenchmark {
    private static final int BATCH = 200_000;

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
        return device == null ? 0 : Libc.ioctl(device.value(), KvmIoctl.KVM_GET_API_VERSION, 0);
    }

    /** The same in C. */
    @TearDown(Level.Iteration)
    public void measureC(IterationParams iteration) {
        if (baseline != null && samples != null) {
            double nanos = baseline.ask("ioctl " + BATCH)[0];
            if (iteration.getType() == IterationType.MEASUREMENT) {
                samples.add("binding/ioctl", "c", nanos);
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
