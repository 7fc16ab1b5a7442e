package io.javisor.core.memory;

/**
 * A stretch of guest RAM to be made.
 *
 * @param startGpa its first guest-physical address, a multiple of 4 KiB
 * @param sizeBytes its length, a multiple of 4 KiB (2 MiB on huge pages), above 0
 */
public record RegionSpec(long startGpa, long sizeBytes) {
    /** The guest-physical address after the last byte. */
    public long endGpa() {
        return startGpa + sizeBytes;
    }
}
