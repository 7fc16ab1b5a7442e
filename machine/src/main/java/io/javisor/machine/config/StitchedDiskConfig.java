package io.javisor.machine.config;

import java.nio.file.Path;
import java.util.List;

/**
 * A disk that the guest can only read, of several files one right behind the other. Any number of machines may have the same ones.
 *
 * @param files in their order, at least one, each of whole blocks of {@link MemorySize#PAGE_SIZE}; a file may be there several times
 * @param serial what the guest sees as its serial number: at most 20 characters of ASCII
 */
public record StitchedDiskConfig(List<Path> files, String serial) implements VirtioDeviceConfig {
    /** @throws ConfigException if there is no file, or the serial number is none */
    public StitchedDiskConfig {
        files = List.copyOf(files);
        requireFiles(files);
        DiskConfig.requireSerial(serial);
    }

    static void requireFiles(List<Path> files) {
        if (files.isEmpty()) {
            throw new ConfigException("an image of no files");
        }
    }

    @Override
    public String kind() {
        return "image";
    }

    @Override
    public String description() {
        return "virtio disk: " + names(files) + ",readonly" + (serial.isEmpty() ? "" : ",serial=" + serial);
    }

    /** What says which files these are, in a few words. */
    static String names(List<Path> files) {
        return files.getFirst() + (files.size() == 1 ? "" : " and " + (files.size() - 1) + " more");
    }
}
