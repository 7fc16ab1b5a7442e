package io.javisor.container.spec;

import java.util.List;

/**
 * A container's file system.
 *
 * @param readOnly whether nothing can be written to it but to what is mounted
 * @param mounts file systems in memory
 * @param shmBytes the size of {@code /dev/shm}
 */
public record RootSpec(boolean readOnly, List<Tmpfs> mounts, long shmBytes) {
    public RootSpec {
        mounts = List.copyOf(mounts);
    }

    /**
     * A file system in memory.
     *
     * @param path where in the container, absolute
     * @param options as mount(8) has them, such as {@code rw,size=64m}; ""
     */
    public record Tmpfs(String path, String options) {}
}
