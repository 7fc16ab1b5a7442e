package io.javisor.images.disk;

/** A partition with a file system that can be read. */
public record Volume(Partition partition, FileSystem files) {}
