package io.javisor.container.runtime;

import io.javisor.container.spec.ContainerSpec;
import io.javisor.manager.registry.MachineEntry;
import io.javisor.oci.store.RootFiles;
import java.nio.file.Path;

/**
 * All that a container needs to run in this process.
 *
 * @param entry where it is kept, which this process holds
 * @param spec what it is to be
 * @param root its image's files, which stay while it runs
 * @param guest what boots
 * @param cache the user's directory for what can be made again
 */
public record ContainerSetup(MachineEntry entry, ContainerSpec spec, RootFiles root, GuestFiles guest, Path cache) {
    /** Whether what is written in it is on a disk; else it is kept in memory, for nothing can be written but to what is mounted. */
    boolean hasWritableDisk() {
        return !spec.root().readOnly();
    }

    /** Whether what is written in it outlives a crash of its machine: of what is removed at its end nobody could see it. */
    boolean isLasting() {
        return !entry.about().removeAtEnd();
    }
}
