package io.javisor.machine.config;

import java.nio.file.Path;
import java.util.List;

/**
 * Files as memory that the guest can only read, one right behind the other: a file system that can (DAX) is used where it lies, without a copy in the
 * guest's memory. Any number of machines may have the same files, and share what the host has of them. The guest's memory gets smaller by 64 bytes for
 * each 4 KiB of them.
 *
 * @param files in their order, at least one, each of whole pages of {@link MemorySize#PAGE_SIZE}; a file may be there several times. Nobody may shorten one: the
 *     machine's process ends then
 */
public record PmemConfig(List<Path> files) implements VirtioDeviceConfig {
    /** @throws ConfigException if there is no file */
    public PmemConfig {
        files = List.copyOf(files);
        StitchedDiskConfig.requireFiles(files);
    }

    @Override
    public String kind() {
        return "pmem";
    }

    @Override
    public String description() {
        return "virtio persistent memory, read-only: " + StitchedDiskConfig.names(files);
    }
}
