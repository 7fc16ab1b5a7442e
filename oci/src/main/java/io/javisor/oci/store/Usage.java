package io.javisor.oci.store;

/**
 * What the store takes.
 *
 * @param images how many different ones
 * @param active how many of them containers use
 * @param sizeBytes of all files, each counted once
 * @param reclaimableBytes what would be free if all images went that no container uses, and what no image needs
 */
public record Usage(int images, int active, long sizeBytes, long reclaimableBytes) {}
