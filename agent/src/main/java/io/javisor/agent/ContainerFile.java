package io.javisor.agent;

import java.time.Instant;

/**
 * What is at a path of a container's. All of it is the container's word.
 *
 * @param mode kind and permissions, as in Linux's {@code st_mode}
 * @param size in bytes, not negative
 * @param path where the path that was asked for leads, without links before its last name
 * @param target where a link leads in the end, or its text if nothing is there; else empty
 */
public record ContainerFile(int mode, long size, Instant modified, String path, String target) {
    private static final int KIND = 0170000;
    private static final int DIRECTORY = 0040000;
    private static final int LINK = 0120000;

    public boolean isDirectory() {
        return (mode & KIND) == DIRECTORY;
    }

    public boolean isLink() {
        return (mode & KIND) == LINK;
    }
}
