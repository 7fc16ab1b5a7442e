package io.javisor.machine.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What a machine starts: one of these. */
public sealed interface BootConfig {
    /**
     * A kernel in a file of its own.
     *
     * @param kernel a bzImage, an ELF image or a Multiboot kernel
     * @param cache a directory for decompressed kernels, which need not be there; null to keep none
     */
    record KernelBoot(
            Path kernel, KernelOptions options, @Nullable Path cache) implements BootConfig {
        /** That kernel with {@link KernelOptions#DEFAULT} and without a cache. */
        public static KernelBoot of(Path kernel) {
            return new KernelBoot(kernel, KernelOptions.DEFAULT, null);
        }

        @Override
        public KernelBoot with(KernelOptions other) {
            return new KernelBoot(kernel, other, cache);
        }

        /** The same with decompressed kernels kept in {@code directory}; null to keep none. */
        public KernelBoot withCache(@Nullable Path directory) {
            return new KernelBoot(kernel, options, directory);
        }
    }

    /**
     * The kernel on the machine's first disk that the disk's own boot loader would start. The disk has partitions. It is looked for anew whenever
     * the guest resets.
     *
     * @param options what they leave open is as the disk's boot loader has it
     */
    record DiskKernelBoot(KernelOptions options) implements BootConfig {
        /** All as the disk's boot loader has it. */
        public static final DiskKernelBoot DEFAULT = new DiskKernelBoot(KernelOptions.DEFAULT);

        @Override
        public DiskKernelBoot with(KernelOptions other) {
            return new DiskKernelBoot(other);
        }
    }

    /** What the kernel is started with, and how. */
    KernelOptions options();

    /** The same kernel, started with other options. */
    BootConfig with(KernelOptions other);
}
