package io.javisor.container.runtime;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What boots in a container's machine.
 *
 * @param kernel the default guest's, or one that its user named
 * @param initrd whose process 1 is the agent
 * @param kernelCache a directory for decompressed kernels, which need not be there; null to keep none
 */
public record GuestFiles(Path kernel, Path initrd, @Nullable Path kernelCache) {}
