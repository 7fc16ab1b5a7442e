package io.javisor.container.runtime;

import io.javisor.container.spec.ContainerSpec;
import io.javisor.machine.config.CpusConfig;

/**
 * How large a container's machine is.
 *
 * @param memoryBytes of it, the kernel's share included; a multiple of 1 MiB
 * @param cpus 1 to {@link CpusConfig#MAX_COUNT}
 */
record GuestSize(long memoryBytes, int cpus) {
    /** Of a container without a limit. */
    static final long DEFAULT_MEMORY_BYTES = 512L << 20;

    /** What the kernel and the agent take for themselves in a machine of no size: code, data, the files that they came in, what is kept free. */
    static final long KERNEL_BYTES = 80L << 20;

    /** Of each page the kernel keeps 64 bytes, and of each GiB further tables. */
    private static final int KERNEL_SHARE = 32;

    private static final int DEFAULT_MAX_CPUS = 4;
    private static final long PERIOD_MICROS = 100_000;
    private static final long MIB = 1 << 20;

    /**
     * By what its user said of the machine, else by the container's limits.
     *
     * @param hostCpus how many the host has
     * @param software whether it runs by the software engine, where each further processor is a thread of the host's that also waits for the others
     */
    static GuestSize of(ContainerSpec spec, int hostCpus, boolean software) {
        return new GuestSize(memory(spec), cpus(spec, hostCpus, software));
    }

    private static long memory(ContainerSpec spec) {
        long limit = spec.limits().memoryBytes();
        long wanted = spec.machine().memoryBytes() > 0
                ? spec.machine().memoryBytes()
                : limit == 0 ? DEFAULT_MEMORY_BYTES : Math.addExact(limit + limit / KERNEL_SHARE, KERNEL_BYTES);
        return (wanted + MIB - 1) / MIB * MIB;
    }

    private static int cpus(ContainerSpec spec, int hostCpus, boolean software) {
        if (spec.machine().cpus() > 0) {
            return spec.machine().cpus();
        }
        long micros = spec.limits().cpuMicros();
        if (micros > 0) {
            // More than the host has would only wait for each other.
            return Math.clamp(
                    (micros + PERIOD_MICROS - 1) / PERIOD_MICROS, 1, Math.clamp(hostCpus, 1, CpusConfig.MAX_COUNT));
        }
        return software ? 1 : Math.clamp(hostCpus, 1, DEFAULT_MAX_CPUS);
    }
}
