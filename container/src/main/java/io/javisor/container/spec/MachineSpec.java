package io.javisor.container.spec;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The machine around a container.
 *
 * @param memoryBytes 0 for what follows from the container's limit
 * @param cpus virtual processors, 0 for what follows from the container's limit
 * @param accel by what it runs, as {@code --accel} takes it; null for what there is
 * @param kernel in the place of the default guest's; null
 */
public record MachineSpec(
        long memoryBytes,
        int cpus,
        @Nullable String accel,
        @Nullable Path kernel) {}
